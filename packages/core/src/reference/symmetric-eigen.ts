/**
 * All eigenvalues and eigenvectors of a symmetric matrix: Householder reflections make it tridiagonal, QL steps with implicit shifts make
 * that diagonal, and both are applied to the vectors on the way. EISPACK's `tred2` and `tql2` (Bowdler, Martin, Reinsch & Wilkinson 1968,
 * Numer. Math. 11, 293–306), as JAMA and most libraries have them; here each vector is a row, so that every inner loop walks along memory.
 *
 * A few dozen lines in place of a library, since `pca` is one string in a config: whatever it needs is in every page that has an energy.
 */

/** Eigenvalue n belongs to row n of `vectors`, which has norm 1. In no particular order. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  /** `[size, size]` */
  readonly vectors: Float64Array;
}

/**
 * The error of an eigenvalue is some 1e-15 of the largest. About 9·size³ flops.
 *
 * @param matrix `[size, size]`, finite; only what is on and below its diagonal is read
 */
export function symmetricEigen(matrix: Float64Array, size: number): SymmetricEigen {
  // Row j holds what the literature has in column j.
  const vectors = new Float64Array(size * size);
  // As if the largest entry were 1, so that no product of two overflows or vanishes.
  let scale = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) scale = Math.max(scale, Math.abs(matrix[i * size + j]!));
  }
  if (scale === 0) scale = 1;
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) vectors[j * size + i] = matrix[i * size + j]! / scale;
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) vectors[i * size + j] = vectors[j * size + i]!;
  const values = new Float64Array(size);
  if (size === 0) return { values, vectors };
  const beside = new Float64Array(size);
  tridiagonalize(vectors, size, values, beside);
  accumulate(vectors, size, values);
  beside[0] = 0;
  diagonalize(vectors, size, values, beside);
  return { values: values.map((value) => value * scale), vectors };
}

/** A = QTQᵀ: T's diagonal goes to the diagonal of `v`, what is beside it to `e`; the reflections that make Q stay in `v`, their halved squares in `d`. */
function tridiagonalize(v: Float64Array, size: number, d: Float64Array, e: Float64Array): void {
  for (let j = 0; j < size; j++) d[j] = v[j * size + size - 1]!;
  for (let i = size - 1; i > 0; i--) {
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]!);
    let h = 0;
    if (scale === 0) {
      e[i] = d[i - 1]!;
      for (let j = 0; j < i; j++) {
        d[j] = v[j * size + i - 1]!;
        v[j * size + i] = 0;
        v[i * size + j] = 0;
      }
    } else {
      h = reflect(v, size, i, scale, d, e);
    }
    d[i] = h;
  }
}

/** One Householder reflection, of the first i coordinates. @returns half of its vector's square */
function reflect(v: Float64Array, size: number, i: number, scale: number, d: Float64Array, e: Float64Array): number {
  let h = 0;
  for (let k = 0; k < i; k++) {
    d[k]! /= scale;
    h += d[k]! * d[k]!;
  }
  const lead = d[i - 1]!;
  const length = lead > 0 ? -Math.sqrt(h) : Math.sqrt(h);
  e[i] = scale * length;
  h -= lead * length;
  d[i - 1] = lead - length;
  e.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const row = j * size;
    const f = d[j]!;
    v[i * size + j] = f;
    let g = e[j]! + v[row + j]! * f;
    for (let k = j + 1; k < i; k++) {
      g += v[row + k]! * d[k]!;
      e[k]! += v[row + k]! * f;
    }
    e[j] = g;
  }
  let along = 0;
  for (let j = 0; j < i; j++) {
    e[j]! /= h;
    along += e[j]! * d[j]!;
  }
  const half = along / (h + h);
  for (let j = 0; j < i; j++) e[j]! -= half * d[j]!;
  for (let j = 0; j < i; j++) {
    const row = j * size;
    const f = d[j]!;
    const g = e[j]!;
    for (let k = j; k < i; k++) v[row + k]! -= f * e[k]! + g * d[k]!;
    d[j] = v[row + i - 1]!;
    v[row + i] = 0;
  }
  return h;
}

/** Multiplies the reflections: `v` becomes Q, `d` the diagonal of T. */
function accumulate(v: Float64Array, size: number, d: Float64Array): void {
  const last = size - 1;
  for (let i = 0; i < last; i++) {
    v[i * size + last] = v[i * size + i]!;
    v[i * size + i] = 1;
    const next = (i + 1) * size;
    const h = d[i + 1]!;
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[next + k]! / h;
      for (let j = 0; j <= i; j++) {
        const row = j * size;
        let g = 0;
        for (let k = 0; k <= i; k++) g += v[next + k]! * v[row + k]!;
        for (let k = 0; k <= i; k++) v[row + k]! -= g * d[k]!;
      }
    }
    v.fill(0, next, next + i + 1);
  }
  for (let j = 0; j < size; j++) {
    d[j] = v[j * size + last]!;
    v[j * size + last] = 0;
  }
  v[size * size - 1] = 1;
}

/** QL steps until what is beside the diagonal is nothing beside the largest entries. */
function diagonalize(v: Float64Array, size: number, d: Float64Array, e: Float64Array): void {
  e.copyWithin(0, 1);
  e[size - 1] = 0;
  let shift = 0;
  let largest = 0;
  for (let l = 0; l < size; l++) {
    largest = Math.max(largest, Math.abs(d[l]!) + Math.abs(e[l]!));
    const least = Number.EPSILON * largest;
    let m = l;
    while (m < size - 1 && Math.abs(e[m]!) > least) m++;
    if (m > l) {
      do shift = step(v, size, l, m, shift, d, e);
      while (Math.abs(e[l]!) > least);
    }
    d[l]! += shift;
    e[l] = 0;
  }
}

/** One QL step on rows l … m, with the shift that brings eigenvalue l closest. @returns the sum of the shifts so far */
function step(v: Float64Array, size: number, l: number, m: number, shift: number, d: Float64Array, e: Float64Array) {
  const before = d[l]!;
  const ratio = (d[l + 1]! - before) / (2 * e[l]!);
  const root = ratio < 0 ? ratio - hypotenuse(ratio, 1) : ratio + hypotenuse(ratio, 1);
  d[l] = e[l]! / root;
  d[l + 1] = e[l]! * root;
  const next = d[l + 1]!;
  const by = before - d[l]!;
  for (let i = l + 2; i < size; i++) d[i]! -= by;

  const beside = e[l + 1]!;
  let p = d[m]!;
  let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0];
  for (let i = m - 1; i >= l; i--) {
    c3 = c2;
    c2 = c;
    s2 = s;
    const g = c * e[i]!;
    const h = c * p;
    const r = hypotenuse(p, e[i]!);
    e[i + 1] = s * r;
    s = e[i]! / r;
    c = p / r;
    p = c * d[i]! - s * g;
    d[i + 1] = h + s * (c * g + s * d[i]!);
    const [lower, upper] = [i * size, (i + 1) * size];
    for (let k = 0; k < size; k++) {
      const w = v[upper + k]!;
      v[upper + k] = s * v[lower + k]! + c * w;
      v[lower + k] = c * v[lower + k]! - s * w;
    }
  }
  p = (-s * s2 * c3 * beside * e[l]!) / next;
  e[l] = s * p;
  d[l] = c * p;
  return shift + by;
}

/** √(a² + b²) without overflow, by exactly rounded operations alone: `Math.hypot` may differ between engines. */
function hypotenuse(a: number, b: number): number {
  const large = Math.max(Math.abs(a), Math.abs(b));
  if (large === 0) return 0;
  const ratio = Math.min(Math.abs(a), Math.abs(b)) / large;
  return large * Math.sqrt(1 + ratio * ratio);
}
