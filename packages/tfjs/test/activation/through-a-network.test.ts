/**
 * The gradient of energyOf through a network, for every strategy: against central differences of the same network and energy in
 * float64, written out in plain numbers.
 */
import {
  createEvaluator,
  type EnergyConfig,
  energyAndGradient,
  type ProjectionInput,
  referenceBackend,
} from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { energyOf } from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { normalArray } from "../support/numbers.js";
import { count, dim, projections } from "../support/strategies.js";

const inputs = 5;
const hidden = 7;
const x = normalArray(31, count * inputs);
const first = normalArray(32, inputs * hidden);
const second = normalArray(33, hidden * dim);
const seed = { seed: 6, name: "embeddings" };

/** a [m, k] · b [k, n] */
function product(a: Float64Array, b: Float64Array, inner: number): Float64Array {
  const columns = b.length / inner;
  return Float64Array.from({ length: (a.length / inner) * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += a[row * inner + k]! * b[k * columns + column]!;
    return sum;
  });
}

const embed = (weights: readonly [Float64Array, Float64Array]) =>
  product(product(Float64Array.from(x), weights[0], inputs).map(Math.tanh), weights[1], hidden);

/** What the gradient holds fixed: matrices that a strategy finds for these rows, where it doesn't differentiate through finding them. */
async function heldFixed(config: EnergyConfig, rows: Float64Array): Promise<EnergyConfig> {
  const run = createEvaluator(referenceBackend(), config, seed);
  await run.evaluate({ data: rows, shape: [count, dim] });
  const { kept } = run.state();
  const { kind, through } = config.projection as { readonly kind: string; readonly through?: string };
  if (!kept.matrices || (kind !== "pca" && through === "unrolled")) return config;
  const [of, k, d] = kept.matrices.shape as [number, number, number];
  return { ...config, projection: { kind: "fixed", matrices: { data: kept.matrices.data, shape: [of, k, d] } } };
}

const directions = [0, 1, 2].map(
  (n) => [normalArray(40 + n, first.length), normalArray(50 + n, second.length)] as const,
);

async function centralDifferences(config: EnergyConfig): Promise<number[]> {
  const frozen = await heldFixed(config, embed([Float64Array.from(first), Float64Array.from(second)]));
  const energyAt = async (along: readonly [Float32Array, Float32Array], h: number) => {
    const rows = embed([first, second].map((w, n) => Float64Array.from(w, (v, i) => v + h * along[n]![i]!)) as never);
    return (await energyAndGradient(referenceBackend(), frozen, { data: rows, shape: [count, dim] }, seed)).energy;
  };
  const h = 1e-5;
  return Promise.all(
    directions.map(async (along) => ((await energyAt(along, h)) - (await energyAt(along, -h))) / (2 * h)),
  );
}

describe.each(backends)("on tfjs's %s", (engine) => {
  beforeAll(() => useBackend(engine));

  describe.each(["full", "half"] as const)("%s space", (space) => {
    it.each(Object.entries(projections) as [string, ProjectionInput][])("%s", async (_, projection) => {
      const config: EnergyConfig = { space, projection };
      const expected = await centralDifferences(config);
      for (const backend of [undefined, referenceBackend()]) {
        const actual = tf.tidy(() => {
          const weights = [
            tf.variable(tf.tensor2d(first, [inputs, hidden])),
            tf.variable(tf.tensor2d(second, [hidden, dim])),
          ];
          const { grads } = tf.variableGrads(() => {
            const activations = tf.tanh(tf.matMul(tf.tensor2d(x, [count, inputs]), weights[0]!));
            return energyOf(tf.matMul(activations, weights[1]!), config, { ...seed, backend }) as tf.Scalar;
          }, weights);
          const slopes = weights.map(({ name }) => grads[name]!.dataSync());
          tf.dispose(weights);
          return directions.map((along) =>
            along.reduce((sum, each, n) => sum + each.reduce((dot, v, i) => dot + v * slopes[n]![i]!, 0), 0),
          );
        });
        const scale = Math.max(...expected.map(Math.abs));
        actual.forEach((slope, n) => {
          expect(Math.abs(slope - expected[n]!), `direction ${n}: ${slope} and ${expected[n]}`).toBeLessThan(
            5e-4 * scale,
          );
        });
      }
    });
  });
});
