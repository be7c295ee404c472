/**
 * Minibatches of rows: the energy is a mean over pairs, so that the mean over the pairs of m rows drawn uniformly without
 * replacement estimates it without bias, and so does its gradient, which only those m rows get. Half space has a mean over
 * antipodal pairs on top, which are rarer among more rows: `pairWeights` weighs them for the population.
 *
 * A projection is drawn, or found from all rows, as it is without sampling. Where it depends on the sample (`adversarial`,
 * `angle-preserving`, `reduce: "max"`), what is estimated without bias is the energy at that projection.
 */
import type { FloatArray } from "../backend/backend.js";
import type { RandomStream } from "../random/random-stream.js";

/** m distinct numbers below N, in increasing order; every set of m is equally likely. O(m), whatever N (Floyd 1987). */
export function drawRows(count: number, wanted: number, stream: RandomStream): Int32Array {
  const drawn = new Set<number>();
  for (let last = count - wanted; last < count; last++) {
    const row = stream.below(last + 1);
    drawn.add(drawn.has(row) ? last : row);
  }
  return Int32Array.from(drawn).sort();
}

/** Some rows of `[N, d]`, as `[m, d]`. */
export function takeRows(data: FloatArray, dim: number, rows: Int32Array): FloatArray {
  const size = rows.length * dim;
  const taken = data instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
  rows.forEach((row, n) => {
    taken.set(data.subarray(row * dim, (row + 1) * dim), n * dim);
  });
  return taken;
}

/**
 * Makes the gradient of all N rows from that of a sample: the m rows of `taken`, `[m, d]`, at their places in an array of zeros, `[N, d]`.
 *
 * @param taken `[m, d]`
 * @param count N
 * @param dim d
 * @param rows which of the N rows each of the m is
 */
export function spreadRows(taken: FloatArray, count: number, dim: number, rows: Int32Array): FloatArray {
  const size = count * dim;
  const data = taken instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
  rows.forEach((row, n) => {
    data.set(taken.subarray(n * dim, (n + 1) * dim), row * dim);
  });
  return data;
}
