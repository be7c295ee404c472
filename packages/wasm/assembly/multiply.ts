/**
 * The inner loop of everything: a block of 4 rows × 8 columns of a product, eight accumulators in registers. One step of k in
 * a turn of the loop; two make the engine spill.
 */
import { multiplyAdd, splat } from "./simd";

/**
 * C[i][j] = (add ? C[i][j] : 0) + Σ_k A[k][i]·B[k][j].
 *
 * @param a packed `[depth][4]`
 * @param b packed `[depth][8]`
 * @param c the four rows lie `rowBytes` apart, the two halves of a row `halfBytes`
 */
export function multiplyBlock(a: usize, b: usize, depth: i32, c: usize, rowBytes: usize, halfBytes: usize, add: bool): void {
  const c1 = c + rowBytes, c2 = c1 + rowBytes, c3 = c2 + rowBytes;
  let c00 = splat(0), c01 = splat(0), c10 = splat(0), c11 = splat(0);
  let c20 = splat(0), c21 = splat(0), c30 = splat(0), c31 = splat(0);
  if (add) {
    c00 = v128.load(c);
    c01 = v128.load(c + halfBytes);
    c10 = v128.load(c1);
    c11 = v128.load(c1 + halfBytes);
    c20 = v128.load(c2);
    c21 = v128.load(c2 + halfBytes);
    c30 = v128.load(c3);
    c31 = v128.load(c3 + halfBytes);
  }
  const end = a + (<usize>depth << 4);
  while (a != end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(a);
    c00 = multiplyAdd(a0, b0, c00);
    c01 = multiplyAdd(a0, b1, c01);
    const a1 = v128.load_splat<f32>(a, 4);
    c10 = multiplyAdd(a1, b0, c10);
    c11 = multiplyAdd(a1, b1, c11);
    const a2 = v128.load_splat<f32>(a, 8);
    c20 = multiplyAdd(a2, b0, c20);
    c21 = multiplyAdd(a2, b1, c21);
    const a3 = v128.load_splat<f32>(a, 12);
    c30 = multiplyAdd(a3, b0, c30);
    c31 = multiplyAdd(a3, b1, c31);
    a += 16;
    b += 32;
  }
  v128.store(c, c00);
  v128.store(c + halfBytes, c01);
  v128.store(c1, c10);
  v128.store(c1 + halfBytes, c11);
  v128.store(c2, c20);
  v128.store(c2 + halfBytes, c21);
  v128.store(c3, c30);
  v128.store(c3 + halfBytes, c31);
}

/**
 * A row-major product of packed panels, whose last ones may be partial.
 *
 * @param a panels of 4 rows, `aBytes` apart; b panels of 8 columns, `bBytes` apart; both zero beyond their edge
 * @param c `[rows][columns]`, rows `rowBytes` apart
 * @param spare 128 bytes
 */
export function multiplyPanels(
  a: usize, aBytes: usize, b: usize, bBytes: usize, depth: i32,
  c: usize, rows: i32, columns: i32, rowBytes: usize, add: bool, spare: usize,
): void {
  for (let j = 0; j < columns; j += 8) {
    const panel = b + <usize>(j >> 3) * bBytes;
    const column = c + (<usize>j << 2);
    const wide = columns - j;
    for (let i = 0; i < rows; i += 4) {
      const block = column + <usize>i * rowBytes;
      const left = a + <usize>(i >> 2) * aBytes;
      if (wide >= 8 && rows - i >= 4) {
        multiplyBlock(left, panel, depth, block, rowBytes, 16, add);
      } else {
        multiplyBlock(left, panel, depth, spare, 32, 16, false);
        copyPart(spare, block, min(4, rows - i), min(8, wide), rowBytes, add);
      }
    }
  }
}

function copyPart(from: usize, to: usize, rows: i32, columns: i32, rowBytes: usize, add: bool): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const at = to + <usize>i * rowBytes + (<usize>j << 2);
      const value = load<f32>(from + (<usize>(i * 8 + j) << 2));
      store<f32>(at, add ? load<f32>(at) + value : value);
    }
  }
}
