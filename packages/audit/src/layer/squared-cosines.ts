/**
 * Σ c_ij² over all pairs of rows, i = j included, without looking at a pair: ‖XXᵀ‖²_F = ‖XᵀX‖²_F, a d×d matrix summed up over some rows at a
 * time. It gives the effective rank of a table whose pairs are too many: (Σλ)²/Σλ² = N²/‖XXᵀ‖²_F.
 */
import type { Backend, FloatArray } from "@comhe/core";

/** Numbers handed over at once: few enough for any backend's memory, enough to hide what a call costs. */
const numbersAtOnce = 1_000_000;

/**
 * XᵀX, `[d, d]`, of some rows at a time; parts of float32 are added up in float64.
 *
 * @param part those rows of X, from and up to a number
 */
export async function gramOf<A>(
  backend: Backend<A>,
  count: number,
  dim: number,
  part: (from: number, to: number) => FloatArray,
): Promise<Float64Array> {
  const gram = new Float64Array(dim * dim);
  const step = Math.max(1, Math.floor(numbersAtOnce / dim));
  for (let from = 0; from < count; from += step) {
    const to = Math.min(count, from + step);
    const product = backend.scope(() => {
      const rows = backend.upload(part(from, to), [1, to - from, dim], "rows");
      return backend.matmul(rows, rows, { transposeA: true });
    });
    const { some } = await backend.download({ some: product });
    for (let n = 0; n < gram.length; n++) gram[n]! += some![n]!;
  }
  return gram;
}

/** @param unit rows of length 1, `[N, d]` */
export async function gramSquares<A>(backend: Backend<A>, unit: FloatArray, dim: number): Promise<number> {
  const gram = await gramOf(backend, unit.length / dim, dim, (from, to) => unit.subarray(from * dim, to * dim));
  return gram.reduce((sum, value) => sum + value * value, 0);
}
