/** The projections of docs/usage/own-projection.md: the page shows these files, and they obey the laws of a strategy. */
import { readFileSync } from "node:fs";
import { createEvaluator, energyAndGradient, type Projection, randomStream, referenceBackend } from "@comhe/core";
import { hypersphericalEnergy } from "@comhe/tfjs";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { climbingProjection } from "./examples/climbing-projection.js";
import { randomCoordinates } from "./examples/random-coordinates.js";
import { backends } from "./support/backends.js";
import { expectWithin } from "./support/compare.js";
import { snippetsOf } from "./support/readme-snippets.js";

const examples: readonly (readonly [file: string, Projection])[] = [
  ["random-coordinates", randomCoordinates(8)],
  ["climbing-projection", climbingProjection(6)],
];
const [count, dim] = [7, 20];
const normal = (name: string) => Float64Array.from(randomStream(1, name, 0).fillNormal(new Float32Array(count * dim)));
const weights = { data: normal("weights"), shape: [count, dim] };
const seeded = { seed: 5, name: "layer" };

describe.each(examples)("%s", (file, projection) => {
  const config = { space: "half", projection } as const;

  it("is what the page shows", () => {
    const source = readFileSync(new URL(`./examples/${file}.ts`, import.meta.url), "utf8");
    expect(snippetsOf("docs/usage/own-projection.md").map(({ code }) => code)).toContain(source);
  });

  it("has the gradient that central differences give", async () => {
    const { gradient } = await energyAndGradient(referenceBackend(), config, weights, seeded);
    const toward = normal("toward");
    const step = 1e-4;
    const energies = await Promise.all(
      [-2, -1, 1, 2].map(async (times) => {
        const data = weights.data.map((value, n) => value + times * step * toward[n]);
        return (await energyAndGradient(referenceBackend(), config, { ...weights, data }, seeded)).energy;
      }),
    );
    const difference = (energies[0] - 8 * energies[1] + 8 * energies[2] - energies[3]) / (12 * step);
    const slope = toward.reduce((sum, value, n) => sum + value * gradient[n], 0);
    expectWithin([slope], [difference], 1e-9, "slope");
  });

  it("goes on identically after a restore", async () => {
    const evaluator = createEvaluator(referenceBackend(), config, seeded);
    await evaluator.evaluate(weights);
    await evaluator.evaluate(weights);
    const other = createEvaluator(referenceBackend(), config);
    other.restore(JSON.parse(JSON.stringify(evaluator.state())));
    const next = await evaluator.evaluate(weights);
    expect(await other.evaluate(weights)).toEqual(next);
  });

  describe.each(backends)("on $name", ({ create, tolerance }) => {
    it("gives what the reference gives, step by step", async () => {
      const backend = await create();
      const here = createEvaluator(backend, config, seeded);
      const there = createEvaluator(referenceBackend(), config, seeded);
      for (let step = 0; step < 3; step++) {
        const expected = await there.evaluate(weights);
        const data = backend.precision === "float32" ? Float32Array.from(weights.data) : weights.data;
        const { energy, gradient } = await here.evaluate({ ...weights, data });
        expectWithin([energy], [expected.energy], tolerance, `energy at step ${step}`);
        expectWithin(gradient, expected.gradient, tolerance, `gradient at step ${step}`);
      }
    });
  });
});

describe("what they do", () => {
  it("other coordinates at every step, the same ones with refresh 0", async () => {
    const columnsOf = async (refresh: number) => {
      const config = { projection: randomCoordinates(8, refresh) };
      const evaluator = createEvaluator(referenceBackend(), config, seeded);
      const steps = [await evaluator.evaluate(weights), await evaluator.evaluate(weights)];
      return steps.map(({ gradient }) => Array.from({ length: dim }, (_, k) => k).filter((k) => gradient[k] !== 0));
    };
    const [first, second] = await columnsOf(1);
    expect([first.length, second.length]).toEqual([8, 8]);
    expect(second).not.toEqual(first);
    const [kept, keptAgain] = await columnsOf(0);
    expect(keptAgain).toEqual(kept);
    const tooMany = { projection: randomCoordinates(dim + 1) };
    await expect(energyAndGradient(referenceBackend(), tooMany, weights)).rejects.toThrow(/at most 20/);
  });

  it("the climbing projection finds larger energies of the same weights", async () => {
    const evaluator = createEvaluator(referenceBackend(), { projection: climbingProjection(6, 0.1) }, seeded);
    const energies: number[] = [];
    for (let step = 0; step < 30; step++) energies.push((await evaluator.evaluate(weights)).energy);
    expect(energies.at(-1)).toBeGreaterThan(1.2 * energies[0]);
  });

  describe("in the tfjs regularizer", () => {
    beforeAll(async () => {
      await tf.setBackend("cpu");
    });

    it.each(examples)("%s keeps its state on the device", async (_, projection) => {
      const regularizer = hypersphericalEnergy({ projection, weight: 1, layout: "neurons-first", ...seeded });
      const evaluator = createEvaluator(referenceBackend(), { projection }, seeded);
      const kernel = tf.tensor(Float32Array.from(weights.data), [count, dim]);
      for (let step = 0; step < 3; step++) {
        const { energy } = await evaluator.evaluate(weights);
        expect(regularizer.apply(kernel).dataSync()[0]).toBeCloseTo(energy, 4);
      }
    });
  });
});
