/**
 * A control variate: q(c) = a + bc + ec², whose mean over all pairs is known exactly, follows ψ closely where most pairs are.
 * Only what is left, ψ − q, has to be sampled.
 *
 * Σ_{i<j} c_ij = ½(‖Σx‖² − Σ‖x‖²), and Σ_{i<j} c_ij² = ½(‖XᵀX‖²_F − Σ‖x‖⁴): one pass over the rows, N·d and N·d² products.
 */
import type { DirectionTable } from "./direction-table.js";
import { type RowProducts, rowRanges } from "./row-products.js";

export interface Control {
  readonly at: (cosine: number) => number;
  /** The exact mean of q over all pairs. */
  readonly mean: number;
}

/** Near pairs would pull the parabola away from all others. */
const mostCosine = 0.9;

/**
 * Fitted to a pilot sample that isn't used again, so that what is estimated with it stays unbiased.
 *
 * @param squares what XᵀX is computed by; left out: q is a line
 */
export async function fitControl(
  table: DirectionTable,
  pilot: readonly { readonly cosine: number; readonly value: number }[],
  squares: RowProducts | undefined,
): Promise<Control> {
  const points = pilot.filter(({ cosine }) => Math.abs(cosine) < mostCosine);
  const [a, b, e] = leastSquares(points, squares !== undefined) ?? [pilot.length > 0 ? median(pilot) : 0, 0, 0];
  const at = (c: number) => a + c * (b + e * c);
  const moments =
    b === 0 && e === 0 ? { first: 0, second: 0 } : await cosineMoments(table, e === 0 ? undefined : squares);
  return { at, mean: a + b * moments.first + e * moments.second };
}

function median(pilot: readonly { readonly value: number }[]): number {
  const values = pilot.map(({ value }) => value).sort((x, y) => x - y);
  return values[Math.floor(values.length / 2)]!;
}

/** Normal equations of 1, c and perhaps c², in c centred and scaled; `undefined` where they are singular. */
function leastSquares(
  points: readonly { readonly cosine: number; readonly value: number }[],
  withSquares: boolean,
): [number, number, number] | undefined {
  if (points.length < 50) return undefined;
  const n = points.length;
  const center = points.reduce((sum, { cosine }) => sum + cosine, 0) / n;
  const scale = Math.sqrt(points.reduce((sum, { cosine }) => sum + (cosine - center) ** 2, 0) / n);
  if (!(scale > 1e-9)) return undefined;
  const size = withSquares ? 3 : 2;
  const matrix = Array.from({ length: size }, () => new Float64Array(size + 1));
  for (const { cosine, value } of points) {
    const z = (cosine - center) / scale;
    const basis = [1, z, z * z];
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) matrix[row]![column]! += basis[row]! * basis[column]!;
      matrix[row]![size]! += basis[row]! * value;
    }
  }
  for (let pivot = 0; pivot < size; pivot++) {
    if (!(Math.abs(matrix[pivot]![pivot]!) > 1e-9 * n)) return undefined;
    for (let row = 0; row < size; row++) {
      if (row === pivot) continue;
      const factor = matrix[row]![pivot]! / matrix[pivot]![pivot]!;
      for (let column = pivot; column <= size; column++) matrix[row]![column]! -= factor * matrix[pivot]![column]!;
    }
  }
  const [p, q, r = 0] = matrix.map((row, n) => row[size]! / row[n]!);
  // p + q·z + r·z² in powers of c.
  const e = r / scale ** 2;
  const b = q! / scale - 2 * e * center;
  return [p! - (q! / scale) * center + e * center ** 2, b, e];
}

/** Means of c and, with products to compute XᵀX by, of c² over all pairs. */
export async function cosineMoments(
  { unit, count, dim, lengths }: DirectionTable,
  products: RowProducts | undefined,
): Promise<{ first: number; second: number }> {
  const pairs = (count * (count - 1)) / 2;
  const sum = new Float64Array(dim);
  let squares = 0;
  let fourths = 0;
  for (let i = 0; i < count; i++) {
    const start = i * dim;
    const square = lengths[i]! * lengths[i]!;
    squares += square;
    fourths += square * square;
    for (let k = 0; k < dim; k++) sum[k]! += unit[start + k]!;
  }
  const first = (sum.reduce((total, value) => total + value * value, 0) - squares) / 2 / pairs;
  if (!products) return { first, second: 0 };
  const rows = { data: unit, count, dim };
  const gram = new Float64Array(dim * dim);
  for (const [from, to] of rowRanges(rows, dim)) {
    const part = await products.gram(rows, from, to);
    for (let n = 0; n < gram.length; n++) gram[n]! += part[n]!;
  }
  const frobenius = gram.reduce((total, value) => total + value * value, 0);
  return { first, second: (frobenius - fourths) / 2 / pairs };
}
