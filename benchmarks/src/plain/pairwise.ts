/**
 * Energy and gradient by tiles of pairs in plain JavaScript: each tile above the diagonal serves both of its sides, and
 * nothing N×N is kept. Rows mustn't be near each other: benchmarks' rows aren't, and the care for them isn't timed.
 */
import type { FloatArray, PairSpec } from "@comhe/core";
import { antipodalValue, type PotentialTerms, pairFunction, pairWeights } from "@comhe/core/host-functions";
import { addProduct, type Block, multiplyTransposed } from "./products.js";

const tile = 64;

export interface HostRows {
  readonly unit: FloatArray;
  /** 1/‖w‖ */
  readonly inverseNorms: Float64Array;
}

/** Unit rows; ε = 0. */
export function normalize(rows: FloatArray, dim: number): HostRows {
  const unit = rows.slice();
  const inverseNorms = new Float64Array(rows.length / dim);
  for (let i = 0; i < inverseNorms.length; i++) {
    let square = 0;
    for (let k = i * dim; k < (i + 1) * dim; k++) square += rows[k]! * rows[k]!;
    const inverse = square === 0 ? 0 : 1 / Math.sqrt(square);
    inverseNorms[i] = inverse;
    for (let k = i * dim; k < (i + 1) * dim; k++) unit[k] = rows[k]! * inverse;
  }
  return { unit, inverseNorms };
}

/** Of one batch entry, whose rows begin at `first`: writes the gradient with respect to the raw rows, returns the energy. */
export function pairwise(
  { unit, inverseNorms }: HostRows,
  first: number,
  count: number,
  dim: number,
  pair: PairSpec,
  gradient: FloatArray,
): number {
  const psi = pairFunction(pair);
  const cosines = new (unit.constructor as Float32ArrayConstructor)(tile * tile);
  const block = (data: FloatArray, i: number): Block => ({
    data,
    start: (first + i) * dim,
    stride: dim,
    rows: Math.min(tile, count - i),
  });
  let sum = 0;
  for (let i = 0; i < count; i += tile) {
    for (let j = i; j < count; j += tile) {
      const [rows, columns] = [block(unit, i), block(unit, j)];
      multiplyTransposed(rows, columns, dim, cosines);
      sum += toSlopes(cosines, rows.rows, columns.rows, i === j, psi);
      addProduct({ data: cosines, start: 0, row: columns.rows, column: 1 }, columns, dim, block(gradient, i));
      if (i === j) continue;
      addProduct({ data: cosines, start: 0, row: 1, column: columns.rows }, rows, dim, block(gradient, j));
    }
  }
  const weights = pairWeights(count, pair.space);
  pullBack(unit, inverseNorms, first, count, dim, weights.pair, gradient);
  return weights.pair * sum + weights.self * count * antipodalValue(pair.potential);
}

/** Overwrites a tile of cosines with its slopes, 0 on the diagonal, and returns Σ ψ of its pairs i < j. */
function toSlopes(
  tile: FloatArray,
  rows: number,
  columns: number,
  diagonal: boolean,
  psi: ReturnType<typeof pairFunction>,
): number {
  const terms: PotentialTerms = { value: 0, slope: 0, curvature: 0 };
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = diagonal ? i : 0; j < columns; j++) {
      const at = i * columns + j;
      if (diagonal && i === j) {
        tile[at] = 0;
        continue;
      }
      psi(2 - 2 * tile[at]!, 2 + 2 * tile[at]!, terms);
      sum += terms.value;
      tile[at] = terms.slope;
      if (diagonal) tile[j * columns + i] = terms.slope;
    }
  }
  return sum;
}

/** J(g) = (g − x(xᵀg))/ρ, row by row, in place. */
function pullBack(
  unit: FloatArray,
  inverseNorms: Float64Array,
  first: number,
  count: number,
  dim: number,
  scale: number,
  gradient: FloatArray,
): void {
  for (let i = first; i < first + count; i++) {
    let along = 0;
    for (let k = i * dim; k < (i + 1) * dim; k++) along += unit[k]! * gradient[k]!;
    const factor = scale * inverseNorms[i]!;
    for (let k = i * dim; k < (i + 1) * dim; k++) gradient[k] = (gradient[k]! - unit[k]! * along) * factor;
  }
}
