/** Eigenvalues of a symmetric matrix without their vectors: Householder's reduction to a tridiagonal one, then bisection (Golub, Van Loan, 8.3 and 8.4). */

/** @param matrix `[n, n]`, symmetric; it is overwritten @returns largest first */
export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
  const { diagonal, beside } = tridiagonal(matrix, size);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let n = 0; n < size; n++) {
    const radius = (n > 0 ? Math.abs(beside[n - 1]!) : 0) + (n + 1 < size ? Math.abs(beside[n]!) : 0);
    low = Math.min(low, diagonal[n]! - radius);
    high = Math.max(high, diagonal[n]! + radius);
  }
  const width = high - low;
  return Float64Array.from({ length: size }, (_, wanted) => {
    let [from, to] = [low, high];
    // The one with exactly `wanted` of them above.
    for (let n = 0; n < 90 && to - from > 1e-15 * width; n++) {
      const middle = (from + to) / 2;
      if (countAbove(diagonal, beside, middle) > wanted) from = middle;
      else to = middle;
    }
    return (from + to) / 2;
  });
}

/** How many eigenvalues are above a number: positive pivots of T − x (Sturm). */
function countAbove(diagonal: Float64Array, beside: Float64Array, x: number): number {
  let count = 0;
  let pivot = 1;
  for (let n = 0; n < diagonal.length; n++) {
    const off = n === 0 ? 0 : beside[n - 1]! ** 2;
    pivot = diagonal[n]! - x - off / (pivot === 0 ? Number.MIN_VALUE : pivot);
    if (pivot > 0) count++;
  }
  return count;
}

function tridiagonal(a: Float64Array, n: number): { diagonal: Float64Array; beside: Float64Array } {
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(Math.max(0, n - 1));
  const v = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    let norm = 0;
    for (let i = k + 1; i < n; i++) norm += a[i * n + k]! ** 2;
    norm = Math.sqrt(norm);
    const first = a[(k + 1) * n + k]!;
    const alpha = first > 0 ? -norm : norm;
    beside[k] = alpha;
    if (norm === 0) continue;
    let square = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = a[i * n + k]! - (i === k + 1 ? alpha : 0);
      square += v[i]! ** 2;
    }
    if (square === 0) continue;
    // A ← HAH with H = I − 2vvᵀ/vᵀv: p = 2Av/vᵀv, w = p − (pᵀv/vᵀv)v, A − vwᵀ − wvᵀ.
    let inner = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += a[i * n + j]! * v[j]!;
      p[i] = (2 * sum) / square;
      inner += p[i]! * v[i]!;
    }
    const factor = inner / square;
    for (let i = k + 1; i < n; i++) p[i]! -= factor * v[i]!;
    for (let i = k + 1; i < n; i++) {
      for (let j = k + 1; j < n; j++) a[i * n + j]! -= v[i]! * p[j]! + p[i]! * v[j]!;
    }
  }
  for (let k = 0; k < n; k++) diagonal[k] = a[k * n + k]!;
  return { diagonal, beside };
}
