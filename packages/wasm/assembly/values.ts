/**
 * Σ ψ over the pairs of a tile, whose cosines stay as they are: for energies without their gradient, and for several energies of the same
 * cosines. Near pairs come from the list of `near.ts`.
 */
import { farValue } from "../generated/assembly/potentials";
import { nearAt, nearChord, nearCount, nearI, nearJ, nearMask, nearProduct } from "./near";
import { NEAR_SQUARED, isTwoSided, psi, quickMode, value } from "./potential";
import { quickValues, quickValueSum } from "./quick";
import { splat, sum4 } from "./simd";
import { beyondMask, columnMask, lane, pairAddress } from "./slopes";
import { BENDS, SLOPES, SLOPE_BYTES } from "./tiles";

/**
 * Of the energy that `usePair` was told.
 *
 * @param keep whether each ψ is kept too, in the place of the tile's bends, 0 where there is no pair
 */
export function sumValues(scratch: usize, countI: i32, countJ: i32, diagonal: bool, keep: bool): f64 {
  const base = scratch + SLOPES, to = keep ? scratch + BENDS : 0;
  if (keep && diagonal) memory.fill(to, 0, <usize>((countJ + 7) >> 3) * SLOPE_BYTES);
  let sum: f64 = 0;
  for (let i = 0; i < countI; i += 4) {
    const high = min(4, countI - i);
    const quick = quickMode >= 0 && high == 4;
    let rows = splat(0);
    for (let j = diagonal ? i : 0; j < countJ; j += 4) {
      if (quick && !(diagonal && j == i)) {
        j = quickValues(quickMode, base, to, i, j, countJ & ~3);
        sum += quickValueSum;
        if (j >= countJ) break;
      }
      for (let r = i; r < i + high; r++) {
        const values = valuesOf(base, r, j, countJ, diagonal);
        rows = f32x4.add(rows, values);
        if (keep) v128.store(pairAddress(to, r, j), values);
      }
    }
    sum += sum4(rows);
  }
  return sum + nearValues(scratch, to);
}

/** Rows that are added up in float32 before their sum joins that of others: sums of many numbers lose digits. */
const AT_ONCE = 30;

/** Σ ψ as the last `sweepValues` found it. */
export let sweptSum: f64 = 0;

/**
 * Σ ψ of a tile without a diagonal, with whole panels of columns, and without near pairs: eight columns at a time, down all rows, for the
 * potentials that have a short form. That there are no near pairs comes out on the way; where there are some, or the tile isn't such a
 * one, what was added up is of no use, and this returns false.
 */
export function sweepValues(scratch: usize, countI: i32, countJ: i32, diagonal: bool): bool {
  if (quickMode < 0 || diagonal || (countJ & 7) != 0) return false;
  sweptSum = 0;
  for (let j = 0; j < countJ; j += 8) {
    if (!sweepOf(quickMode, scratch + SLOPES + <usize>(j >> 3) * SLOPE_BYTES, countI)) return false;
  }
  return true;
}

function sweepOf(mode: i32, panel: usize, countI: i32): bool {
  switch (mode) {
    case 0: return sweepPanel(0, panel, countI);
    case 1: return sweepPanel(1, panel, countI);
    case 2: return sweepPanel(2, panel, countI);
    case 3: return sweepPanel(3, panel, countI);
    case 4: return sweepPanel(4, panel, countI);
    default: return sweepPanel(5, panel, countI);
  }
}

// @ts-ignore: decorator
@inline function sweepPanel(mode: i32, panel: usize, countI: i32): bool {
  let sum = splat(0), most = splat(0);
  let at = panel;
  for (let i = 0; i < countI; i += AT_ONCE) {
    const end = panel + (<usize>min(countI, i + AT_ONCE) << 5);
    let s0 = splat(0), s1 = splat(0);
    for (; at < end; at += 32) {
      const c0 = v128.load(at), c1 = v128.load(at, 16);
      most = f32x4.pmax(most, f32x4.pmax(f32x4.abs(c0), f32x4.abs(c1)));
      s0 = f32x4.add(s0, farValue(mode, c0));
      s1 = f32x4.add(s1, farValue(mode, c1));
    }
    sum = f32x4.add(sum, f32x4.add(s0, s1));
  }
  sweptSum += sum4(sum);
  // What `nearMask` says of any of them.
  return !v128.any_true(f32x4.lt(f32x4.sub(splat(2), f32x4.add(most, most)), splat(NEAR_SQUARED)));
}

/** ψ of row i with four columns; 0 where there is no pair, or one of the list. */
function valuesOf(base: usize, i: i32, j: i32, countJ: i32, diagonal: bool): v128 {
  const c = v128.load(pairAddress(base, i, j));
  let keep = columnMask(j, countJ);
  if (diagonal) keep = v128.and(keep, beyondMask(j, i));
  let near = nearMask(c);
  if (!isTwoSided) near = v128.and(near, f32x4.gt(c, splat(0)));
  const twice = f32x4.add(c, c);
  psi(f32x4.sub(splat(2), twice), f32x4.add(splat(2), twice));
  return v128.and(value, v128.andnot(keep, near));
}

/** Σ ψ of the list; what is near −x_j alone is no near pair where only x_j matters. */
function nearValues(scratch: usize, to: usize): f64 {
  let sum: f64 = 0;
  for (let n = 0; n < nearCount; n++) {
    const at = nearAt(scratch, n);
    const isOpposite = nearProduct(at) < 0;
    if (isOpposite && !isTwoSided) continue;
    const chord = splat(<f32>nearChord(at)), other = splat(<f32>(4 - nearChord(at)));
    if (isOpposite) psi(other, chord);
    else psi(chord, other);
    const own = lane(value, 0);
    sum += <f64>own;
    if (to != 0) {
      const j = nearJ(at);
      store<f32>(pairAddress(to, nearI(at), j) + (<usize>(j & 3) << 2), own);
    }
  }
  return sum;
}

/** Adds the tile's ψ, as `sumValues` kept them, to the shares of its rows and of its columns, float64. */
export function addShares(scratch: usize, countI: i32, countJ: i32, sharesI: usize, sharesJ: usize): void {
  const from = scratch + BENDS;
  for (let i = 0; i < countI; i++) {
    let row = splat(0);
    for (let j = 0; j < countJ; j += 4) row = f32x4.add(row, v128.load(pairAddress(from, i, j)));
    const at = sharesI + (<usize>i << 3);
    store<f64>(at, load<f64>(at) + sum4(row));
  }
  for (let j = 0; j < countJ; j += 4) {
    let columns = splat(0);
    for (let i = 0; i < countI; i++) columns = f32x4.add(columns, v128.load(pairAddress(from, i, j)));
    for (let n = 0, left = min(4, countJ - j); n < left; n++) {
      const at = sharesJ + (<usize>(j + n) << 3);
      store<f64>(at, load<f64>(at) + <f64>lane(columns, n));
    }
  }
}
