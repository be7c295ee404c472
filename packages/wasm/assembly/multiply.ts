/**
 * The inner loop of everything: a block of 6 (relaxed SIMD) or 4 rows × 8 columns of a product, its accumulators in registers. Six rows
 * need twelve accumulators, two vectors of B and one number of A: all 15 registers that an engine has to give; without fused
 * multiply-add the product takes one more, hence fewer rows. One step of k in a turn of the loop; two make the engine spill.
 *
 * Both sides lie in panels of 8, `[row/8][k][8]`, see `pack.ts`. Six rows of A go across two panels as often as not, so each pair of
 * rows has its own address.
 */
import { multiplyAdd, splat } from "./simd";

/** Rows of A in the block that begins `left` rows before the end. */
// @ts-ignore: decorator
@inline export function blockRows(left: i32): i32 { return ASC_FEATURE_RELAXED_SIMD && left > 4 ? 6 : 4; }

/** C[i][j] = (add ? C[i][j] : 0) + Σ_k A[k][i]·B[k][j] of two pairs of rows of A with a panel of B; rows of C lie `rowBytes` apart. */
function multiply4(p0: usize, p1: usize, b: usize, depth: i32, c: usize, rowBytes: usize, add: bool): void {
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
  const end = b + (<usize>depth << 5);
  while (b != end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(p0);
    c00 = multiplyAdd(a0, b0, c00);
    c01 = multiplyAdd(a0, b1, c01);
    const a1 = v128.load_splat<f32>(p0, 4);
    c10 = multiplyAdd(a1, b0, c10);
    c11 = multiplyAdd(a1, b1, c11);
    const a2 = v128.load_splat<f32>(p1);
    c20 = multiplyAdd(a2, b0, c20);
    c21 = multiplyAdd(a2, b1, c21);
    const a3 = v128.load_splat<f32>(p1, 4);
    c30 = multiplyAdd(a3, b0, c30);
    c31 = multiplyAdd(a3, b1, c31);
    p0 += 32;
    p1 += 32;
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

/** The same of three pairs. */
function multiply6(p0: usize, p1: usize, p2: usize, b: usize, depth: i32, c: usize, rowBytes: usize, add: bool): void {
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
  const end = b + (<usize>depth << 5);
  while (b != end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(p0);
    c00 = multiplyAdd(a0, b0, c00);
    c01 = multiplyAdd(a0, b1, c01);
    const a1 = v128.load_splat<f32>(p0, 4);
    c10 = multiplyAdd(a1, b0, c10);
    c11 = multiplyAdd(a1, b1, c11);
    const a2 = v128.load_splat<f32>(p1);
    c20 = multiplyAdd(a2, b0, c20);
    c21 = multiplyAdd(a2, b1, c21);
    const a3 = v128.load_splat<f32>(p1, 4);
    c30 = multiplyAdd(a3, b0, c30);
    c31 = multiplyAdd(a3, b1, c31);
    const a4 = v128.load_splat<f32>(p2);
    c40 = multiplyAdd(a4, b0, c40);
    c41 = multiplyAdd(a4, b1, c41);
    const a5 = v128.load_splat<f32>(p2, 4);
    c50 = multiplyAdd(a5, b0, c50);
    c51 = multiplyAdd(a5, b1, c51);
    p0 += 32;
    p1 += 32;
    p2 += 32;
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

/**
 * Rows i, i+1, … of A, as many as `blockRows(count − i)` says, with a panel of B.
 *
 * @param a panels `aBytes` apart, holding `count` rows; what C gets of rows beyond is of no use
 */
// @ts-ignore: decorator
@inline export function multiplyBlock(a: usize, aBytes: usize, i: i32, count: i32, b: usize, depth: i32, c: usize, rowBytes: usize, add: bool): void {
  const last = (count - 1) & ~1;
  const p0 = pairOf(a, aBytes, i), p1 = pairOf(a, aBytes, min(i + 2, last));
  if (blockRows(count - i) == 6) multiply6(p0, p1, pairOf(a, aBytes, min(i + 4, last)), b, depth, c, rowBytes, add);
  else multiply4(p0, p1, b, depth, c, rowBytes, add);
}

// @ts-ignore: decorator
@inline function pairOf(a: usize, aBytes: usize, i: i32): usize { return a + <usize>(i >> 3) * aBytes + (<usize>(i & 7) << 2); }

/**
 * A row-major product of packed panels, whose last ones may be partial. Rows of A stay in the nearest cache while panels of B
 * stream, so that the rows of C stream too: down a column of blocks they would lie a power of two apart and throw each other out.
 *
 * @param a panels `aBytes` apart, b panels `bBytes` apart
 * @param c `[rows][columns]`, rows `rowBytes` apart
 * @param spare 192 bytes
 */
export function multiplyPanels(
  a: usize, aBytes: usize, b: usize, bBytes: usize, depth: i32,
  c: usize, rows: i32, columns: i32, rowBytes: usize, add: bool, spare: usize,
): void {
  for (let i = 0, high = 0; i < rows; i += high) {
    high = blockRows(rows - i);
    const row = c + <usize>i * rowBytes;
    const whole = rows - i >= high;
    for (let j = 0; j < columns; j += 8) {
      const panel = b + <usize>(j >> 3) * bBytes;
      const block = row + (<usize>j << 2);
      const isWhole = whole && columns - j >= 8;
      if (isWhole && !add) {
        multiplyBlock(a, aBytes, i, rows, panel, depth, block, rowBytes, false);
        continue;
      }
      multiplyBlock(a, aBytes, i, rows, panel, depth, spare, 32, false);
      if (isWhole) {
        addBlock(spare, block, high, rowBytes);
      } else {
        copyPart(spare, block, min(high, rows - i), min(8, columns - j), rowBytes, add);
      }
    }
  }
}

/**
 * Adds a block of 8 columns. A sum over many tiles must round once a tile, not once a term as in accumulators that begin with C
 * (`test/precision.test.ts`); adding C after the loop instead makes the engine spill in it.
 */
function addBlock(from: usize, to: usize, rows: i32, rowBytes: usize): void {
  for (const end = from + (<usize>rows << 5); from < end; from += 32, to += rowBytes) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
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
