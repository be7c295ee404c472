/** Cholesky decomposition of a dense symmetric positive definite matrix, for its determinant and its inverse. */

/** In place: the lower triangle of `matrix` `[n, n]` becomes L with LLᵀ = matrix. @returns whether that exists */
export function choleskyInPlace(matrix: Float64Array, n: number, smallestPivot: number): boolean {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * n + k]! * matrix[j * n + k]!;
      if (j < i) {
        matrix[i * n + j] = sum / matrix[j * n + j]!;
      } else {
        if (!(sum > smallestPivot)) return false;
        matrix[i * n + i] = Math.sqrt(sum);
      }
    }
  }
  return true;
}

/** log det(LLᵀ) */
export function logDeterminant(lower: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += 2 * Math.log(lower[i * n + i]!);
  return sum;
}

/** (LLᵀ)⁻¹ = MᵀM with M = L⁻¹, both triangles. 2n³/3 flops each for M and for the product. */
export function inverseFromCholesky(lower: Float64Array, n: number): Float64Array {
  // Mᵀ, so that both loops run along rows.
  const inverse = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    inverse[j * n + j] = 1 / lower[j * n + j]!;
    for (let i = j + 1; i < n; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum += lower[i * n + k]! * inverse[j * n + k]!;
      inverse[j * n + i] = -sum / lower[i * n + i]!;
    }
  }
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < n; k++) sum += inverse[i * n + k]! * inverse[j * n + k]!;
      result[i * n + j] = sum;
      result[j * n + i] = sum;
    }
  }
  return result;
}
