/**
 * Shorthands. `multiplyAdd` is the only place where the two builds differ: relaxed SIMD has a fused one.
 *
 * The kernels take the larger and the smaller of two by `f32x4.pmax(a, b)` and `pmin`, a unless b is beyond it: one instruction of x86, where
 * `max` and `min`, which are particular about NaN and signed zeros, are eight in a row. What may be NaN comes first, and stays.
 */

// @ts-ignore: decorator
@inline export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}
// @ts-ignore: decorator
@inline export function splat(x: f32): v128 { return f32x4.splat(x); }
// @ts-ignore: decorator
@inline export function sum4(x: v128): f64 {
  return (<f64>f32x4.extract_lane(x, 0) + <f64>f32x4.extract_lane(x, 1)) + (<f64>f32x4.extract_lane(x, 2) + <f64>f32x4.extract_lane(x, 3));
}

// Transposing four vectors is two rounds of these; see `pack.ts` and `slopes.ts`.
// @ts-ignore: decorator
@inline export function low(a: v128, b: v128): v128 { return v128.shuffle<f32>(a, b, 0, 4, 1, 5); }
// @ts-ignore: decorator
@inline export function high(a: v128, b: v128): v128 { return v128.shuffle<f32>(a, b, 2, 6, 3, 7); }
// @ts-ignore: decorator
@inline export function lowPairs(a: v128, b: v128): v128 { return v128.shuffle<f64>(a, b, 0, 2); }
// @ts-ignore: decorator
@inline export function highPairs(a: v128, b: v128): v128 { return v128.shuffle<f64>(a, b, 1, 3); }
