/**
 * Cosines to slopes for the potentials that matter most, chordal s = 0, 1, 2, where no pair of a block is near and none is missing: a
 * handful of instructions on c itself, without the clamps that such pairs don't need, and in half space without cancellation
 * between φ(c) and φ(−c). Everything else goes through `potential.ts`.
 */
import { farSlope, farValue } from "../generated/assembly/potentials";
import { splat, sum4 } from "./simd";
import { pairAddress, storeBlock } from "./slopes";

/** |c| where u = 2 − 2c (or v) is NEAR_SQUARED. */
const NEAR_COSINE: f32 = 0.995;

/** Σ ψ of the blocks that the last call did. */
export let quickSum: f64 = 0;

// @ts-ignore: decorator
@inline function spanOf(mode: i32, base: usize, turned: usize, i: i32, j: i32, last: i32, diagonal: bool): i32 {
  let e0 = splat(0), e1 = splat(0), e2 = splat(0), e3 = splat(0);
  for (; j < last; j += 4) {
    const at = pairAddress(base, i, j);
    const c0 = v128.load(at), c1 = v128.load(at, 32), c2 = v128.load(at, 64), c3 = v128.load(at, 96);
    let most = f32x4.pmax(f32x4.pmax(c0, c1), f32x4.pmax(c2, c3));
    if ((mode & 1) != 0) most = f32x4.pmax(most, f32x4.neg(f32x4.pmin(f32x4.pmin(c0, c1), f32x4.pmin(c2, c3))));
    if (v128.any_true(f32x4.ge(most, splat(NEAR_COSINE)))) break;
    e0 = f32x4.add(e0, farValue(mode, c0));
    e1 = f32x4.add(e1, farValue(mode, c1));
    e2 = f32x4.add(e2, farValue(mode, c2));
    e3 = f32x4.add(e3, farValue(mode, c3));
    storeBlock(
      base, turned, i, j, diagonal,
      farSlope(mode, c0), farSlope(mode, c1), farSlope(mode, c2), farSlope(mode, c3),
    );
  }
  quickSum = (sum4(e0) + sum4(e1)) + (sum4(e2) + sum4(e3));
  return j;
}

/** Blocks of rows i … i+3 from column j until one that isn't for here; returns its column. */
export function quickSpan(mode: i32, base: usize, turned: usize, i: i32, j: i32, last: i32, diagonal: bool): i32 {
  switch (mode) {
    case 0: return spanOf(0, base, turned, i, j, last, diagonal);
    case 1: return spanOf(1, base, turned, i, j, last, diagonal);
    case 2: return spanOf(2, base, turned, i, j, last, diagonal);
    case 3: return spanOf(3, base, turned, i, j, last, diagonal);
    case 4: return spanOf(4, base, turned, i, j, last, diagonal);
    default: return spanOf(5, base, turned, i, j, last, diagonal);
  }
}

/** Σ ψ of the blocks that the last call of `quickValues` did. */
export let quickValueSum: f64 = 0;

// @ts-ignore: decorator
@inline function valueSpan(mode: i32, base: usize, to: usize, i: i32, j: i32, last: i32): i32 {
  let e0 = splat(0), e1 = splat(0), e2 = splat(0), e3 = splat(0);
  for (; j < last; j += 4) {
    const at = pairAddress(base, i, j);
    const c0 = v128.load(at), c1 = v128.load(at, 32), c2 = v128.load(at, 64), c3 = v128.load(at, 96);
    let most = f32x4.pmax(f32x4.pmax(c0, c1), f32x4.pmax(c2, c3));
    if ((mode & 1) != 0) most = f32x4.pmax(most, f32x4.neg(f32x4.pmin(f32x4.pmin(c0, c1), f32x4.pmin(c2, c3))));
    if (v128.any_true(f32x4.ge(most, splat(NEAR_COSINE)))) break;
    const v0 = farValue(mode, c0), v1 = farValue(mode, c1), v2 = farValue(mode, c2), v3 = farValue(mode, c3);
    e0 = f32x4.add(e0, v0);
    e1 = f32x4.add(e1, v1);
    e2 = f32x4.add(e2, v2);
    e3 = f32x4.add(e3, v3);
    if (to != 0) {
      const there = pairAddress(to, i, j);
      v128.store(there, v0);
      v128.store(there, v1, 32);
      v128.store(there, v2, 64);
      v128.store(there, v3, 96);
    }
  }
  quickValueSum = (sum4(e0) + sum4(e1)) + (sum4(e2) + sum4(e3));
  return j;
}

/** As `quickSpan`, for ψ alone: the cosines stay as they are. `to`: where each ψ is kept, or 0. */
export function quickValues(mode: i32, base: usize, to: usize, i: i32, j: i32, last: i32): i32 {
  switch (mode) {
    case 0: return valueSpan(0, base, to, i, j, last);
    case 1: return valueSpan(1, base, to, i, j, last);
    case 2: return valueSpan(2, base, to, i, j, last);
    case 3: return valueSpan(3, base, to, i, j, last);
    case 4: return valueSpan(4, base, to, i, j, last);
    default: return valueSpan(5, base, to, i, j, last);
  }
}
