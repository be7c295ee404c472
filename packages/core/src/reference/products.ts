/**
 * The two matrix products behind everything here, in float64 on plain arrays: rows with rows (a Gram matrix, a
 * projection), and coefficients with rows (a gradient, a pullback). Both work on small blocks whose sums stay in registers,
 * which plain JavaScript runs several times faster than one sum after the other.
 */

/** A matrix within a larger array: entry (i, k) is `data[start + i·stride + k]`. */
export interface Block {
  readonly data: Float64Array;
  readonly start: number;
  readonly stride: number;
  readonly rows: number;
}

/**
 * `out`_ij = Σ_k a_ik b_jk for k < `length`.
 *
 * @param upper only entries with i < j are wanted (a and b are the same rows); others are left or written, as is quickest
 */
export function rowProducts(out: Block, a: Block, b: Block, length: number, upper = false): void {
  for (let i = 0; i < a.rows; i += 2) {
    const pair = i + 1 < a.rows;
    // Of an odd last row the second one is computed into the void: itself again.
    const a0 = a.start + i * a.stride;
    const a1 = a.start + (pair ? i + 1 : i) * a.stride;
    const o0 = out.start + i * out.stride;
    const o1 = out.start + (pair ? i + 1 : i) * out.stride;
    let j = upper ? i : 0;
    for (; j + 4 <= b.rows; j += 4) {
      fourByTwo(out.data, o0 + j, o1 + j, a.data, a0, a1, b.data, b.start + j * b.stride, b.stride, length);
    }
    for (; j < b.rows; j++) {
      oneByTwo(out.data, o0 + j, o1 + j, a.data, a0, a1, b.data, b.start + j * b.stride, length);
    }
  }
}

function fourByTwo(
  out: Float64Array,
  o0: number,
  o1: number,
  a: Float64Array,
  a0: number,
  a1: number,
  b: Float64Array,
  b0: number,
  stride: number,
  length: number,
): void {
  const b1 = b0 + stride;
  const b2 = b0 + 2 * stride;
  const b3 = b0 + 3 * stride;
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  for (let k = 0; k < length; k++) {
    const x0 = a[a0 + k]!;
    const x1 = a[a1 + k]!;
    const y0 = b[b0 + k]!;
    const y1 = b[b1 + k]!;
    const y2 = b[b2 + k]!;
    const y3 = b[b3 + k]!;
    s00 += x0 * y0;
    s10 += x1 * y0;
    s01 += x0 * y1;
    s11 += x1 * y1;
    s02 += x0 * y2;
    s12 += x1 * y2;
    s03 += x0 * y3;
    s13 += x1 * y3;
  }
  out[o0] = s00;
  out[o0 + 1] = s01;
  out[o0 + 2] = s02;
  out[o0 + 3] = s03;
  out[o1] = s10;
  out[o1 + 1] = s11;
  out[o1 + 2] = s12;
  out[o1 + 3] = s13;
}

function oneByTwo(
  out: Float64Array,
  o0: number,
  o1: number,
  a: Float64Array,
  a0: number,
  a1: number,
  b: Float64Array,
  b0: number,
  length: number,
): void {
  let s0 = 0;
  let s1 = 0;
  for (let k = 0; k < length; k++) {
    const y = b[b0 + k]!;
    s0 += a[a0 + k]! * y;
    s1 += a[a1 + k]! * y;
  }
  out[o0] = s0;
  out[o1] = s1;
}

/** Coefficients of {@link addProduct}: c_ij is `data[start + i·rowStride + j·columnStride]`, so a transpose is free. */
export interface Coefficients {
  readonly data: Float64Array;
  readonly start: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** `out`_ik += Σ_j c_ij x_jk for k < `length`. */
export function addProduct(out: Block, c: Coefficients, x: Block, length: number): void {
  const { data, start, rowStride, columnStride } = c;
  for (let i = 0; i < out.rows; i += 2) {
    const pair = i + 1 < out.rows;
    const o0 = out.start + i * out.stride;
    const c0 = start + i * rowStride;
    let j = 0;
    if (pair) {
      for (; j + 4 <= x.rows; j += 4) {
        addFourToTwo(out.data, o0, o0 + out.stride, data, c0 + j * columnStride, rowStride, columnStride, x, j, length);
      }
      for (; j < x.rows; j++) {
        addOne(out.data, o0 + out.stride, data[c0 + rowStride + j * columnStride]!, x, j, length);
        addOne(out.data, o0, data[c0 + j * columnStride]!, x, j, length);
      }
    }
    for (; j < x.rows; j++) addOne(out.data, o0, data[c0 + j * columnStride]!, x, j, length);
  }
}

function addFourToTwo(
  out: Float64Array,
  o0: number,
  o1: number,
  c: Float64Array,
  first: number,
  rowStride: number,
  columnStride: number,
  { data: x, start, stride }: Block,
  row: number,
  length: number,
): void {
  const c00 = c[first]!;
  const c01 = c[first + columnStride]!;
  const c02 = c[first + 2 * columnStride]!;
  const c03 = c[first + 3 * columnStride]!;
  const second = first + rowStride;
  const c10 = c[second]!;
  const c11 = c[second + columnStride]!;
  const c12 = c[second + 2 * columnStride]!;
  const c13 = c[second + 3 * columnStride]!;
  const x0 = start + row * stride;
  const x1 = x0 + stride;
  const x2 = x0 + 2 * stride;
  const x3 = x0 + 3 * stride;
  for (let k = 0; k < length; k++) {
    const y0 = x[x0 + k]!;
    const y1 = x[x1 + k]!;
    const y2 = x[x2 + k]!;
    const y3 = x[x3 + k]!;
    out[o0 + k]! += c00 * y0 + c01 * y1 + (c02 * y2 + c03 * y3);
    out[o1 + k]! += c10 * y0 + c11 * y1 + (c12 * y2 + c13 * y3);
  }
}

function addOne(out: Float64Array, at: number, scale: number, x: Block, row: number, length: number): void {
  if (scale === 0) return;
  const { data } = x;
  const start = x.start + row * x.stride;
  for (let k = 0; k < length; k++) out[at + k]! += scale * data[start + k]!;
}
