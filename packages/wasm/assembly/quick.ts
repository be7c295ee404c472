/**
 * Cosines to slopes for the potentials that matter most, chordal s = 0, 1, 2, where no pair of a block is near and none is missing: a
 * handful of instructions on c itself, without the clamps that such pairs don't need, and in half space without cancellation
 * between φ(c) and φ(−c). Everything else goes through `potential.ts`.
 */
import { naturalLog } from "./functions";
import { splat, sum4 } from "./simd";
import { pairAddress, storeBlock } from "./slopes";

/** |c| where u = 2 − 2c (or v) is NEAR_SQUARED. */
const NEAR_COSINE: f32 = 0.995;

/** 1 − c², with u·v = 4(1 − c²). */
// @ts-ignore: decorator
@inline function sineSquared(c: v128): v128 { return f32x4.mul(f32x4.sub(splat(1), c), f32x4.add(splat(1), c)); }
// @ts-ignore: decorator
@inline function twiceMinus(c: v128): v128 { return f32x4.sub(splat(2), f32x4.add(c, c)); }
// @ts-ignore: decorator
@inline function twicePlus(c: v128): v128 { return f32x4.add(splat(2), f32x4.add(c, c)); }
// @ts-ignore: decorator
@inline function inverse(x: v128): v128 { return f32x4.div(splat(1), x); }

/** ψ; `mode` is 2s, plus 1 in half space. */
// @ts-ignore: decorator
@inline function quickValue(mode: i32, c: v128): v128 {
  if (mode == 0) return f32x4.mul(splat(-0.5), naturalLog(twiceMinus(c)));
  if (mode == 1) return f32x4.mul(splat(-0.5), naturalLog(f32x4.mul(splat(4), sineSquared(c))));
  if (mode == 2) return f32x4.sqrt(inverse(twiceMinus(c)));
  if (mode == 3) return f32x4.add(f32x4.sqrt(inverse(twiceMinus(c))), f32x4.sqrt(inverse(twicePlus(c))));
  if (mode == 4) return inverse(twiceMinus(c));
  return inverse(sineSquared(c));
}

/** ψ′ */
// @ts-ignore: decorator
@inline function quickSlope(mode: i32, c: v128): v128 {
  if (mode == 0) return inverse(twiceMinus(c));
  // 1/u − 1/v
  if (mode == 1) return f32x4.div(c, sineSquared(c));
  if (mode == 2) {
    const p = inverse(twiceMinus(c));
    return f32x4.mul(p, f32x4.sqrt(p));
  }
  if (mode == 3) {
    // p³ − q³ of p = u^−½, q = v^−½, as (p² − q²)(p² + pq + q²)/(p + q), where p² − q² = 1/u − 1/v.
    const pp = inverse(twiceMinus(c)), qq = inverse(twicePlus(c));
    const p = f32x4.sqrt(pp), q = f32x4.sqrt(qq);
    const difference = f32x4.mul(splat(4), f32x4.mul(c, f32x4.mul(pp, qq)));
    return f32x4.mul(difference, f32x4.div(f32x4.add(f32x4.add(pp, qq), f32x4.mul(p, q)), f32x4.add(p, q)));
  }
  const p = inverse(mode == 4 ? twiceMinus(c) : sineSquared(c));
  const square = f32x4.mul(p, p);
  return f32x4.mul(mode == 4 ? splat(2) : f32x4.add(c, c), square);
}

/** Σ ψ of the blocks that the last call did. */
export let quickSum: f64 = 0;

// @ts-ignore: decorator
@inline function spanOf(mode: i32, base: usize, turned: usize, i: i32, j: i32, last: i32, diagonal: bool): i32 {
  let e0 = splat(0), e1 = splat(0), e2 = splat(0), e3 = splat(0);
  for (; j < last; j += 4) {
    const at = pairAddress(base, i, j);
    const c0 = v128.load(at), c1 = v128.load(at, 32), c2 = v128.load(at, 64), c3 = v128.load(at, 96);
    let most = f32x4.max(f32x4.max(c0, c1), f32x4.max(c2, c3));
    if ((mode & 1) != 0) most = f32x4.max(most, f32x4.neg(f32x4.min(f32x4.min(c0, c1), f32x4.min(c2, c3))));
    if (v128.any_true(f32x4.ge(most, splat(NEAR_COSINE)))) break;
    e0 = f32x4.add(e0, quickValue(mode, c0));
    e1 = f32x4.add(e1, quickValue(mode, c1));
    e2 = f32x4.add(e2, quickValue(mode, c2));
    e3 = f32x4.add(e3, quickValue(mode, c3));
    storeBlock(
      base, turned, i, j, diagonal,
      quickSlope(mode, c0), quickSlope(mode, c1), quickSlope(mode, c2), quickSlope(mode, c3),
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
    let most = f32x4.max(f32x4.max(c0, c1), f32x4.max(c2, c3));
    if ((mode & 1) != 0) most = f32x4.max(most, f32x4.neg(f32x4.min(f32x4.min(c0, c1), f32x4.min(c2, c3))));
    if (v128.any_true(f32x4.ge(most, splat(NEAR_COSINE)))) break;
    const v0 = quickValue(mode, c0), v1 = quickValue(mode, c1), v2 = quickValue(mode, c2), v3 = quickValue(mode, c3);
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
