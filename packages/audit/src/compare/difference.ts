/**
 * What became of a layer: how large the difference ΔW of its numbers is, and how many directions it fills. A full fine-tuning moves a matrix in many
 * directions, a low-rank adapter in as many as its rank.
 *
 * The leading singular values are those of a random subspace of 160 directions after two power steps (Halko, Martinsson, Tropp 2011, arXiv 0909.4061,
 * algorithm 4.4); they are never above the true ones, so that a share of ΔW that is said to lie in r directions does.
 */
import { type Backend, type FloatArray, randomStream } from "@comhe/core";
import { symmetricEigenvalues } from "./eigenvalues.js";

/** How a layer's numbers differ from those of the one it is compared with. Plain JSON. */
export interface Difference {
  /** Whether no number differs, bit for bit (−0 and 0 are the same here). */
  readonly unchanged: boolean;
  /** In how many rows a number differs. */
  readonly changedRows: number;
  /** The rows that changed most, by ‖Δw‖, at most 5, most changed first. */
  readonly mostChanged: readonly number[];
  /** The size of the difference relative to the layer, ‖ΔW‖_F/‖W‖_F; `null` where W is all zeros. */
  readonly size: number | null;
  /** The cosine between both matrices as vectors; `null` where one is all zeros. */
  readonly cosine: number | null;
  /** How many dimensions the difference fills evenly: (Σσ²)²/Σσ⁴ over the singular values σ of ΔW; 0 where nothing changed. */
  readonly effectiveRank: number;
  /** How many directions hold 95 % of ‖ΔW‖², at most; `null` where more than 160 are needed, or than there are. */
  readonly directions: number | null;
  /** Whether some of the rows stand for all. */
  readonly sampled: boolean;
}

/** How many directions of a difference are looked at, at most. */
export const mostDirections = 160;

/** The share of ‖ΔW‖² that they are asked for. */
export const shareOfDirections = 0.95;

const powerSteps = 2;
const rowsShown = 5;

/** Products of the exact effective rank; beyond them it is that of some rows. */
const mostProducts = 1e11;

export const noDifference: Difference = {
  ...{ unchanged: true, changedRows: 0, mostChanged: [], size: 0, cosine: 1 },
  ...{ effectiveRank: 0, directions: 0, sampled: false },
};

/** @param before @param after `[N, d]`, finite @param sampled whether these rows stand for more */
export async function differenceOf<A>(
  backend: Backend<A>,
  before: FloatArray,
  after: FloatArray,
  dim: number,
  sampled = false,
): Promise<Difference> {
  const count = before.length / dim;
  // Of the largest number: squares of what is near the ends of floats would overflow or vanish.
  const largest = (numbers: FloatArray) => {
    let found = 0;
    for (const value of numbers) found = Math.max(found, Math.abs(value));
    return found;
  };
  const unit = Math.max(largest(before), largest(after)) || 1;
  const sums = { before: 0, after: 0, both: 0, change: 0 };
  const change = new Float64Array(count);
  let most = 0;
  for (let row = 0, n = 0; row < count; row++) {
    for (let k = 0; k < dim; k++, n++) {
      const [from, to] = [before[n]! / unit, after[n]! / unit];
      const step = (after[n]! - before[n]!) / unit;
      sums.before += from * from;
      sums.after += to * to;
      sums.both += from * to;
      change[row]! += step * step;
      most = Math.max(most, Math.abs(step));
    }
    sums.change += change[row]!;
  }
  const changed = [...change.keys()].filter((row) => change[row]! > 0);
  if (most === 0) return { ...noDifference, sampled };
  const step = new Float32Array(before.length);
  for (let n = 0; n < step.length; n++) step[n] = (after[n]! - before[n]!) / unit / most;
  const square = step.reduce((sum, value) => sum + value * value, 0);
  const leading = await leadingSquares(backend, step, count, dim);
  const squares = await fourthPowers(backend, step, count, dim, leading);
  return {
    unchanged: false,
    changedRows: changed.length,
    mostChanged: changed.sort((a, b) => change[b]! - change[a]! || a - b).slice(0, rowsShown),
    size: sums.before === 0 ? null : Math.sqrt(sums.change / sums.before),
    cosine:
      sums.before === 0 || sums.after === 0
        ? null
        : Math.max(-1, Math.min(1, sums.both / Math.sqrt(sums.before) / Math.sqrt(sums.after))),
    effectiveRank: Math.max(1, Math.min(count, dim, square ** 2 / squares)),
    directions: directionsOf(leading, square),
    sampled,
  };
}

function directionsOf(leading: Float64Array, square: number): number | null {
  let held = 0;
  for (const [n, value] of leading.entries()) {
    held += Math.max(0, value);
    // float32 products leave a little behind.
    if (held >= (shareOfDirections - 1e-5) * square) return n + 1;
  }
  return null;
}

interface Matrix {
  readonly data: FloatArray;
  readonly rows: number;
  readonly columns: number;
}

async function product<A>(backend: Backend<A>, a: Matrix, b: Matrix, transposeA: boolean): Promise<Matrix> {
  const result = backend.scope(() =>
    backend.matmul(
      backend.upload(a.data, [1, a.rows, a.columns], "left"),
      backend.upload(b.data, [1, b.rows, b.columns], "right"),
      { transposeA },
    ),
  );
  const { result: data } = await backend.download({ result });
  return { data: data!, rows: transposeA ? a.columns : a.rows, columns: b.columns };
}

/** σ² of the leading directions, largest first. */
async function leadingSquares<A>(
  backend: Backend<A>,
  data: Float32Array,
  rows: number,
  columns: number,
): Promise<Float64Array> {
  const matrix = { data, rows, columns };
  const size = Math.min(rows, columns, mostDirections);
  const drawn = randomStream(0, "difference", 0).fillNormal(new Float32Array(columns * size));
  let range = orthonormal(await product(backend, matrix, { data: drawn, rows: columns, columns: size }, false));
  for (let n = 0; n < powerSteps; n++) {
    const back = orthonormal(await product(backend, matrix, range, true));
    range = orthonormal(await product(backend, matrix, back, false));
  }
  // B = QᵀΔ, as Bᵀ = ΔᵀQ: its Gram matrix has their squares.
  const { data: b, rows: length, columns: width } = await product(backend, matrix, range, true);
  const gram = new Float64Array(width * width);
  for (let k = 0; k < length; k++) {
    for (let i = 0; i < width; i++) {
      const value = b[k * width + i]!;
      if (value === 0) continue;
      for (let j = 0; j < width; j++) gram[i * width + j]! += value * b[k * width + j]!;
    }
  }
  return symmetricEigenvalues(gram, width);
}

/** The columns made orthonormal, by Gram and Schmidt, twice; those that depend on others become zeros. */
function orthonormal({ data, rows, columns }: Matrix): Matrix {
  const vectors = Array.from({ length: columns }, (_, j) =>
    Float64Array.from({ length: rows }, (_row, i) => data[i * columns + j]!),
  );
  vectors.forEach((vector, j) => {
    const before = length(vector);
    for (let again = 0; again < 2; again++) {
      for (let i = 0; i < j; i++) {
        const other = vectors[i]!;
        let inner = 0;
        for (let k = 0; k < rows; k++) inner += vector[k]! * other[k]!;
        for (let k = 0; k < rows; k++) vector[k]! -= inner * other[k]!;
      }
    }
    const left = length(vector);
    const factor = left > 1e-6 * before ? 1 / left : 0;
    for (let k = 0; k < rows; k++) vector[k]! *= factor;
  });
  const result = new Float32Array(rows * columns);
  vectors.forEach((vector, j) => {
    for (let i = 0; i < rows; i++) result[i * columns + j] = vector[i]!;
  });
  return { data: result, rows, columns };
}

const length = (vector: Float64Array) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));

/** Σσ⁴ = ‖ΔᵀΔ‖_F², by the smaller side; where that side is all that was looked at, of its squares. */
async function fourthPowers<A>(
  backend: Backend<A>,
  data: Float32Array,
  rows: number,
  columns: number,
  leading: Float64Array,
): Promise<number> {
  const side = Math.min(rows, columns);
  if (side <= mostDirections) return leading.reduce((sum, value) => sum + Math.max(0, value) ** 2, 0);
  if (rows * columns * side > mostProducts) {
    // Rows of a matrix of many: Σ over pairs of rows of squared products, each pair standing for more.
    const kept = Math.max(2, Math.floor(mostProducts / columns / side));
    return sampledFourth(data, rows, columns, Math.min(kept, 2048));
  }
  const matrix = { data, rows, columns };
  const gram = rows < columns ? await outer(backend, matrix) : await product(backend, matrix, matrix, true);
  let sum = 0;
  for (const value of gram.data) sum += value * value;
  return sum;
}

async function outer<A>(backend: Backend<A>, { data, rows, columns }: Matrix): Promise<Matrix> {
  const result = backend.scope(() => {
    const matrix = backend.upload(data, [1, rows, columns], "left");
    return backend.matmul(matrix, matrix, { transposeB: true });
  });
  const found = await backend.download({ result });
  return { data: found.result!, rows, columns: rows };
}

/** Σ_ij (Δ_i·Δ_j)² of evenly spaced rows, those of i = j counted once and the others as many times as there are more pairs. */
function sampledFourth(data: Float32Array, rows: number, columns: number, kept: number): number {
  const chosen = Array.from({ length: kept }, (_, n) => Math.floor((n * rows) / kept));
  let [same, other] = [0, 0];
  for (const [n, a] of chosen.entries()) {
    for (let m = 0; m <= n; m++) {
      const b = chosen[m]!;
      let inner = 0;
      for (let k = 0; k < columns; k++) inner += data[a * columns + k]! * data[b * columns + k]!;
      if (n === m) same += inner ** 2;
      else other += 2 * inner ** 2;
    }
  }
  return (same * rows) / kept + (other * rows * (rows - 1)) / (kept * (kept - 1));
}
