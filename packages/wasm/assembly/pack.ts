/**
 * Copies a part of a matrix into panels of 8 rows, in the order in which the blocks of `multiply.ts` read them: `[row/8][k][8]`, zeros
 * beyond the edge. What is a row here is a column where the panels are the right side of a product.
 */
import { high, highPairs, low, lowPairs } from "./simd";

/**
 * Entry (r, k) of the source lies at `from + 4·(r·rowStride + k·depthStride)`; one of the strides is 1.
 *
 * @param panelBytes from one panel to the next
 */
export function pack(from: usize, rowStride: i32, depthStride: i32, rows: i32, depth: i32, to: usize, panelBytes: usize): void {
  for (let r = 0; r < rows; r += 8) {
    const source = from + (<usize>(<u32>r) * <usize>rowStride << 2);
    const full = rows - r >= 8;
    if (full && depthStride == 1) {
      packAcross(source, rowStride, depth, to);
      packAcross(source + (<usize>rowStride << 4), rowStride, depth, to + 16);
    } else if (full && rowStride == 1) {
      packAlong(source, depthStride, depth, to);
    } else {
      packEdge(source, rowStride, depthStride, min(8, rows - r), depth, to);
    }
    to += panelBytes;
  }
}

/** Four rows, each contiguous in k: blocks of 4×4 are transposed. */
function packAcross(row0: usize, rowStride: i32, depth: i32, to: usize): void {
  const rowBytes = <usize>rowStride << 2;
  const row1 = row0 + rowBytes, row2 = row1 + rowBytes, row3 = row2 + rowBytes;
  let k: usize = 0;
  const end = <usize>(depth & ~3) << 2;
  for (; k < end; k += 16) {
    const a = v128.load(row0 + k), b = v128.load(row1 + k), c = v128.load(row2 + k), d = v128.load(row3 + k);
    const ab = low(a, b), cd = low(c, d), ef = high(a, b), gh = high(c, d);
    v128.store(to, lowPairs(ab, cd));
    v128.store(to, highPairs(ab, cd), 32);
    v128.store(to, lowPairs(ef, gh), 64);
    v128.store(to, highPairs(ef, gh), 96);
    to += 128;
  }
  for (const last = <usize>depth << 2; k < last; k += 4) {
    store<f32>(to, load<f32>(row0 + k));
    store<f32>(to, load<f32>(row1 + k), 4);
    store<f32>(to, load<f32>(row2 + k), 8);
    store<f32>(to, load<f32>(row3 + k), 12);
    to += 32;
  }
}

/** Rows lie beside each other: plain copies. */
function packAlong(from: usize, depthStride: i32, depth: i32, to: usize): void {
  const stride = <usize>depthStride << 2;
  for (let k = 0; k < depth; k++) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += stride;
    to += 32;
  }
}

function packEdge(from: usize, rowStride: i32, depthStride: i32, rows: i32, depth: i32, to: usize): void {
  memory.fill(to, 0, <usize>depth << 5);
  for (let k = 0; k < depth; k++) {
    for (let r = 0; r < rows; r++) {
      store<f32>(to + (<usize>r << 2), load<f32>(from + (<usize>r * <usize>rowStride << 2)));
    }
    from += <usize>depthStride << 2;
    to += 32;
  }
}
