/**
 * Copies a part of a matrix into panels, in the order in which `multiplyBlock` reads it: `[panel][k][rows of it]`, zeros beyond the edge.
 * Costs some 2 % of the product it is for, and makes it stream.
 */
import { panelRows } from "./multiply";
import { high, highPairs, low, lowPairs } from "./simd";

/**
 * The left side of a product: panels of `panelRows`. Entry (r, k) of the source lies at `from + 4·(r·rowStride + k·depthStride)`; one of the
 * strides is 1.
 *
 * @param rowBytes what a row takes in its panel, so that the panel of row r begins at `to + r·rowBytes`
 * @param first steps of k that the panels hold already
 */
export function packRows(from: usize, rowStride: i32, depthStride: i32, rows: i32, depth: i32, to: usize, rowBytes: usize, first: i32): void {
  for (let r = 0, width = 0; r < rows; r += width) {
    width = panelRows(rows - r);
    packPanel(from, rowStride, depthStride, r, rows, depth, width, to + <usize>r * rowBytes + (<usize>(first * width) << 2));
  }
}

/** The right side: panels of 8 columns, `panelBytes` apart; a column is what a row is on the left. */
export function packColumns(from: usize, columnStride: i32, depthStride: i32, columns: i32, depth: i32, to: usize, panelBytes: usize): void {
  for (let c = 0; c < columns; c += 8) {
    packPanel(from, columnStride, depthStride, c, columns, depth, 8, to);
    to += panelBytes;
  }
}

// @ts-ignore: decorator
@inline function packPanel(from: usize, rowStride: i32, depthStride: i32, r: i32, rows: i32, depth: i32, width: i32, to: usize): void {
  const source = from + (<usize>(<u32>r) * <usize>rowStride << 2);
  const left = rows - r;
  if (left < width || (depthStride != 1 && rowStride != 1)) {
    packEdge(source, rowStride, depthStride, min(width, left), depth, to, width);
  } else if (depthStride == 1) {
    packAcross(source, rowStride, depth, to, width);
    const rest = source + (<usize>rowStride << 4);
    if (width == 8) packAcross(rest, rowStride, depth, to + 16, width);
    else if (width == 6) packPair(rest, rowStride, depth, to + 16, width);
  } else {
    packAlong(source, depthStride, depth, to, width);
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

/** Two rows, each contiguous in k. */
function packPair(row0: usize, rowStride: i32, depth: i32, to: usize, width: i32): void {
  const row1 = row0 + (<usize>rowStride << 2);
  const step = <usize>width << 2;
  let k: usize = 0;
  const end = <usize>(depth & ~3) << 2;
  for (; k < end; k += 16) {
    const a = v128.load(row0 + k), b = v128.load(row1 + k);
    const first = low(a, b), second = high(a, b);
    v128.store64_lane(to, first, 0);
    to += step;
    v128.store64_lane(to, first, 1);
    to += step;
    v128.store64_lane(to, second, 0);
    to += step;
    v128.store64_lane(to, second, 1);
    to += step;
  }
  for (const last = <usize>depth << 2; k < last; k += 4) {
    store<f32>(to, load<f32>(row0 + k));
    store<f32>(to, load<f32>(row1 + k), 4);
    to += step;
  }
}

/** Rows lie beside each other: plain copies. */
function packAlong(from: usize, depthStride: i32, depth: i32, to: usize, width: i32): void {
  const stride = <usize>depthStride << 2;
  for (let k = 0; k < depth; k++) {
    v128.store(to, v128.load(from));
    if (width == 8) v128.store(to, v128.load(from, 16), 16);
    else if (width == 6) store<u64>(to, load<u64>(from, 16), 16);
    from += stride;
    to += <usize>width << 2;
  }
}

function packEdge(from: usize, rowStride: i32, depthStride: i32, rows: i32, depth: i32, to: usize, width: i32): void {
  const bytes = <usize>width << 2;
  memory.fill(to, 0, <usize>depth * bytes);
  for (let k = 0; k < depth; k++) {
    for (let r = 0; r < rows; r++) {
      store<f32>(to + (<usize>r << 2), load<f32>(from + (<usize>r * <usize>rowStride << 2)));
    }
    from += <usize>depthStride << 2;
    to += bytes;
  }
}
