/**
 * `@comhe/tfjs` on tfjs's own engine `webgpu`, whose tensors differ from those of its other engines in kind: a cast leaves whole numbers whole, an index
 * of a maximum has an axis. Every strategy and potential, through the regularizer, against core's reference backend in float64.
 */
import {
  createEvaluator,
  type EnergyConfig,
  energyAndGradient,
  type Potential,
  randomStream,
  referenceBackend,
} from "@comhe/core";
import { hypersphericalEnergy, tfjsBackend } from "@comhe/tfjs";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { count, dim, projections } from "../../../tfjs/test/support/strategies.js";
import { noGpu } from "../support/node-gpu.js";
import { startTfjsEngine } from "../support/tfjs-engine.js";

const potentials: readonly Potential[] = [
  { kind: "riesz", s: 0, distance: "chordal" },
  { kind: "riesz", s: 1.5, distance: "chordal" },
  { kind: "riesz", s: 2, distance: "angular" },
  { kind: "gaussian", t: 2 },
  { kind: "frame", p: 3 },
];

/** All rows apart; or some that coincide, lie opposite one another, or are zero. */
function weights(kind: "apart" | "coincident") {
  const data = randomStream(11, "tfjs", 0).fillNormal(new Float32Array(count * dim));
  if (kind === "coincident") {
    data.copyWithin(dim, 0, dim);
    for (let column = 0; column < dim; column++) data[2 * dim + column] = -0.5 * data[column]!;
    data.fill(0, 3 * dim, 4 * dim);
  }
  return { data, shape: [count, dim] as const };
}

/** Off by, relative to the largest entry. */
function furthest(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const largest = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (value, n) => Math.abs(actual[n]! - value))) / largest;
}

describe.skipIf(noGpu !== undefined)("@comhe/tfjs on tfjs's engine webgpu", () => {
  beforeAll(startTfjsEngine, 60_000);

  async function compare(config: EnergyConfig, kind: "apart" | "coincident" = "apart") {
    const { data, shape } = weights(kind);
    const run = { seed: 3, name: "x" };
    const regularizer = hypersphericalEnergy({ ...config, ...run, weight: 1, layout: "neurons-first" });
    const kernel = tf.tensor2d(data, [count, dim]);
    const { value, grad } = tf.valueAndGrad((of) => regularizer.apply(of))(kernel);
    const [[energy], gradient] = await Promise.all([value.data<"float32">(), grad.data<"float32">()]);
    tf.dispose([kernel, value, grad]);
    const expected = await energyAndGradient(referenceBackend(), config, { data, shape }, run);
    // Chords of close pairs are 1 − c on tensors, which float32 rounds to 6e-8 of a floor of 1e-4.
    const tolerance = kind === "apart" ? { energy: 1e-5, gradient: 1e-4 } : { energy: 2e-3, gradient: 2e-3 };
    expect(expected.energy).not.toBe(0);
    expect(Math.abs(energy! / expected.energy - 1)).toBeLessThan(tolerance.energy);
    expect(furthest(gradient, expected.gradient)).toBeLessThan(tolerance.gradient);
    return gradient;
  }

  it.each(Object.keys(projections))("projection %s", async (strategy) => {
    await compare({ space: "half", potential: { kind: "riesz", s: 1 }, projection: projections[strategy]! });
  });

  it.each(potentials.map((potential) => [JSON.stringify(potential), potential] as const))(
    "%s",
    async (_, potential) => {
      for (const space of ["full", "half"] as const) await compare({ potential, space });
    },
  );

  it("coincident, opposite and zero neurons", async () => {
    for (const space of ["full", "half"] as const) {
      const gradient = await compare({ space }, "coincident");
      expect(gradient.slice(3 * dim, 4 * dim).every((value) => value === 0)).toBe(true);
    }
  });

  it("an energy alone is that beside a gradient, and leaves no tensor behind", async () => {
    const projection = { kind: "random", dimension: 8, count: 3, reduce: "max" } as const;
    const evaluator = createEvaluator(tfjsBackend(), { projection }, { seed: 5 });
    const alone = await evaluator.energy(weights("apart"));
    const { energy } = await evaluator.evaluate(weights("apart"));
    expect(Math.abs(alone / energy - 1)).toBeLessThan(1e-6);
    const kept = tf.memory().numTensors;
    await evaluator.energy(weights("apart"));
    await evaluator.evaluate(weights("apart"));
    expect(tf.memory().numTensors).toBe(kept);
  });
});
