/** Is a budget kept? A large table and a wide layer, from a budget below the least work to one that is ample. */
import { type Backend, estimateEnergy, randomStream } from "@comhe/core";

/** 1,000,000 × 64 with 5000 rows that repeat others, and a layer of 4096 × 4096. */
function makeRows(count: number, dim: number, copies: number): Float32Array {
  const data = randomStream(1, "budgets", 0).fillNormal(new Float32Array(count * dim));
  const every = copies > 0 ? Math.floor(count / copies) : 0;
  for (let n = 0; n < copies; n++) data.copyWithin((n * every + 7) * dim, n * dim, (n + 1) * dim);
  return data;
}

export async function showBudgets<A>(backend: Backend<A>) {
  for (const { count, dim, copies, budgets } of [
    { count: 4096, dim: 4096, copies: 0, budgets: [250, 1000, 3000] },
    { count: 1_000_000, dim: 64, copies: 5000, budgets: [1000, 5000, 20_000, 40_000] },
  ]) {
    const weights = { data: makeRows(count, dim, copies), shape: [count, dim] };
    for (const budget of budgets) {
      const found = await estimateEnergy(backend, { space: "half" }, weights, { budget, seed: 1 });
      const peak = (process.resourceUsage().maxRSS / 1024).toFixed(0);
      console.log(
        `${count} × ${dim}, budget ${budget / 1000} s: took ${(found.milliseconds / 1000).toFixed(2)} s, energy ${found.energy.toFixed(7)} ` +
          `(${found.low.toFixed(7)} to ${found.high.toFixed(7)}), ${found.method}; peak ${peak} MiB`,
      );
    }
  }
  console.log();
}
