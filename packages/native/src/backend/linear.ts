/** The contract's linear operations: products by the kernels, the rest, which costs a moment, here. */
import type { FloatArray, MatmulOptions } from "@comhe/core";
import { make, makeUnwritten, type NativeArray, sizes } from "./arrays.js";
import type { Context } from "./context.js";

export function matmul({ run }: Context, a: NativeArray, b: NativeArray, options: MatmulOptions = {}): NativeArray {
  const { transposeA = false, transposeB = false, sumBatch = false } = options;
  const [batchA, heightA, widthA] = sizes(a);
  const [batchB, heightB, widthB] = sizes(b);
  const [rows, inner] = transposeA ? [widthA, heightA] : [heightA, widthA];
  const columns = transposeB ? heightB : widthB;
  const result = makeUnwritten([sumBatch ? 1 : Math.max(batchA, batchB), rows, columns]);
  const flags = [transposeA, transposeB, sumBatch].map(Number);
  run("product", [rows, columns, inner, batchA, batchB, ...flags], a.data, b.data, result.data);
  return result;
}

export function combine(terms: readonly (readonly [number, NativeArray])[]): NativeArray {
  const widest = terms.reduce((best, [, array]) => (array.data.length > best.data.length ? array : best), terms[0]![1]);
  const result = make(widest.shape);
  const to = result.data;
  terms.forEach(([scale, { data: from }], n) => {
    for (let start = 0; start < to.length; start += from.length) {
      if (n === 0) for (let k = 0; k < from.length; k++) to[start + k] = scale * from[k]!;
      else for (let k = 0; k < from.length; k++) to[start + k]! += scale * from[k]!;
    }
  });
  return result;
}

export function scaleBatch(array: NativeArray, weights: NativeArray): NativeArray {
  const [batch, rows, columns] = sizes(array);
  const size = rows * columns;
  const result = make([Math.max(batch, weights.data.length), rows, columns]);
  for (let c = 0; c < result.shape[0]!; c++) {
    const weight = weights.data[weights.data.length === 1 ? 0 : c]!;
    const from = batch === 1 ? 0 : c * size;
    for (let k = 0; k < size; k++) result.data[c * size + k] = weight * array.data[from + k]!;
  }
  return result;
}

export function reduce({ data }: NativeArray, how: "mean" | "max"): { energy: NativeArray; weights: NativeArray } {
  const energy = make([1]);
  const weights = make([data.length]);
  if (how === "max") {
    let first = 0;
    for (let c = 1; c < data.length; c++) if (data[c]! > data[first]!) first = c;
    energy.data[0] = data[first]!;
    weights.data[first] = 1;
  } else {
    let sum = 0;
    for (const value of data) sum += value;
    energy.data[0] = sum / data.length;
    weights.data.fill(1 / data.length);
  }
  return { energy, weights };
}

export function gatherColumns(array: NativeArray, index: Int32Array, columns: number): NativeArray {
  const [, rows, dim] = sizes(array);
  const batch = index.length / columns;
  const result = make([batch, rows, columns]);
  for (let c = 0; c < batch; c++) {
    for (let i = 0; i < rows; i++) {
      const to = (c * rows + i) * columns;
      for (let k = 0; k < columns; k++) {
        const column = index[c * columns + k]!;
        if (column >= 0) result.data[to + k] = array.data[i * dim + column]!;
      }
    }
  }
  return result;
}

export function scatterColumns(array: NativeArray, index: Int32Array, dim: number): NativeArray {
  const [batch, rows, columns] = sizes(array);
  const result = make([1, rows, dim]);
  for (let c = 0; c < batch; c++) {
    for (let i = 0; i < rows; i++) {
      const from = (c * rows + i) * columns;
      for (let k = 0; k < columns; k++) {
        const column = index[c * columns + k]!;
        if (column >= 0) result.data[i * dim + column]! += array.data[from + k]!;
      }
    }
  }
  return result;
}

export function allFinite({ run }: Context, data: FloatArray): boolean {
  if (!(data instanceof Float32Array)) return data.every(Number.isFinite);
  const found = new Int32Array(1);
  run("finite", [data.length], data, found);
  return found[0] === 0;
}
