/**
 * Energies of one set of rows under several pair specs in float64, in one pass over the Gram matrix's tiles, and the gradient
 * of a sample of rows: for 16384 rows the whole gradient would take minutes, its 128 rows nothing.
 */
import type { PairSpec } from "@comhe/core";
import { antipodalValue, type PotentialTerms, pairFunction, pairWeights } from "@comhe/core/host-functions";
import { normalize } from "../plain/pairwise.js";
import { type Block, multiplyTransposed } from "../plain/products.js";
import type { LayerTruth } from "./truth.js";

const tile = 64;

export function exactPairwise(
  data: Float64Array,
  count: number,
  dim: number,
  pairs: readonly PairSpec[],
  sample: number,
): LayerTruth[] {
  const { unit, inverseNorms } = normalize(data, dim);
  const energies = sumPairs(unit as Float64Array, count, dim, pairs);
  const size = Math.min(sample, count);
  const rows = Int32Array.from({ length: size }, (_, n) => Math.floor((n * count) / size));
  return pairs.map((pair, n) => {
    const gradient = new Float64Array(size * dim);
    rows.forEach((row, at) => {
      addGradientRow(
        unit as Float64Array,
        inverseNorms,
        row,
        count,
        dim,
        pair,
        gradient.subarray(at * dim, (at + 1) * dim),
      );
    });
    return { energy: energies[n]!, rows, gradient };
  });
}

function sumPairs(unit: Float64Array, count: number, dim: number, pairs: readonly PairSpec[]): number[] {
  const functions = pairs.map(pairFunction);
  const sums = new Float64Array(pairs.length);
  const terms: PotentialTerms = { value: 0, slope: 0, curvature: 0 };
  const cosines = new Float64Array(tile * tile);
  const block = (start: number): Block => ({
    data: unit,
    start: start * dim,
    stride: dim,
    rows: Math.min(tile, count - start),
  });
  for (let i = 0; i < count; i += tile) {
    for (let j = i; j < count; j += tile) {
      const [rows, columns] = [block(i), block(j)];
      multiplyTransposed(rows, columns, dim, cosines);
      for (const [n, psi] of functions.entries()) {
        for (let row = 0; row < rows.rows; row++) {
          let sum = 0;
          for (let column = i === j ? row + 1 : 0; column < columns.rows; column++) {
            const cosine = cosines[row * columns.rows + column]!;
            sum += psi(2 - 2 * cosine, 2 + 2 * cosine, terms).value;
          }
          sums[n]! += sum;
        }
      }
    }
  }
  return pairs.map((pair, n) => {
    const weights = pairWeights(count, pair.space);
    return weights.pair * sums[n]! + weights.self * count * antipodalValue(pair.potential);
  });
}

/** J(Σ_j κ_ij x_j), times the weight of a pair. */
function addGradientRow(
  unit: Float64Array,
  inverseNorms: Float64Array,
  row: number,
  count: number,
  dim: number,
  pair: PairSpec,
  out: Float64Array,
): void {
  const psi = pairFunction(pair);
  const terms: PotentialTerms = { value: 0, slope: 0, curvature: 0 };
  const own = unit.subarray(row * dim, (row + 1) * dim);
  for (let j = 0; j < count; j++) {
    if (j === row) continue;
    let cosine = 0;
    for (let k = 0; k < dim; k++) cosine += own[k]! * unit[j * dim + k]!;
    const { slope } = psi(2 - 2 * cosine, 2 + 2 * cosine, terms);
    for (let k = 0; k < dim; k++) out[k]! += slope * unit[j * dim + k]!;
  }
  let along = 0;
  for (let k = 0; k < dim; k++) along += own[k]! * out[k]!;
  const scale = pairWeights(count, pair.space).pair * inverseNorms[row]!;
  for (let k = 0; k < dim; k++) out[k] = (out[k]! - own[k]! * along) * scale;
}
