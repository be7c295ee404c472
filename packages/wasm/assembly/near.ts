/**
 * The near pairs of a tile, |c| > 0.995, where 2 ∓ 2c has lost digits: they are listed with the chord that the difference of their rows
 * gives, in float64, and whoever goes over the tile's cosines leaves them to the list.
 */
import { splat } from "./simd";
import { beyondMask, columnMask, lane, pairAddress, squaredChord } from "./slopes";
import { NEAR_SQUARED } from "./potential";
import { NEAR, SLOPES } from "./tiles";

/** i and j within the tile (int32), the squared chord to x_j or −x_j (float64), and the cosine as the product gave it (float32). */
const NEAR_BYTES: usize = 24;

/** How many pairs the last `listNear` found. */
export let nearCount: i32 = 0;

// @ts-ignore: decorator
@inline export function nearAt(scratch: usize, n: i32): usize { return scratch + NEAR + <usize>n * NEAR_BYTES; }
// @ts-ignore: decorator
@inline export function nearI(at: usize): i32 { return load<i32>(at); }
// @ts-ignore: decorator
@inline export function nearJ(at: usize): i32 { return load<i32>(at, 4); }
/** 2 − 2c near x_j, 2 + 2c near −x_j. */
// @ts-ignore: decorator
@inline export function nearChord(at: usize): f64 { return load<f64>(at, 8); }
/** As the product gave it: its sign says near what the pair is. */
// @ts-ignore: decorator
@inline export function nearProduct(at: usize): f32 { return load<f32>(at, 16); }

/** Lanes with |c| > 0.995. */
// @ts-ignore: decorator
@inline export function nearMask(c: v128): v128 {
  const size = f32x4.abs(c);
  return f32x4.lt(f32x4.sub(splat(2), f32x4.add(size, size)), splat(NEAR_SQUARED));
}

/** There are none in this tile. */
export function noNear(): void { nearCount = 0; }

/**
 * Finds them among the cosines in scratch memory.
 *
 * @param xI rows of the tile, xJ its columns; inversesI and inversesJ their 1/ρ, float64: with ε > 0 rows are a little short
 */
export function listNear(
  scratch: usize, countI: i32, countJ: i32, diagonal: bool, xI: usize, xJ: usize, dim: i32, epsilon: f64, inversesI: usize, inversesJ: usize,
): void {
  const rowBytes = <usize>dim << 2;
  nearCount = 0;
  for (let i = 0; i < countI; i++) {
    for (let j = diagonal ? (i + 1) & ~3 : 0; j < countJ; j += 4) {
      const c = v128.load(pairAddress(scratch + SLOPES, i, j));
      let near = nearMask(c);
      if (!v128.any_true(near)) continue;
      near = v128.and(near, columnMask(j, countJ));
      if (diagonal) near = v128.and(near, beyondMask(j, i));
      const lanes = i32x4.bitmask(near);
      for (let n = 0; n < 4; n++) {
        if (!((lanes >> n) & 1)) continue;
        const product = lane(c, n);
        let chord = squaredChord(xI + <usize>i * rowBytes, xJ + <usize>(j + n) * rowBytes, dim, product < 0 ? -1 : 1);
        if (epsilon > 0) {
          // 2 − 2c = (1 − |x_i|²) + (1 − |x_j|²) + |x_i − x_j|², without cancellation
          const a = load<f64>(inversesI + (<usize>i << 3)), b = load<f64>(inversesJ + (<usize>(j + n) << 3));
          chord += epsilon * a * a + epsilon * b * b;
        }
        const at = nearAt(scratch, nearCount++);
        store<i32>(at, i);
        store<i32>(at, j + n, 4);
        store<f64>(at, chord, 8);
        store<f32>(at, product, 16);
      }
    }
  }
}
