/** Energy and gradient of one matrix, s = 2, half space, against the published formulation by autodiff. */
import { defineEnergy, energyAndGradient, randomStream, referenceBackend } from "@comhe/core";
import { tfjsBackend } from "@comhe/tfjs";
import * as tf from "@tensorflow/tfjs";
import { growthExponent, interleave, type Timing } from "./harness.js";
import { publishedHalfSpaceEnergy } from "./peers/published-autodiff.js";

export interface PairwiseCase {
  readonly count: number;
  readonly dim: number;
  readonly timings: readonly Timing[];
}

export interface PairwiseResults {
  readonly cases: readonly PairwiseCase[];
  /** Exponents of the growth of the median time with N at fixed d, and with d at fixed N, by contender. */
  readonly growth: Readonly<Record<string, { readonly count: number; readonly dim: number }>>;
}

const countSweep = { counts: [128, 256, 512, 1024], dim: 256 };
const dimSweep = { count: 256, dims: [256, 576, 1152, 2304] };

async function measure(count: number, dim: number, rounds: number): Promise<PairwiseCase> {
  const data = randomStream(1, "benchmark", 0).fillNormal(new Float32Array(count * dim));
  const weights = { data, shape: [count, dim] };
  const spec = defineEnergy({ potential: { kind: "riesz", s: 2 }, space: "half" });
  const rows = tf.tensor2d(data, [count, dim]);
  const gradient = tf.valueAndGrad((x) => publishedHalfSpaceEnergy(x as tf.Tensor2D));
  const timings = await interleave(
    [
      { name: "@comhe/tfjs", run: async () => void (await energyAndGradient(tfjsBackend(), spec, weights)) },
      {
        name: "reference, float64",
        run: async () => void (await energyAndGradient(referenceBackend(), spec, weights)),
      },
      {
        name: "tfjs autodiff",
        run: async () => {
          const { value, grad } = gradient(rows);
          await Promise.all([value.data(), grad.data()]);
          tf.dispose([value, grad]);
        },
      },
    ],
    { rounds, warmUp: 1 },
  );
  rows.dispose();
  return { count, dim, timings };
}

/** @param quick small sizes only, to see that it runs */
export async function pairwise(quick: boolean): Promise<PairwiseResults> {
  const sizes = [
    ...countSweep.counts.map((count) => [count, countSweep.dim] as const),
    ...dimSweep.dims.map((dim) => [dimSweep.count, dim] as const),
  ].filter(([count, dim], index, all) => all.findIndex(([n, d]) => n === count && d === dim) === index);
  const cases: PairwiseCase[] = [];
  for (const [count, dim] of sizes) {
    if (quick && count * dim > 256 * 256) continue;
    cases.push(await measure(count, dim, quick ? 1 : 7));
  }
  const growth = Object.fromEntries(
    cases[0]!.timings.map(({ name }) => {
      const median = (of: PairwiseCase) => of.timings.find((timing) => timing.name === name)!.median;
      const byCount = cases.filter(({ dim }) => dim === countSweep.dim);
      const byDim = cases.filter(({ count }) => count === dimSweep.count);
      const slope = (of: readonly PairwiseCase[], size: (each: PairwiseCase) => number) =>
        of.length < 2 ? Number.NaN : growthExponent(of.map(size), of.map(median));
      return [name, { count: slope(byCount, ({ count }) => count), dim: slope(byDim, ({ dim }) => dim) }];
    }),
  );
  return { cases, growth };
}
