/** A step with `sample: m` on tables of many classes: its time, and how far its energies scatter about that of all rows. */
import { type Backend, createEvaluator, estimateEnergy, randomStream } from "@comhe/core";

const [dim, sample, steps] = [64, 1024, 20];

export async function showMinibatches<A>(backend: Backend<A>) {
  for (const count of [10_000, 100_000, 1_000_000]) {
    const weights = {
      data: randomStream(2, "classes", 0).fillNormal(new Float32Array(count * dim)),
      shape: [count, dim],
    };
    const evaluator = createEvaluator(backend, { space: "half", sample }, { seed: 1 });
    await evaluator.evaluate(weights);
    const energies: number[] = [];
    const times: number[] = [];
    for (let step = 0; step < steps; step++) {
      const begin = performance.now();
      energies.push((await evaluator.evaluate(weights)).energy);
      times.push(performance.now() - begin);
    }
    const mean = energies.reduce((sum, value) => sum + value, 0) / steps;
    const scatter = Math.sqrt(energies.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (steps - 1));
    const median = times.sort((a, b) => a - b)[steps / 2]!;
    const all = await estimateEnergy(backend, { space: "half" }, weights, { pairs: 2_000_000, seed: 1 });
    console.log(
      `${count} × ${dim}, sample ${sample}: ${median.toFixed(1)} ms a step, energies ${mean.toFixed(6)} ± ${scatter.toExponential(1)} a step; ` +
        `all rows ${all.energy.toFixed(6)} (${all.low.toFixed(6)} to ${all.high.toFixed(6)})`,
    );
  }
}
