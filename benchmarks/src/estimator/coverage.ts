/** Does the 95 % interval cover? Seeded tables, 1 % of the pairs, against the exact energy. */
import { type Backend, defineEnergy, energyAndGradient, estimateEnergy, type Space } from "@comhe/core";
import { makeTable, tableKinds } from "./tables.js";

export interface CoverageOptions {
  readonly tables: number;
  readonly count: number;
  readonly dim: number;
  readonly space: Space;
}

export async function showCoverage<A>(backend: Backend<A>, { tables, count, dim, space }: CoverageOptions) {
  const spec = defineEnergy({ space });
  const pairs = Math.round((count * (count - 1)) / 200);
  console.log(`${tables} tables of ${count} × ${dim}, ${space} space, s = 2, ${pairs} pairs (1 %)`);
  let covered = 0;
  for (let n = 0; n < tables; n++) {
    const kind = tableKinds[n % tableKinds.length]!;
    const weights = { data: makeTable(kind, n, count, dim), shape: [count, dim] };
    const { energy: exact } = await energyAndGradient(backend, spec, weights);
    const found = await estimateEnergy(backend, spec, weights, { pairs, seed: n });
    const half = (found.high - found.low) / 2;
    const inside = Math.abs(found.energy - exact) <= half;
    covered += inside ? 1 : 0;
    console.log(
      `${kind.padEnd(16)} exact ${exact.toFixed(7)} estimate ${found.energy.toFixed(7)} ± ${(half / exact).toExponential(1)} relative, ` +
        `off by ${((found.energy - exact) / half).toFixed(2)} half-widths, ${found.pairs} pairs, ` +
        `${found.milliseconds.toFixed(0)} ms ${inside ? "covered" : "MISSED"}`,
    );
  }
  console.log(`${space} space, covered: ${covered} of ${tables}\n`);
}
