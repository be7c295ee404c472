/** Numbers for tests, from a generator that has nothing in common with the one under test. */

/** Mulberry32: uniform on [0, 1). */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal numbers, by Box and Muller. */
export function normals(seed: number): () => number {
  const uniform = uniforms(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

export function normalArray(seed: number, length: number): Float64Array {
  const next = normals(seed);
  return Float64Array.from({ length }, () => next());
}

/** How two rows of {@link rowsWith} lie to each other. */
export type Closeness = "apart" | "near" | "below the floor" | "antipodal, below the floor";

/** Chord of the close pair: inside the range where chords are taken from differences, and under δ = 0.01. */
const chordOf: Record<Exclude<Closeness, "apart">, number> = {
  near: 0.05,
  "below the floor": 1e-3,
  "antipodal, below the floor": 1e-3,
};

/** `count` rows of norms between 1.5 and 3, the last one close to the first one's direction (or its opposite). */
export function rowsWith(closeness: Closeness, seed: number, count: number, dim: number): Float64Array {
  const uniform = uniforms(seed + 1);
  const rows = normalArray(seed, count * dim);
  const row = (i: number) => rows.subarray(i * dim, (i + 1) * dim);
  for (let i = 0; i < count; i++) scaleTo(row(i), 1);
  if (closeness !== "apart") {
    const aside = normalArray(seed + 2, dim);
    const along = inner(aside, row(0));
    const sign = closeness.startsWith("antipodal") ? -1 : 1;
    const sideways = scaleTo(
      aside.map((value, k) => value - along * row(0)[k]),
      chordOf[closeness],
    );
    row(count - 1).set(row(0).map((value, k) => sign * (value + sideways[k])));
  }
  for (let i = 0; i < count; i++) scaleTo(row(i), 1.5 * (1 + uniform()));
  return rows;
}

function scaleTo(row: Float64Array, norm: number): Float64Array {
  const scale = norm / Math.sqrt(inner(row, row));
  for (let k = 0; k < row.length; k++) row[k] *= scale;
  return row;
}

export function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** A rotation (or reflection) of ℝᵈ, row major: Gram–Schmidt of normal rows. */
export function orthogonalMatrix(seed: number, dim: number): Float64Array {
  const matrix = normalArray(seed, dim * dim);
  for (let i = 0; i < dim; i++) {
    const row = matrix.subarray(i * dim, (i + 1) * dim);
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const earlier = matrix.subarray(j * dim, (j + 1) * dim);
        const along = inner(row, earlier);
        for (let k = 0; k < dim; k++) row[k] -= along * earlier[k];
      }
    }
    scaleTo(row, 1);
  }
  return matrix;
}

/** rows · matrixᵀ */
export function timesTransposed(rows: ArrayLike<number>, matrix: ArrayLike<number>, dim: number): Float64Array {
  const width = matrix.length / dim;
  const count = rows.length / dim;
  const result = new Float64Array(count * width);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < width; j++) {
      for (let k = 0; k < dim; k++) result[i * width + j] += rows[i * dim + k] * matrix[j * dim + k];
    }
  }
  return result;
}
