/**
 * Cosines about another point than the origin, of a tile's pairs: rows w − o instead of w. Their cosine is a combination of that about the
 * origin with a few numbers of either row, c′_ij = p_i p_j c_ij − q_i b_j − b_i q_j, so that one product of rows serves both.
 */
import { splat, sum4 } from "./simd";
import { beyondMask, columnMask, pairAddress } from "./slopes";
import { SLOPES } from "./tiles";

/** Σ|c′| and Σc′² of the last tile. */
export let absoluteSumAbout: f64 = 0;
export let squareSumAbout: f64 = 0;

/** Rows that are added up in float32 at once, as in `moments.ts`. */
const AT_ONCE = 30;

/**
 * @param rowsI p of the tile's rows, float32; q and b lie `stride` and twice that beyond. rowsJ: likewise of its columns, readable up to a
 *   multiple of four
 */
export function addAbout(scratch: usize, countI: i32, countJ: i32, diagonal: bool, rowsI: usize, rowsJ: usize, stride: usize): void {
  absoluteSumAbout = squareSumAbout = 0;
  for (let j = 0; j < countJ; j += 4) {
    const column = rowsJ + (<usize>j << 2);
    const p = v128.load(column), q = v128.load(column + stride), b = v128.load(column + 2 * stride);
    const whole = j + 4 <= countJ;
    const exists = columnMask(j, countJ);
    let absolute = splat(0), square = splat(0);
    for (let i = 0, last = diagonal ? min(countI, j + 3) : countI; i < last;) {
      const end = min(last, i + AT_ONCE);
      let a = splat(0), s = splat(0);
      for (; i < end; i++) {
        const row = rowsI + (<usize>i << 2);
        const across = f32x4.add(
          f32x4.mul(v128.load_splat<f32>(row + stride), b), f32x4.mul(v128.load_splat<f32>(row + 2 * stride), q),
        );
        const product = f32x4.mul(f32x4.mul(v128.load_splat<f32>(row), p), v128.load(pairAddress(scratch + SLOPES, i, j)));
        let c = f32x4.sub(product, across);
        if (!whole) c = v128.and(c, exists);
        if (diagonal && j <= i) c = v128.and(c, beyondMask(j, i));
        a = f32x4.add(a, f32x4.abs(c));
        s = f32x4.add(s, f32x4.mul(c, c));
      }
      absolute = f32x4.add(absolute, a);
      square = f32x4.add(square, s);
    }
    absoluteSumAbout += sum4(absolute);
    squareSumAbout += sum4(square);
  }
}
