/**
 * Mutual coherence: the worst pair, or the worst neuron, rather than all of them. Where several attain the maximum, the
 * gradient is that of the first. Bansal et al. 2018 (arXiv 1810.09102), section 3.3.
 */
import { forEachGramTile } from "./gram-tiles.js";
import type { Result, Rows } from "./rows.js";

/** f = max_ij |WWᵀ − I|_ij. With s the sign of that entry, ∂f/∂w_i = s·w_j and ∂f/∂w_j = s·w_i, on the diagonal 2s·w_i. */
export function largestEntry(rows: Rows): Result {
  return worstPair(rows, true);
}

/**
 * f = max_{i<j} |c_ij| of *directions*, ∂f/∂x_i = sign(c_ij)·x_j. The classic mutual coherence; f = 0 for one neuron.
 */
export function largestCosine(directions: Rows): Result {
  return worstPair(directions, false);
}

function worstPair({ data, count, dim }: Rows, withDiagonal: boolean): Result {
  let best = { value: 0, sign: 0, i: 0, j: 0 };
  forEachGramTile(data, count, dim, ({ first, second, height, width, entries }) => {
    for (let row = 0; row < height; row++) {
      const i = first + row;
      for (let column = 0; column < width; column++) {
        const j = second + column;
        if (j < i || (j === i && !withDiagonal)) continue;
        const entry = entries[row * width + column]! - (i === j ? 1 : 0);
        const isFirst = Math.abs(entry) === best.value && (i < best.i || (i === best.i && j < best.j));
        if (Math.abs(entry) > best.value || isFirst) best = { value: Math.abs(entry), sign: Math.sign(entry), i, j };
      }
    }
  });
  const { value, sign, i, j } = best;
  const gradient = new Float64Array(data.length);
  for (let k = 0; k < dim; k++) {
    gradient[i * dim + k]! += sign * data[j * dim + k]!;
    gradient[j * dim + k]! += sign * data[i * dim + k]!;
  }
  return { value, gradient };
}

/** f = max_i Σ_j |WWᵀ − I|_ij, the norm induced by ‖·‖_∞. With s_j the signs of that row, ∂f/∂W = e_i(Σ_j s_j w_j)ᵀ + s·w_iᵀ. */
export function largestRowSum({ data, count, dim }: Rows): Result {
  const sums = new Float64Array(count);
  forEachGramTile(data, count, dim, ({ first, second, height, width, entries }) => {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const [i, j] = [first + row, second + column];
        const size = Math.abs(entries[row * width + column]! - (i === j ? 1 : 0));
        sums[i]! += size;
        if (first !== second) sums[j]! += size;
      }
    }
  });
  const worst = sums.reduce((best, sum, i) => (sum > sums[best]! ? i : best), 0);
  const gradient = new Float64Array(data.length);
  const row = data.subarray(worst * dim, (worst + 1) * dim);
  for (let j = 0; j < count; j++) {
    let product = j === worst ? -1 : 0;
    for (let k = 0; k < dim; k++) product += row[k]! * data[j * dim + k]!;
    const sign = Math.sign(product);
    for (let k = 0; k < dim; k++) {
      gradient[worst * dim + k]! += sign * data[j * dim + k]!;
      gradient[j * dim + k]! += sign * row[k]!;
    }
  }
  return { value: sums[worst]!, gradient };
}
