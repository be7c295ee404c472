/**
 * What every statistic needs of a tile's cosines: Σc, Σ|c|, Σc², and the largest |c| of each row and of each column, by which others know
 * where it is worth looking again. Tiles that are whole, most of them, are swept: eight columns at a time, down all rows, with the
 * histogram and the energies of s = 2 taken from the same numbers on the way.
 */
import { farValue, fullBesideHalf } from "../generated/assembly/potentials";
import { addAtEdges, countFour, highestCounter, lowestCounter, originOfCounters } from "./angles";
import { splat, sum4 } from "./simd";
import { beyondMask, columnMask, lane, pairAddress } from "./slopes";
import { CROSS, CROSS_TURNED, SLOPES, SLOPE_BYTES, SPARE } from "./tiles";

export let cosineSum: f64 = 0;
export let absoluteSum: f64 = 0;
export let squareSum: f64 = 0;
/** The largest |c| of all pairs. */
export let largestOfTile: f32 = 0;
/** Σψ for s = 2 in full and in half space, of a tile that was swept for them and has no near pairs. */
export let fullSum: f64 = 0;
export let halfSum: f64 = 0;

// The largest |c| of each row, and of each column, float32, in scratch memory that statistics have no other use for.
// @ts-ignore: decorator
@inline export function largestOfRow(scratch: usize, i: i32): usize { return scratch + CROSS + (<usize>i << 2); }
// @ts-ignore: decorator
@inline export function largestOfColumn(scratch: usize, j: i32): usize { return scratch + CROSS_TURNED + (<usize>j << 2); }
/** Of each row the largest |c|, and Σψ, of every fourth column, float32. */
const LARGEST: usize = CROSS + 0x400;
const ROW_SHARES: usize = CROSS + 0xc00;
/** Of each column Σψ, float32. */
const COLUMN_SHARES: usize = CROSS_TURNED + 0x400;

/** Rows that are added up in float32 before their sum joins that of others: sums of many numbers lose digits. */
const AT_ONCE = 30;

/** A near pair is put right by whoever lists them. */
export function correctMoments(product: f64, cosine: f64): void {
  cosineSum += cosine - product;
  absoluteSum += abs(cosine) - abs(product);
  squareSum += cosine * cosine - product * product;
}

/**
 * Of a tile off the diagonal with whole panels of columns.
 *
 * @param withEnergies whether `fullSum` and `halfSum` are wanted
 * @param shared whether rows' shares of one of them are wanted too, for `addSweptShares`; of half space, or of full space
 */
export function sweep(
  scratch: usize, countI: i32, countJ: i32, withEnergies: bool, shared: bool, isHalfShared: bool, withAngles: bool,
): void {
  cosineSum = absoluteSum = squareSum = fullSum = halfSum = 0;
  for (let i: usize = 0, end = <usize>countI << 4; i < end; i += 16) {
    v128.store(scratch + LARGEST + i, splat(-1));
    v128.store(scratch + ROW_SHARES + i, splat(0));
  }
  for (let j = 0; j < countJ; j += 8) {
    if (!withEnergies) sweepPanel(scratch, j, countI, false, false, false, withAngles);
    else if (shared) sweepPanel(scratch, j, countI, true, true, isHalfShared, withAngles);
    else sweepPanel(scratch, j, countI, true, false, false, withAngles);
  }
  largestOfTile = -1;
  for (let i = 0; i < countI; i++) keepLargest(scratch, i, maximum(v128.load(scratch + LARGEST + (<usize>i << 4))));
}

/** Eight columns. The first two flags are known when this is compiled. */
// @ts-ignore: decorator
@inline function sweepPanel(
  scratch: usize, j: i32, countI: i32, withEnergies: bool, shared: bool, isHalfShared: bool, withAngles: bool,
): void {
  const panel = scratch + SLOPES + <usize>(j >> 3) * SLOPE_BYTES, pending = scratch + SPARE;
  const origin = originOfCounters(), lowest = lowestCounter(), highest = highestCounter();
  const isHalf = i32x4.splat(isHalfShared ? -1 : 0);
  let sum = splat(0), absolute = splat(0), square = splat(0), full = splat(0), half = splat(0);
  let shares0 = splat(0), shares1 = splat(0);
  let m0 = splat(-1), m1 = splat(-1);
  let atEdges = pending;
  let at = panel, row = scratch + LARGEST;
  for (let i = 0; i < countI; i += AT_ONCE) {
    const end = panel + (<usize>min(countI, i + AT_ONCE) << 5);
    let s = splat(0), a = splat(0), q = splat(0), f = splat(0), h = splat(0), e0 = splat(0), e1 = splat(0);
    for (; at < end; at += 32, row += 16) {
      const c0 = v128.load(at), c1 = v128.load(at, 16);
      const a0 = f32x4.abs(c0), a1 = f32x4.abs(c1);
      s = f32x4.add(s, f32x4.add(c0, c1));
      a = f32x4.add(a, f32x4.add(a0, a1));
      q = f32x4.add(q, f32x4.add(f32x4.mul(c0, c0), f32x4.mul(c1, c1)));
      m0 = f32x4.pmax(m0, a0);
      m1 = f32x4.pmax(m1, a1);
      v128.store(row, f32x4.pmax(v128.load(row), f32x4.pmax(a0, a1)));
      if (withEnergies) {
        const h0 = farValue(5, c0), h1 = farValue(5, c1);
        const f0 = fullBesideHalf(c0, h0), f1 = fullBesideHalf(c1, h1);
        h = f32x4.add(h, f32x4.add(h0, h1));
        f = f32x4.add(f, f32x4.add(f0, f1));
        if (shared) {
          const k0 = v128.bitselect(h0, f0, isHalf), k1 = v128.bitselect(h1, f1, isHalf);
          e0 = f32x4.add(e0, k0);
          e1 = f32x4.add(e1, k1);
          v128.store(row, f32x4.add(v128.load(row, ROW_SHARES - LARGEST), f32x4.add(k0, k1)), ROW_SHARES - LARGEST);
        }
      }
      if (withAngles) {
        // Those in cells with an edge wait in a list, without a branch that no engine could foresee.
        v128.store(atEdges, c0);
        atEdges += <usize>(countFour(c0, origin, lowest, highest) >> 31) & 16;
        v128.store(atEdges, c1);
        atEdges += <usize>(countFour(c1, origin, lowest, highest) >> 31) & 16;
      }
    }
    sum = f32x4.add(sum, s);
    absolute = f32x4.add(absolute, a);
    square = f32x4.add(square, q);
    full = f32x4.add(full, f);
    half = f32x4.add(half, h);
    shares0 = f32x4.add(shares0, e0);
    shares1 = f32x4.add(shares1, e1);
  }
  const columns = <usize>j << 2;
  v128.store(scratch + CROSS_TURNED + columns, m0);
  v128.store(scratch + CROSS_TURNED + columns, m1, 16);
  cosineSum += sum4(sum);
  absoluteSum += sum4(absolute);
  squareSum += sum4(square);
  if (withEnergies) {
    fullSum += sum4(full);
    halfSum += sum4(half);
  }
  if (shared) {
    v128.store(scratch + COLUMN_SHARES + columns, shares0);
    v128.store(scratch + COLUMN_SHARES + columns, shares1, 16);
  }
  if (withAngles) for (let from = pending; from < atEdges; from += 16) addAtEdges(v128.load(from));
}

/** Adds what the last sweep found to the shares of the tile's rows and of its columns, float64. */
export function addSweptShares(scratch: usize, countI: i32, countJ: i32, sharesI: usize, sharesJ: usize): void {
  for (let i: usize = 0; i < <usize>countI; i++) {
    const at = sharesI + (i << 3);
    store<f64>(at, load<f64>(at) + sum4(v128.load(scratch + ROW_SHARES + (i << 4))));
  }
  for (let j: usize = 0; j < <usize>countJ; j++) {
    const at = sharesJ + (j << 3);
    store<f64>(at, load<f64>(at) + <f64>load<f32>(scratch + COLUMN_SHARES + (j << 2)));
  }
}

/** First column of row i's pairs, rounded down to a multiple of 4. */
// @ts-ignore: decorator
@inline function firstColumn(i: i32, diagonal: bool): i32 { return diagonal ? (i + 1) & ~3 : 0; }

/** Lanes that are pairs. */
// @ts-ignore: decorator
@inline function pairMask(i: i32, j: i32, countJ: i32, diagonal: bool): v128 {
  const keep = columnMask(j, countJ);
  return diagonal ? v128.and(keep, beyondMask(j, i)) : keep;
}

/** Of any tile; what is no pair counts as −1 where the largest is looked for. */
export function addMoments(scratch: usize, countI: i32, countJ: i32, diagonal: bool): void {
  cosineSum = absoluteSum = squareSum = 0;
  for (let j = 0; j < countJ; j += 4) v128.store(largestOfColumn(scratch, j), splat(-1));
  largestOfTile = -1;
  for (let i = 0; i < countI; i++) addMomentsOfRow(scratch, i, countJ, diagonal);
}

// @ts-ignore: decorator
@inline function maximum(x: v128): f32 { return max(max(lane(x, 0), lane(x, 1)), max(lane(x, 2), lane(x, 3))); }

function keepLargest(scratch: usize, i: i32, largest: f32): void {
  store<f32>(largestOfRow(scratch, i), largest);
  largestOfTile = max(largestOfTile, largest);
}

function addMomentsOfRow(scratch: usize, i: i32, countJ: i32, diagonal: bool): void {
  const base = scratch + SLOPES;
  let sum = splat(0), absolute = splat(0), square = splat(0), largest = splat(-1);
  for (let j = firstColumn(i, diagonal); j < countJ; j += 4) {
    let c = v128.load(pairAddress(base, i, j));
    let size = f32x4.abs(c), ranked = size;
    if (j + 4 > countJ || (diagonal && j <= i)) {
      const keep = pairMask(i, j, countJ, diagonal);
      c = v128.and(c, keep);
      size = v128.and(size, keep);
      ranked = v128.bitselect(size, splat(-1), keep);
    }
    sum = f32x4.add(sum, c);
    absolute = f32x4.add(absolute, size);
    square = f32x4.add(square, f32x4.mul(c, c));
    largest = f32x4.pmax(largest, ranked);
    const at = largestOfColumn(scratch, j);
    v128.store(at, f32x4.pmax(v128.load(at), ranked));
  }
  cosineSum += sum4(sum);
  absoluteSum += sum4(absolute);
  squareSum += sum4(square);
  keepLargest(scratch, i, maximum(largest));
}
