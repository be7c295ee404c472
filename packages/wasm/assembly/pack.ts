/**
 * Copies a part of a matrix into panels, in the order in which `multiplyBlock` reads it: `[panel][k][4 or 8]`, zeros beyond the edge.
 * Costs some 2 % of the product it is for, and makes it stream.
 */
import { high, highPairs, low, lowPairs, splat } from "./simd";

/**
 * Entry (r, k) of the source lies at `from + 4·(r·rowStride + k·depthStride)`; one of the strides is 1.
 *
 * @param width rows in a panel: 4 or 8
 * @param panelBytes from one panel to the next
 */
export function pack(from: usize, rowStride: i32, depthStride: i32, rows: i32, depth: i32, width: i32, to: usize, panelBytes: usize): void {
  for (let r = 0; r < rows; r += width) {
    const source = from + (<usize>(<u32>r) * <usize>rowStride << 2);
    const full = rows - r >= width;
    if (full && depthStride == 1) {
      packAcross(source, rowStride, depth, to, width);
      if (width == 8) packAcross(source + (<usize>rowStride << 4), rowStride, depth, to + 16, width);
    } else if (full && rowStride == 1) {
      packAlong(source, depthStride, depth, to, width);
    } else {
      packEdge(source, rowStride, depthStride, min(width, rows - r), depth, to, width);
    }
    to += panelBytes;
  }
}

/** Four rows, each contiguous in k: blocks of 4×4 are transposed. */
function packAcross(row0: usize, rowStride: i32, depth: i32, to: usize, width: i32): void {
  const rowBytes = <usize>rowStride << 2;
  const row1 = row0 + rowBytes, row2 = row1 + rowBytes, row3 = row2 + rowBytes;
  const step = <usize>width << 2;
  let k: usize = 0;
  const end = <usize>(depth & ~3) << 2;
  for (; k < end; k += 16) {
    const a = v128.load(row0 + k), b = v128.load(row1 + k), c = v128.load(row2 + k), d = v128.load(row3 + k);
    const ab = low(a, b), cd = low(c, d), ef = high(a, b), gh = high(c, d);
    v128.store(to, lowPairs(ab, cd));
    to += step;
    v128.store(to, highPairs(ab, cd));
    to += step;
    v128.store(to, lowPairs(ef, gh));
    to += step;
    v128.store(to, highPairs(ef, gh));
    to += step;
  }
  for (const last = <usize>depth << 2; k < last; k += 4) {
    store<f32>(to, load<f32>(row0 + k));
    store<f32>(to, load<f32>(row1 + k), 4);
    store<f32>(to, load<f32>(row2 + k), 8);
    store<f32>(to, load<f32>(row3 + k), 12);
    to += step;
  }
}

/** Rows lie beside each other: plain copies. */
function packAlong(from: usize, depthStride: i32, depth: i32, to: usize, width: i32): void {
  const stride = <usize>depthStride << 2;
  for (let k = 0; k < depth; k++) {
    v128.store(to, v128.load(from));
    if (width == 8) v128.store(to, v128.load(from, 16), 16);
    from += stride;
    to += <usize>width << 2;
  }
}

function packEdge(from: usize, rowStride: i32, depthStride: i32, rows: i32, depth: i32, to: usize, width: i32): void {
  for (let k = 0; k < depth; k++) {
    v128.store(to, splat(0));
    if (width == 8) v128.store(to, splat(0), 16);
    for (let r = 0; r < rows; r++) {
      store<f32>(to + (<usize>r << 2), load<f32>(from + (<usize>r * <usize>rowStride << 2)));
    }
    from += <usize>depthStride << 2;
    to += <usize>width << 2;
  }
}
