/**
 * Matrix products in plain JavaScript, as fast as typed arrays allow: blocks that stay in cache, and micro-kernels whose
 * accumulators are local variables. A process (or worker) should use one element type only, or the engine compiles
 * these loops for both and both get slow.
 */
import type { FloatArray } from "@comhe/core";

/** Columns of a row that a block takes at once. */
const depth = 512;

/** A rectangle within a row-major array. */
export interface Block {
  readonly data: FloatArray;
  /** Where its first entry is. */
  readonly start: number;
  /** Entries from one row to the next. */
  readonly stride: number;
  readonly rows: number;
}

/** out = A·Bᵀ over `dim` columns; `out` is `a.rows`×`b.rows`, packed. */
export function multiplyTransposed(a: Block, b: Block, dim: number, out: FloatArray): void {
  out.fill(0, 0, a.rows * b.rows);
  for (let from = 0; from < dim; from += depth) {
    const to = Math.min(dim, from + depth);
    for (let i = 0; i < a.rows; i += 4) {
      for (let j = 0; j < b.rows; j += 4) {
        if (i + 4 <= a.rows && j + 4 <= b.rows) dots4x4(a, i, b, j, from, to, out);
        else dotsAtEdge(a, i, b, j, from, to, out);
      }
    }
  }
}

function dots4x4(a: Block, i: number, b: Block, j: number, from: number, to: number, out: FloatArray): void {
  const [x, y] = [a.data, b.data];
  const a0 = a.start + i * a.stride;
  const a1 = a0 + a.stride;
  const a2 = a1 + a.stride;
  const a3 = a2 + a.stride;
  const b0 = b.start + j * b.stride;
  const b1 = b0 + b.stride;
  const b2 = b1 + b.stride;
  const b3 = b2 + b.stride;
  let [c00, c01, c02, c03] = [0, 0, 0, 0];
  let [c10, c11, c12, c13] = [0, 0, 0, 0];
  let [c20, c21, c22, c23] = [0, 0, 0, 0];
  let [c30, c31, c32, c33] = [0, 0, 0, 0];
  for (let k = from; k < to; k++) {
    const y0 = y[b0 + k]!;
    const y1 = y[b1 + k]!;
    const y2 = y[b2 + k]!;
    const y3 = y[b3 + k]!;
    const x0 = x[a0 + k]!;
    c00 += x0 * y0;
    c01 += x0 * y1;
    c02 += x0 * y2;
    c03 += x0 * y3;
    const x1 = x[a1 + k]!;
    c10 += x1 * y0;
    c11 += x1 * y1;
    c12 += x1 * y2;
    c13 += x1 * y3;
    const x2 = x[a2 + k]!;
    c20 += x2 * y0;
    c21 += x2 * y1;
    c22 += x2 * y2;
    c23 += x2 * y3;
    const x3 = x[a3 + k]!;
    c30 += x3 * y0;
    c31 += x3 * y1;
    c32 += x3 * y2;
    c33 += x3 * y3;
  }
  let at = i * b.rows + j;
  out[at]! += c00;
  out[at + 1]! += c01;
  out[at + 2]! += c02;
  out[at + 3]! += c03;
  at += b.rows;
  out[at]! += c10;
  out[at + 1]! += c11;
  out[at + 2]! += c12;
  out[at + 3]! += c13;
  at += b.rows;
  out[at]! += c20;
  out[at + 1]! += c21;
  out[at + 2]! += c22;
  out[at + 3]! += c23;
  at += b.rows;
  out[at]! += c30;
  out[at + 1]! += c31;
  out[at + 2]! += c32;
  out[at + 3]! += c33;
}

function dotsAtEdge(a: Block, i: number, b: Block, j: number, from: number, to: number, out: FloatArray): void {
  for (let row = i; row < Math.min(i + 4, a.rows); row++) {
    for (let column = j; column < Math.min(j + 4, b.rows); column++) {
      const [x, y] = [a.start + row * a.stride, b.start + column * b.stride];
      let sum = 0;
      for (let k = from; k < to; k++) sum += a.data[x + k]! * b.data[y + k]!;
      out[row * b.rows + column]! += sum;
    }
  }
}

/** Coefficients of {@link addProduct}, in any order of storage: entry (i, j) is at `start + i·row + j·column`. */
export interface Coefficients {
  readonly data: FloatArray;
  readonly start: number;
  readonly row: number;
  readonly column: number;
}

/** out += K·X over `dim` columns: K is `out.rows`×`x.rows`. */
export function addProduct(k: Coefficients, x: Block, dim: number, out: Block): void {
  for (let from = 0; from < dim; from += depth) {
    const to = Math.min(dim, from + depth);
    for (let i = 0; i < out.rows; i++) {
      const row = out.start + i * out.stride;
      const whole = x.rows - (x.rows % 4);
      for (let j = 0; j < whole; j += 4) addFourRows(k, i, j, x, from, to, out.data, row);
      for (let j = whole; j < x.rows; j++) addRow(k, i, j, x, from, to, out.data, row);
    }
  }
}

function addFourRows(
  { data, start, row, column }: Coefficients,
  i: number,
  j: number,
  x: Block,
  from: number,
  to: number,
  out: FloatArray,
  at: number,
): void {
  const first = start + i * row + j * column;
  const k0 = data[first]!;
  const k1 = data[first + column]!;
  const k2 = data[first + 2 * column]!;
  const k3 = data[first + 3 * column]!;
  const y = x.data;
  const x0 = x.start + j * x.stride;
  const x1 = x0 + x.stride;
  const x2 = x1 + x.stride;
  const x3 = x2 + x.stride;
  for (let k = from; k < to; k++) out[at + k]! += k0 * y[x0 + k]! + k1 * y[x1 + k]! + k2 * y[x2 + k]! + k3 * y[x3 + k]!;
}

function addRow(
  { data, start, row, column }: Coefficients,
  i: number,
  j: number,
  x: Block,
  from: number,
  to: number,
  out: FloatArray,
  at: number,
): void {
  const coefficient = data[start + i * row + j * column]!;
  const first = x.start + j * x.stride;
  for (let k = from; k < to; k++) out[at + k]! += coefficient * x.data[first + k]!;
}
