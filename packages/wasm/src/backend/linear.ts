/** The contract's linear operations. */
import type { MatmulOptions } from "@comhe/core";
import type { WasmArray } from "../memory/arrays.js";
import type { Context } from "./context.js";

/** Columns of a shared product that one thread computes in one go. */
const columnsOfUnit = 512;

export function matmul(
  { arrays, engine }: Context,
  a: WasmArray,
  b: WasmArray,
  options: MatmulOptions = {},
): WasmArray {
  const { transposeA = false, transposeB = false, sumBatch = false } = options;
  const [batchA, heightA, widthA] = sizes(a);
  const [batchB, heightB, widthB] = sizes(b);
  const [rows, inner] = transposeA ? [widthA, heightA] : [heightA, widthA];
  const columns = transposeB ? heightB : widthB;
  const batch = Math.max(batchA, batchB);
  const result = arrays.make([sumBatch ? 1 : batch, rows, columns]);
  const group = batchA === batchB ? 1 : Math.max(1, Math.floor(columnsOfUnit / Math.min(columns, 128)));
  engine.run(
    "matmul",
    {
      a,
      b,
      to: result,
      rows,
      columns,
      inner,
      batchA,
      batchB,
      sumBatch,
      entriesOfUnit: group,
      rowStrideA: transposeA ? 1 : widthA,
      innerStrideA: transposeA ? widthA : 1,
      innerStrideB: transposeB ? 1 : widthB,
      columnStrideB: transposeB ? widthB : 1,
    },
    2 * batch * rows * columns * inner,
  );
  return result;
}

export function combine({ arrays, engine }: Context, terms: readonly (readonly [number, WasmArray])[]): WasmArray {
  const widest = terms.reduce((best, [, array]) => (array.size > best.size ? array : best), terms[0]![1]);
  const result = arrays.make(widest.shape);
  terms.forEach(([scale, array], n) => {
    const fields = { size: result.size, period: array.size, to: result, from: array, scale, add: n > 0 };
    engine.run("combine", fields, result.size);
  });
  return result;
}

export function scaleBatch({ arrays, engine }: Context, array: WasmArray, weights: WasmArray): WasmArray {
  const [batch, rows, columns] = sizes(array);
  const result = arrays.make([Math.max(batch, weights.size), rows, columns]);
  engine.run(
    "scaleBatch",
    {
      batch: result.shape[0]!,
      size: rows * columns,
      to: result,
      from: array,
      fromBatch: batch,
      weights,
      weightsBatch: weights.size,
    },
    result.size,
  );
  return result;
}

export function reduce({ arrays, engine }: Context, energies: WasmArray, how: "mean" | "max") {
  const energy = arrays.make([1]);
  const weights = arrays.make([energies.size]);
  engine.run("reduce", { batch: energies.size, energies, isMax: how === "max", energy, weights });
  return { energy, weights };
}

export function gatherColumns(context: Context, array: WasmArray, index: Int32Array, columns: number): WasmArray {
  const [, rows, dim] = sizes(array);
  const batch = index.length / columns;
  const result = context.arrays.make([batch, rows, columns]);
  const uploaded = uploadIndex(context, index);
  const fields = { rows, dim, batch, columns, from: array, to: result, index: uploaded };
  context.engine.run("gatherColumns", fields, result.size);
  context.arrays.free(uploaded);
  return result;
}

export function scatterColumns(context: Context, array: WasmArray, index: Int32Array, dim: number): WasmArray {
  const [batch, rows, columns] = sizes(array);
  const result = context.arrays.make([1, rows, dim]);
  const uploaded = uploadIndex(context, index);
  const fields = { rows, dim, batch, columns, from: array, to: result, index: uploaded };
  context.engine.run("scatterColumns", fields, array.size);
  context.arrays.free(uploaded);
  return result;
}

/** int32 numbers, in an array of the same width. */
export function uploadIndex({ arrays }: Context, index: Int32Array): WasmArray {
  const uploaded = arrays.make([index.length]);
  arrays.heap.views.int32.set(index, uploaded.address / 4);
  return uploaded;
}

/** Batch, rows, columns. */
export function sizes({ shape }: WasmArray): [batch: number, rows: number, columns: number] {
  const [batch = 1, rows = 1, columns = 1] = shape;
  return [batch, rows, columns];
}
