/** The contract's linear operations on host arrays. */
import type { MatmulOptions } from "../backend/backend.js";
import { type HostTensor, sizes, zeros } from "./host-tensor.js";
import { addProduct, rowProducts } from "./products.js";

/** What a backend's `matmul` does, for host arrays in float64. */
export function matmul(a: HostTensor, b: HostTensor, options: MatmulOptions = {}): HostTensor {
  const { transposeA = false, transposeB = false, sumBatch = false } = options;
  // Rows with rows is a product of its own; any other wants the rows of b.
  const rowsWithRows = transposeB && !transposeA && !sumBatch;
  const right = transposeB && !rowsWithRows ? transposed(b) : b;
  const left = sizes(a);
  const { batch: rightBatch, rows: rightRows, columns: rightColumns } = sizes(right);
  const rows = transposeA ? left.columns : left.rows;
  const columns = rowsWithRows ? rightRows : rightColumns;
  const batch = Math.max(left.batch, rightBatch);
  const result = zeros([sumBatch ? 1 : batch, rows, columns]);

  for (let c = 0; c < batch; c++) {
    const aStart = left.batch === 1 ? 0 : c * left.rows * left.columns;
    const bStart = rightBatch === 1 ? 0 : c * rightRows * rightColumns;
    const out = { data: result.data, start: sumBatch ? 0 : c * rows * columns, stride: columns, rows };
    const bRows = { data: right.data, start: bStart, stride: rightColumns, rows: rightRows };
    if (rowsWithRows) {
      rowProducts(out, { data: a.data, start: aStart, stride: left.columns, rows }, bRows, rightColumns);
      continue;
    }
    const [rowStride, columnStride] = transposeA ? [1, left.columns] : [left.columns, 1];
    addProduct(out, { data: a.data, start: aStart, rowStride, columnStride }, bRows, columns);
  }
  return result;
}

/** Each batch entry transposed. */
function transposed(array: HostTensor): HostTensor {
  const { batch, rows, columns } = sizes(array);
  const result = zeros([batch, columns, rows]);
  for (let c = 0; c < batch; c++) {
    const start = c * rows * columns;
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < columns; k++) result.data[start + k * rows + i] = array.data[start + i * columns + k]!;
    }
  }
  return result;
}

/** Σ scale·array, a batch of 1 broadcasting. */
export function combine(terms: readonly (readonly [number, HostTensor])[]): HostTensor {
  const widest = terms.reduce((best, [, array]) => (array.data.length > best.data.length ? array : best), terms[0]![1]);
  const result = zeros(widest.shape);
  for (const [scale, array] of terms) {
    const period = array.data.length;
    for (let n = 0; n < result.data.length; n++) result.data[n]! += scale * array.data[n % period]!;
  }
  return result;
}

export function scaleBatch(array: HostTensor, weights: HostTensor): HostTensor {
  const { rows, columns, batch } = sizes(array);
  const result = zeros([Math.max(batch, weights.data.length), rows, columns]);
  const size = rows * columns;
  for (let n = 0; n < result.data.length; n++) {
    const c = Math.floor(n / size);
    result.data[n] = array.data[n % array.data.length]! * weights.data[weights.data.length === 1 ? 0 : c]!;
  }
  return result;
}

export function reduce(energies: HostTensor, how: "mean" | "max"): { energy: HostTensor; weights: HostTensor } {
  const count = energies.data.length;
  const energy = zeros([1]);
  const weights = zeros([count]);
  if (how === "mean") {
    energy.data[0] = energies.data.reduce((sum, value) => sum + value, 0) / count;
    weights.data.fill(1 / count);
  } else {
    const largest = energies.data.reduce((best, value, index) => (value > energies.data[best]! ? index : best), 0);
    energy.data[0] = energies.data[largest]!;
    weights.data[largest] = 1;
  }
  return { energy, weights };
}

export function gatherColumns(array: HostTensor, index: Int32Array, columns: number): HostTensor {
  const { rows, columns: dim } = sizes(array);
  const batch = index.length / columns;
  const result = zeros([batch, rows, columns]);
  for (let c = 0; c < batch; c++) {
    for (let j = 0; j < columns; j++) {
      const source = index[c * columns + j]!;
      if (source < 0) continue;
      for (let i = 0; i < rows; i++) result.data[(c * rows + i) * columns + j] = array.data[i * dim + source]!;
    }
  }
  return result;
}

export function scatterColumns(array: HostTensor, index: Int32Array, dim: number): HostTensor {
  const { batch, rows, columns } = sizes(array);
  const result = zeros([1, rows, dim]);
  for (let c = 0; c < batch; c++) {
    for (let j = 0; j < columns; j++) {
      const target = index[c * columns + j]!;
      if (target < 0) continue;
      for (let i = 0; i < rows; i++) result.data[i * dim + target]! += array.data[(c * rows + i) * columns + j]!;
    }
  }
  return result;
}
