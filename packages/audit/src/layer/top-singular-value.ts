/**
 * The largest singular value of a matrix, by Lanczos' method on WᵀW or WWᵀ, whichever is smaller, with every vector kept orthogonal to all before it.
 * The Ritz value comes from below, and gets close without a gap between the first two singular values (Golub, Van Loan, Matrix Computations, 10.1), so
 * that random matrices, which have none, take some fifty products and others ten.
 */
import { type Backend, type FloatArray, randomStream } from "@comhe/core";
import { gramOf } from "./squared-cosines.js";

/** Products with WᵀW at most. */
const mostSteps = 120;

/** Steps between two looks at the Ritz value. */
const stepsBetween = 4;

/** The Ritz value is taken where it grew by less than this share between two looks; in a matrix of many numbers by less than the second. */
const [fine, coarse] = [1e-8, 1e-5];
const manyNumbers = 2 ** 24;

/**
 * @param rows `[N, d]`, finite
 * @param tick awaited between products, so that others run
 * @returns σ₁², and ‖W‖_F², both of W/`scale`, the largest |number| there is; zeros where all are zeros
 */
export async function topSquare(
  rows: FloatArray,
  dim: number,
  tick?: () => Promise<void>,
): Promise<{ readonly top: number; readonly all: number; readonly scale: number }> {
  const count = rows.length / dim;
  const scale = largestSize(rows);
  if (scale === 0) return { top: 0, all: 0, scale: 0 };
  let all = 0;
  for (const value of rows) all += (value / scale) ** 2;
  const short = count < dim;
  const size = short ? count : dim;
  // Products of float64's largest or smallest numbers leave its range before they are divided.
  const isExtreme = scale < 1e-150 || scale > 1e150;
  const [within, unit] = isExtreme ? [Float64Array.from(rows, (value) => value / scale), 1] : [rows, scale];
  const multiply = short ? rowProduct(within, count, dim, unit) : columnProduct(within, count, dim, unit);
  const tolerance = rows.length > manyNumbers ? coarse : fine;
  const top = await largestEigenvalue(multiply, size, tolerance, tick);
  return { top: Math.min(top, all), all, scale };
}

/** Of a symmetric matrix without negative ones, by its products with vectors: Lanczos. */
async function largestEigenvalue(
  multiply: (vector: Float64Array) => Float64Array,
  size: number,
  tolerance: number,
  tick: () => Promise<void> = async () => {},
): Promise<number> {
  const basis: Float64Array[] = [];
  const [diagonal, beside]: [number[], number[]] = [[], []];
  let vector = Float64Array.from(randomStream(0, "largest singular value", 0).fillNormal(new Float32Array(size)));
  vector = divided(vector, Math.sqrt(dot(vector, vector)));
  let top = 0;
  for (let step = 1; step <= Math.min(mostSteps, size); step++) {
    const next = multiply(vector);
    diagonal.push(dot(vector, next));
    basis.push(vector);
    // Twice is enough (Kahan, in Parlett, The Symmetric Eigenvalue Problem, 6.9).
    for (let again = 0; again < 2; again++) for (const other of basis) subtract(next, other, dot(next, other));
    const length = Math.sqrt(dot(next, next));
    const done = length <= 1e-12 * Math.abs(diagonal[0]!);
    if (done || step % stepsBetween === 0 || step === size) {
      const value = largestOfTridiagonal(diagonal, beside);
      const settled = value - top <= tolerance * value;
      top = Math.max(top, value);
      if (done || settled) break;
      await tick();
    }
    beside.push(length);
    vector = divided(next, length);
  }
  return top;
}

/**
 * Matrices of so many numbers, with rows as short, go through WᵀW, which a float32 backend has multiplied long before Lanczos' method has
 * gone over W some fifty times.
 */
const [leastForGram, mostInRow] = [2 ** 20, 1024];

/**
 * ‖W‖_F²/σ₁²: how many directions as strong as the strongest one the matrix holds (Rudelson, Vershynin 2007). 0 of zeros.
 *
 * @param rows `[N, d]`, finite
 */
export async function stableRank<A>(
  backend: Backend<A>,
  rows: FloatArray,
  dim: number,
  tick?: () => Promise<void>,
): Promise<number> {
  const count = rows.length / dim;
  const isFast = backend.precision === "float32" && rows instanceof Float32Array;
  const isTall = isFast && rows.length >= leastForGram && dim <= mostInRow && count >= 4 * dim;
  const { top, all } = isTall ? await topOfGram(backend, rows, dim, tick) : await topSquare(rows, dim, tick);
  return top === 0 ? 0 : all / top;
}

/** Largest numbers of this range have sums of squares that float32 holds; what their squares lose below it counts for nothing beside theirs. */
const [smallestSquared, largestSquared] = [2 ** -40, 2 ** 40];

/** σ₁² by WᵀW, whose numbers are as exact as float32 products are; of W as it is, or over its largest |number|. */
async function topOfGram<A>(backend: Backend<A>, rows: FloatArray, dim: number, tick?: () => Promise<void>) {
  const scale = largestSize(rows);
  if (scale === 0) return { top: 0, all: 0 };
  const isModerate = scale >= smallestSquared && scale <= largestSquared;
  const gram = await gramOf(backend, rows.length / dim, dim, (from, to) => {
    const part = rows.subarray(from * dim, to * dim);
    return isModerate ? part : part.map((value) => value / scale);
  });
  let all = 0;
  for (let k = 0; k < dim; k++) all += gram[k * dim + k]!;
  const multiply = (vector: Float64Array) =>
    Float64Array.from({ length: dim }, (_, k) => rowTimes(gram, k * dim, dim, vector));
  return { top: Math.min(await largestEigenvalue(multiply, dim, fine, tick), all), all };
}

function largestSize(rows: FloatArray): number {
  let most = 0;
  for (let n = 0; n < rows.length; n++) {
    const size = Math.abs(rows[n]!);
    if (size > most) most = size;
  }
  return most;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

const divided = (vector: Float64Array, by: number) => vector.map((value) => value / by);

function subtract(from: Float64Array, vector: Float64Array, times: number): void {
  for (let k = 0; k < from.length; k++) from[k]! -= times * vector[k]!;
}

/** v → WᵀWv, row by row, so that W is read once. */
function columnProduct(rows: FloatArray, count: number, dim: number, scale: number) {
  return (vector: Float64Array): Float64Array => {
    const product = new Float64Array(dim);
    for (let i = 0; i < count; i++) {
      const start = i * dim;
      const sum = rowTimes(rows, start, dim, vector) / scale / scale;
      if (sum === 0) continue;
      for (let k = 0; k < dim; k++) product[k]! += sum * rows[start + k]!;
    }
    return product;
  };
}

/** u → WWᵀu */
function rowProduct(rows: FloatArray, count: number, dim: number, scale: number) {
  return (vector: Float64Array): Float64Array => {
    const middle = new Float64Array(dim);
    for (let i = 0; i < count; i++) {
      const factor = vector[i]! / scale;
      for (let k = 0; k < dim; k++) middle[k]! += factor * rows[i * dim + k]!;
    }
    return Float64Array.from({ length: count }, (_, i) => rowTimes(rows, i * dim, dim, middle) / scale);
  };
}

/** Four sums, so that one addition doesn't wait for the one before. */
function rowTimes(rows: FloatArray, start: number, dim: number, vector: Float64Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 4 <= dim; k += 4) {
    a += rows[start + k]! * vector[k]!;
    b += rows[start + k + 1]! * vector[k + 1]!;
    c += rows[start + k + 2]! * vector[k + 2]!;
    d += rows[start + k + 3]! * vector[k + 3]!;
  }
  for (; k < dim; k++) a += rows[start + k]! * vector[k]!;
  return a + b + (c + d);
}

/** The largest eigenvalue of a symmetric tridiagonal matrix, by bisection on the signs of its pivots (Sturm). */
export function largestOfTridiagonal(diagonal: readonly number[], beside: readonly number[]): number {
  let high = Number.NEGATIVE_INFINITY;
  let low = Number.NEGATIVE_INFINITY;
  diagonal.forEach((value, n) => {
    const radius = Math.abs(beside[n - 1] ?? 0) + (n + 1 < diagonal.length ? Math.abs(beside[n] ?? 0) : 0);
    high = Math.max(high, value + radius);
    low = Math.max(low, value);
  });
  const isAbove = (at: number): boolean => {
    // All pivots of T − at·I are negative where every eigenvalue is below.
    let pivot = diagonal[0]! - at;
    for (let n = 1; n < diagonal.length; n++) {
      if (pivot >= 0) return false;
      pivot = diagonal[n]! - at - beside[n - 1]! ** 2 / pivot;
    }
    return pivot < 0;
  };
  for (let n = 0; n < 100 && high - low > 1e-14 * Math.abs(high); n++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (isAbove(middle)) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
