/**
 * Σ c_ij² over all pairs of rows, i = j included, without looking at a pair: ‖XXᵀ‖²_F = ‖XᵀX‖²_F, a d×d matrix summed up over some rows at a
 * time. It gives the effective rank of a table whose pairs are too many: (Σλ)²/Σλ² = N²/‖XXᵀ‖²_F.
 */
import type { Backend, FloatArray } from "@comhe/core";

/** Numbers handed over at once: few enough for any backend's memory, enough to hide what a call costs. */
const numbersAtOnce = 1_000_000;

/** @param unit rows of length 1, `[N, d]` */
export async function gramSquares<A>(backend: Backend<A>, unit: FloatArray, dim: number): Promise<number> {
  const gram = new Float64Array(dim * dim);
  const step = Math.max(1, Math.floor(numbersAtOnce / dim)) * dim;
  for (let from = 0; from < unit.length; from += step) {
    const rows = unit.subarray(from, from + step);
    const product = backend.scope(() => {
      const part = backend.upload(rows, [1, rows.length / dim, dim], "rows");
      return backend.matmul(part, part, { transposeA: true });
    });
    const { part } = await backend.download({ part: product });
    for (let n = 0; n < gram.length; n++) gram[n]! += part![n]!;
  }
  return gram.reduce((sum, value) => sum + value * value, 0);
}
