/**
 * Σ c_ij² over all pairs of rows, i = j included, without looking at a pair: ‖XXᵀ‖²_F = ‖XᵀX‖²_F, a d×d matrix summed up over some rows at a
 * time. It gives the effective rank of a table whose pairs are too many: (Σλ)²/Σλ² = N²/‖XXᵀ‖²_F.
 */
import type { Backend } from "@comhe/core";
import type { UnitRows } from "./unit-rows.js";

/** Numbers handed over at once: few enough for any backend's memory, enough to hide what a call costs. */
const numbersAtOnce = 1_000_000;

/** Over the living rows. */
export async function gramSquares<A>(backend: Backend<A>, { unit, live }: UnitRows, dim: number): Promise<number> {
  const gram = new Float64Array(dim * dim);
  const step = Math.max(1, Math.floor(numbersAtOnce / dim));
  for (let from = 0; from < live.length; from += step) {
    const to = Math.min(live.length, from + step);
    const rows = unit.slice(from * dim, to * dim);
    for (let i = from; i < to; i++) if (live[i] === 0) rows.fill(0, (i - from) * dim, (i - from + 1) * dim);
    const product = backend.scope(() => {
      const part = backend.upload(rows, [1, to - from, dim], "rows");
      return backend.matmul(part, part, { transposeA: true });
    });
    const { part } = await backend.download({ part: product });
    for (let n = 0; n < gram.length; n++) gram[n]! += part![n]!;
  }
  return gram.reduce((sum, value) => sum + value * value, 0);
}
