/** Blocks of 4×4 pairs of a tile: masks, and slopes kept once and once transposed so that both gradients stream. */
import { high, highPairs, low, lowPairs } from "./simd";
import { SLOPE_BYTES } from "./tiles";

/** Lanes of columns that exist. */
// @ts-ignore: decorator
@inline export function columnMask(j: i32, count: i32): v128 {
  return i32x4.lt_s(i32x4.add(i32x4.splat(j), i32x4(0, 1, 2, 3)), i32x4.splat(count));
}

/** Lanes beyond row i: the upper triangle. */
// @ts-ignore: decorator
@inline export function beyondMask(j: i32, i: i32): v128 {
  return i32x4.gt_s(i32x4.add(i32x4.splat(j), i32x4(0, 1, 2, 3)), i32x4.splat(i));
}

/** Where the cosines of row i with columns j … j+3 lie. */
// @ts-ignore: decorator
@inline export function pairAddress(base: usize, i: i32, j: i32): usize {
  return base + <usize>(j >> 3) * SLOPE_BYTES + (<usize>i << 5) + (<usize>(j & 4) << 2);
}

/**
 * Stores a block, rows i … i+3 × columns j … j+3. Of a tile on the diagonal only blocks with j ≥ i come, and go to `turned` alone, once
 * for each triangle; on the diagonal itself the block is its upper triangle, with half of the diagonal.
 */
// @ts-ignore: decorator
@inline export function storeBlock(base: usize, turned: usize, i: i32, j: i32, diagonal: bool, k0: v128, k1: v128, k2: v128, k3: v128): void {
  const ab = low(k0, k1), cd = low(k2, k3), ef = high(k0, k1), gh = high(k2, k3);
  let t0 = lowPairs(ab, cd), t1 = highPairs(ab, cd), t2 = lowPairs(ef, gh), t3 = highPairs(ef, gh);
  const mirrored = diagonal ? turned : base;
  if (diagonal && i == j) {
    t0 = f32x4.add(t0, k0);
    t1 = f32x4.add(t1, k1);
    t2 = f32x4.add(t2, k2);
    t3 = f32x4.add(t3, k3);
  } else {
    const at = pairAddress(mirrored, i, j);
    v128.store(at, k0);
    v128.store(at, k1, 32);
    v128.store(at, k2, 64);
    v128.store(at, k3, 96);
  }
  const at = pairAddress(turned, j, i);
  v128.store(at, t0);
  v128.store(at, t1, 32);
  v128.store(at, t2, 64);
  v128.store(at, t3, 96);
}

/** Σ (a − sign·b)², in float64. */
export function squaredChord(a: usize, b: usize, dim: i32, sign: f32): f64 {
  let sum: f64 = 0;
  for (let k: usize = 0, end = <usize>dim << 2; k < end; k += 4) {
    const difference = <f64>(load<f32>(a + k) - sign * load<f32>(b + k));
    sum += difference * difference;
  }
  return sum;
}

/** to += scale·(a − sign·b) */
export function addDifference(to: usize, scale: f32, a: usize, b: usize, dim: i32, sign: f32): void {
  for (let k: usize = 0, end = <usize>dim << 2; k < end; k += 4) {
    store<f32>(to + k, load<f32>(to + k) + scale * (load<f32>(a + k) - sign * load<f32>(b + k)));
  }
}

// @ts-ignore: decorator
@inline export function lane(x: v128, n: i32): f32 {
  if (n == 0) return f32x4.extract_lane(x, 0);
  if (n == 1) return f32x4.extract_lane(x, 1);
  if (n == 2) return f32x4.extract_lane(x, 2);
  return f32x4.extract_lane(x, 3);
}

/** All ones in one lane. */
export function laneMask(n: i32): v128 { return i32x4.eq(i32x4(0, 1, 2, 3), i32x4.splat(n)); }
