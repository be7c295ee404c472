/** Every potential, space and projection: tf.grad through the regularizer against the reference backend. */
import { type EnergyConfig, energyAndGradient, type Potential, referenceBackend } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { hypersphericalEnergy, tfjsBackend } from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { expectClose } from "../support/compare.js";
import { normalArray } from "../support/numbers.js";
import { count, dim, projections, random } from "../support/strategies.js";

const potentials: Record<string, Potential> = {
  "riesz 0 chordal": { kind: "riesz", s: 0, distance: "chordal" },
  "riesz 1 chordal": { kind: "riesz", s: 1, distance: "chordal" },
  "riesz 2 chordal": { kind: "riesz", s: 2, distance: "chordal" },
  "riesz 2.5 chordal": { kind: "riesz", s: 2.5, distance: "chordal" },
  "riesz 0 angular": { kind: "riesz", s: 0, distance: "angular" },
  "riesz 2 angular": { kind: "riesz", s: 2, distance: "angular" },
  gaussian: { kind: "gaussian", t: 2 },
};

const strategies = Object.keys(projections);

describe.each(backends)("on tfjs %s", (backend) => {
  beforeAll(() => useBackend(backend));
  const data = normalArray(11, count * dim);

  describe.each(["full", "half"] as const)("%s space", (space) => {
    test.each(strategies)("projection %s, every potential", async (strategy) => {
      for (const [name, potential] of Object.entries(potentials)) {
        const config: EnergyConfig = { potential, space, projection: projections[strategy]! };
        const regularizer = hypersphericalEnergy({ ...config, weight: 1, layout: "neurons-first", seed: 3, name: "x" });
        const { value, grad } = tf.valueAndGrad((weights) => regularizer.apply(weights))(tf.tensor(data, [count, dim]));
        const kernel = { data, shape: [count, dim] };
        const expected = await energyAndGradient(referenceBackend(), config, kernel, { seed: 3, name: "x" });
        expectClose(value.dataSync(), [expected.energy], 1e-5, `${name}: energy`, 0.1);
        expectClose(grad.dataSync(), expected.gradient, 1e-4, `${name}: gradient`, 0.1 * Math.abs(expected.energy));
      }
    });
  });

  test("small tiles give the same", async () => {
    const config: EnergyConfig = { space: "half", projection: random };
    const kernel = { data, shape: [count, dim] };
    const whole = await energyAndGradient(tfjsBackend(), config, kernel);
    for (const tileBytes of [1, 600, 4000]) {
      const tiled = await energyAndGradient(tfjsBackend({ tileBytes }), config, kernel);
      expectClose([tiled.energy], [whole.energy], 1e-6, "energy");
      expectClose(tiled.gradient, whole.gradient, 1e-5, "gradient");
    }
  });

  test("coincident, opposite and zero neurons keep gradients finite, and equal to core's", async () => {
    const rows = data.slice();
    rows.copyWithin(dim, 0, dim);
    for (let column = 0; column < dim; column++) rows[2 * dim + column] = -0.5 * rows[column]!;
    rows.fill(0, 3 * dim, 4 * dim);
    for (const potential of Object.values(potentials)) {
      for (const space of ["full", "half"] as const) {
        const regularizer = hypersphericalEnergy({ potential, space, weight: 1, layout: "neurons-first" });
        const { value, grad } = tf.valueAndGrad((weights) => regularizer.apply(weights))(tf.tensor(rows, [count, dim]));
        const expected = await energyAndGradient(
          referenceBackend(),
          { potential, space },
          { data: rows, shape: [count, dim] },
        );
        const what = `${JSON.stringify(potential)}, ${space}`;
        expectClose(value.dataSync(), [expected.energy], 1e-4, `${what}: energy`);
        const gradient = grad.dataSync();
        expect(gradient.every(Number.isFinite), what).toBe(true);
        expect(gradient.slice(3 * dim, 4 * dim).every((entry) => entry === 0)).toBe(true);
        // The slope at the floor is what float32 rounding is relative to.
        expectClose(gradient, expected.gradient, 5e-4, `${what}: gradient`, Math.abs(expected.energy));
      }
    }
  });
});

test("more than 4096 neurons, in tiles", async () => {
  await useBackend("wasm");
  const [many, few] = [4100, 3];
  const data = normalArray(21, many * few);
  const config: EnergyConfig = { potential: { kind: "riesz", s: 0 } };
  const kernel = { data, shape: [many, few] };
  const expected = await energyAndGradient(referenceBackend(), config, kernel);
  const actual = await energyAndGradient(tfjsBackend({ tileBytes: 2 ** 22 }), config, kernel);
  expectClose([actual.energy], [expected.energy], 1e-4, "energy");
  expectClose(actual.gradient, expected.gradient, 1e-4, "gradient");
});
