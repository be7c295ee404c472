/**
 * The inner loop of everything: a block of 6 (relaxed SIMD) or 4 rows × 8 columns of a product, its accumulators in registers. Six rows
 * need twelve accumulators, two vectors of B and one number of A: all 15 registers that an engine has to give; without fused
 * multiply-add the product takes one more, hence fewer rows. One step of k in a turn of the loop; two make the engine spill.
 */
import { multiplyAdd, splat } from "./simd";

/** Rows of a full panel of A; the last panel has 4 where no more are left. */
// @ts-ignore: decorator
@inline export const PANEL: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/** Rows of the panel of A that begins `left` rows before the end. */
// @ts-ignore: decorator
@inline export function panelRows(left: i32): i32 { return left > 4 ? PANEL : 4; }

/**
 * C[i][j] = (add ? C[i][j] : 0) + Σ_k A[k][i]·B[k][j], 4 rows.
 *
 * @param a packed `[depth][4]`
 * @param b packed `[depth][8]`
 * @param c rows lie `rowBytes` apart
 */
function multiply4(a: usize, b: usize, depth: i32, c: usize, rowBytes: usize, add: bool): void {
  const c1 = c + rowBytes, c2 = c1 + rowBytes, c3 = c2 + rowBytes;
  let c00 = splat(0), c01 = splat(0), c10 = splat(0), c11 = splat(0);
  let c20 = splat(0), c21 = splat(0), c30 = splat(0), c31 = splat(0);
  if (add) {
    c00 = v128.load(c);
    c01 = v128.load(c, 16);
    c10 = v128.load(c1);
    c11 = v128.load(c1, 16);
    c20 = v128.load(c2);
    c21 = v128.load(c2, 16);
    c30 = v128.load(c3);
    c31 = v128.load(c3, 16);
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
  v128.store(c, c01, 16);
  v128.store(c1, c10);
  v128.store(c1, c11, 16);
  v128.store(c2, c20);
  v128.store(c2, c21, 16);
  v128.store(c3, c30);
  v128.store(c3, c31, 16);
}

/** The same with 6 rows, a packed `[depth][6]`. */
function multiply6(a: usize, b: usize, depth: i32, c: usize, rowBytes: usize, add: bool): void {
  const c1 = c + rowBytes, c2 = c1 + rowBytes, c3 = c2 + rowBytes, c4 = c3 + rowBytes, c5 = c4 + rowBytes;
  let c00 = splat(0), c01 = splat(0), c10 = splat(0), c11 = splat(0);
  let c20 = splat(0), c21 = splat(0), c30 = splat(0), c31 = splat(0);
  let c40 = splat(0), c41 = splat(0), c50 = splat(0), c51 = splat(0);
  if (add) {
    c00 = v128.load(c);
    c01 = v128.load(c, 16);
    c10 = v128.load(c1);
    c11 = v128.load(c1, 16);
    c20 = v128.load(c2);
    c21 = v128.load(c2, 16);
    c30 = v128.load(c3);
    c31 = v128.load(c3, 16);
    c40 = v128.load(c4);
    c41 = v128.load(c4, 16);
    c50 = v128.load(c5);
    c51 = v128.load(c5, 16);
  }
  const end = a + <usize>depth * 24;
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
    const a4 = v128.load_splat<f32>(a, 16);
    c40 = multiplyAdd(a4, b0, c40);
    c41 = multiplyAdd(a4, b1, c41);
    const a5 = v128.load_splat<f32>(a, 20);
    c50 = multiplyAdd(a5, b0, c50);
    c51 = multiplyAdd(a5, b1, c51);
    a += 24;
    b += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c1, c10);
  v128.store(c1, c11, 16);
  v128.store(c2, c20);
  v128.store(c2, c21, 16);
  v128.store(c3, c30);
  v128.store(c3, c31, 16);
  v128.store(c4, c40);
  v128.store(c4, c41, 16);
  v128.store(c5, c50);
  v128.store(c5, c51, 16);
}

/** A panel of A with one of B; `rows` is what `panelRows` says. */
// @ts-ignore: decorator
@inline export function multiplyBlock(rows: i32, a: usize, b: usize, depth: i32, c: usize, rowBytes: usize, add: bool): void {
  if (rows == 6) multiply6(a, b, depth, c, rowBytes, add);
  else multiply4(a, b, depth, c, rowBytes, add);
}

/**
 * A row-major product of packed panels, whose last ones may be partial. A panel of A stays in the nearest cache while those of B
 * stream, so that the rows of C stream too: down a column of blocks they would lie a power of two apart and throw each other out.
 *
 * @param a panels of rows, each row taking `aBytes`; b panels of 8 columns, `bBytes` apart; both zero beyond their edge
 * @param c `[rows][columns]`, rows `rowBytes` apart
 * @param spare 192 bytes
 */
export function multiplyPanels(
  a: usize, aBytes: usize, b: usize, bBytes: usize, depth: i32,
  c: usize, rows: i32, columns: i32, rowBytes: usize, add: bool, spare: usize,
): void {
  for (let i = 0, high = 0; i < rows; i += high) {
    high = panelRows(rows - i);
    const left = a + <usize>i * aBytes;
    const row = c + <usize>i * rowBytes;
    const whole = rows - i >= high;
    for (let j = 0; j < columns; j += 8) {
      const panel = b + <usize>(j >> 3) * bBytes;
      const block = row + (<usize>j << 2);
      if (whole && columns - j >= 8) {
        multiplyBlock(high, left, panel, depth, block, rowBytes, add);
      } else {
        multiplyBlock(high, left, panel, depth, spare, 32, false);
        copyPart(spare, block, min(high, rows - i), min(8, columns - j), rowBytes, add);
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
