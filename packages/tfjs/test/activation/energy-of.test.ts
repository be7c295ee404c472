/** energyOf: what core gives for the same rows, as a term of a loss. */
import { createEvaluator, type EnergyConfig, energyAndGradient, type Layout, referenceBackend } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { energyOf } from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { expectClose } from "../support/compare.js";
import { normalArray, sizeOf } from "../support/numbers.js";
import { count, dim, projections, random } from "../support/strategies.js";

const data = normalArray(11, count * dim);
const rows = () => tf.tensor2d(data, [count, dim]);
const scaled = (values: ArrayLike<number>, factor: number) => Array.from(values, (value) => factor * value);

describe.each(backends)("on tfjs's %s", (engine) => {
  beforeEach(() => useBackend(engine));

  describe.each(["tfjs", "another backend"])("by %s", (where) => {
    const backend = where === "tfjs" ? undefined : referenceBackend();

    it.each(Object.keys(projections))("a term of a loss: %s", async (strategy) => {
      const config: EnergyConfig = { space: "half", projection: projections[strategy]! };
      const loss = (x: tf.Tensor) => tf.mul(energyOf(x, config, { seed: 3, name: "x", backend }), -5) as tf.Scalar;
      const { value, grad } = tf.valueAndGrad(loss)(rows());
      const kernel = { data, shape: [count, dim] };
      const expected = await energyAndGradient(referenceBackend(), config, kernel, { seed: 3, name: "x" });
      expectClose(value.dataSync(), [-5 * expected.energy], 1e-5, "energy");
      expectClose(grad.dataSync(), scaled(expected.gradient, -5), 1e-4, "gradient", 0.5 * expected.energy);
      const alone = energyOf(rows(), config, { seed: 3, name: "x", backend });
      expectClose(alone.dataSync(), [expected.energy], 1e-5, "the energy alone");
    });

    it.each(Object.keys(projections))("a batch of sets of points, each on its own: %s", async (strategy) => {
      const config: EnergyConfig = { projection: projections[strategy]! };
      const batch = normalArray(12, 3 * count * dim);
      const weights = tf.tensor1d([1, -2, 0.5]);
      const loss = (x: tf.Tensor) => tf.sum(tf.mul(energyOf(x, config, { seed: 4, backend }), weights)) as tf.Scalar;
      const x = tf.tensor3d(batch, [3, count, dim]);
      const energies = energyOf(x, config, { seed: 4, backend });
      expect(energies.shape).toEqual([3]);
      const { value, grad } = tf.valueAndGrad(loss)(x);
      expect(grad.shape).toEqual(x.shape);
      let sum = 0;
      for (const [n, weight] of [1, -2, 0.5].entries()) {
        const each = batch.slice(n * count * dim, (n + 1) * count * dim);
        const expected = await energyAndGradient(
          referenceBackend(),
          config,
          { data: each, shape: [count, dim] },
          { seed: 4 },
        );
        expectClose([energies.dataSync()[n]!], [expected.energy], 1e-5, `energy ${n}`);
        const gradient = grad.dataSync().slice(n * count * dim, (n + 1) * count * dim);
        expectClose(gradient, scaled(expected.gradient, weight), 1e-4, `gradient ${n}`, expected.energy);
        sum += weight * expected.energy;
      }
      expectClose(value.dataSync(), [sum], 1e-5, "sum", 1);
    });

    it("goes through the schedule by step alone, like an evaluator", async () => {
      const config: EnergyConfig = { projection: { ...random, refresh: 2 }, sample: 6 };
      const run = createEvaluator(referenceBackend(), config, { seed: 5, name: "e" });
      const seen = new Set<number>();
      for (let step = 0; step < 5; step++) {
        const expected = await run.evaluate({ data, shape: [count, dim] });
        const options = { seed: 5, name: "e", step, backend };
        const { value, grad } = tf.valueAndGrad((x) => energyOf(x, config, options) as tf.Scalar)(rows());
        expectClose(value.dataSync(), [expected.energy], 1e-5, `energy at ${step}`);
        expectClose(grad.dataSync(), expected.gradient, 1e-4, `gradient at ${step}`);
        seen.add(expected.energy);
        expect(energyOf(rows(), config, options).dataSync()).toEqual(energyOf(rows(), config, options).dataSync());
      }
      expect(seen.size).toBe(5);
    });

    it.each([
      [[4, 5, 6], "neurons-last"],
      [[4, 5, 6], "neurons-first"],
      [[2, 3, 3, 5], { neuronAxes: [0, 1, 2] }],
      [[14, 9], "neurons-last"],
    ] as readonly [number[], Layout][])("with a layout one set of points: %j %j", async (shape, layout) => {
      const values = normalArray(13, sizeOf(shape));
      const config: EnergyConfig = { potential: { kind: "riesz", s: 1 } };
      const expected = await energyAndGradient(referenceBackend(), config, { data: values, shape, layout });
      const { value, grad } = tf.valueAndGrad((x) => energyOf(x, config, { layout, backend }) as tf.Scalar)(
        tf.tensor(values, shape),
      );
      expect(value.shape).toEqual([]);
      expectClose(value.dataSync(), [expected.energy], 1e-5, "energy");
      expectClose(grad.dataSync(), expected.gradient, 1e-4, "gradient");
    });

    it("200 steps of random and adversarial projections leave nothing behind", () => {
      const x = tf.variable(tf.tensor2d(data, [count, dim]));
      const optimizer = tf.train.sgd(0.01);
      const adversarial = projections["adversarial, stopped"]!;
      const step = (n: number) => {
        optimizer.minimize(() => {
          const first = energyOf(x, { projection: random }, { step: n, backend });
          if (n % 20 > 0) return first as tf.Scalar;
          const batch = energyOf(tf.reshape(x, [1, count, dim]), { projection: adversarial }, { step: n, backend });
          return tf.add(first, tf.sum(batch)) as tf.Scalar;
        });
      };
      step(0);
      const before = tf.memory().numTensors;
      for (let n = 1; n <= 200; n++) step(n);
      expect(tf.memory().numTensors).toBe(before);
      expect(x.dataSync().every(Number.isFinite)).toBe(true);
      tf.dispose([x]);
    });
  });

  it("one point has no pairs, in half space its own opposite", () => {
    const point = tf.tensor2d([3, 4], [1, 2]);
    const log = { potential: { kind: "riesz", s: 0 } } as const;
    expect(energyOf(point, log).dataSync()[0]).toBe(0);
    expect(energyOf(point, { ...log, space: "half" }).dataSync()[0]).toBeCloseTo(-Math.log(2), 6);
    const { value, grad } = tf.valueAndGrad((x) => energyOf(x, log) as tf.Scalar)(point);
    expect([...value.dataSync(), ...grad.dataSync()]).toEqual([0, 0, 0]);
  });

  it("is computed in tiles where a batch of embeddings is large", async () => {
    const [many, few] = [4100, 8];
    const values = normalArray(21, many * few);
    const { value, grad } = tf.valueAndGrad((x) => energyOf(x, {}) as tf.Scalar)(tf.tensor2d(values, [many, few]));
    const expected = await energyAndGradient(referenceBackend(), {}, { data: values, shape: [many, few] });
    expectClose(value.dataSync(), [expected.energy], 1e-4, "energy");
    expectClose(grad.dataSync(), expected.gradient, 1e-3, "gradient");
  });
});

describe("refuses", () => {
  beforeEach(() => useBackend("wasm"));
  const of =
    (tensor: unknown, config: unknown = {}, options: unknown = {}) =>
    () =>
      energyOf(tensor as tf.Tensor, config as EnergyConfig, options as object);

  it.each([
    ["no tensor", () => of([[1, 2]]), "invalid-config", /expected a tensor .* got object.*energyAndGradient/],
    ["whole numbers", () => of(tf.tensor2d([1, 2], [1, 2], "int32")), "invalid-config", /float32, got int32.*Cast/],
    [
      "a vector",
      () => of(tf.tensor1d([1, 2])),
      "invalid-shape",
      /\[points, dimension\] or \[batch, points, dimension\], got \[2\].*layout/,
    ],
    [
      "feature maps without a layout",
      () => of(tf.zeros([2, 3, 4, 5])),
      "invalid-shape",
      /got \[2, 3, 4, 5\].*neuronAxes/,
    ],
    ["a layout that doesn't fit", () => of(rows(), {}, { layout: { neuronAxes: [3] } }), "invalid-shape", /neuronAxes/],
    ["no layout", () => of(rows(), {}, { layout: "columns" }), "invalid-shape", /Unknown layout "columns"/],
    [
      "half a step",
      () => of(rows(), {}, { step: 0.5 }),
      "invalid-config",
      /step: expected a whole number ≥ 0, got 0.5/,
    ],
    ["a negative seed", () => of(rows(), {}, { seed: -1 }), "invalid-config", /seed/],
    ["an option that isn't one", () => of(rows(), {}, { weight: 3 }), "invalid-config", /weight/],
    ["a config that isn't one", () => of(rows(), { space: "quarter" }), "invalid-config", /space/],
    [
      "a projection that doesn't fit",
      () => of(rows(), { projection: { kind: "pca", dimension: 12 } }),
      "invalid-config",
      /at most 9/,
    ],
    ["the bare formula, on tensors", () => of(rows(), { separationFloor: 0 }), "unsupported", /separationFloor/],
    [
      "the bare formula, of a batch",
      () => of(tf.ones([1, 2, 3]), { separationFloor: 0 }),
      "unsupported",
      /separationFloor/,
    ],
    [
      "a backend that isn't one",
      () => of(rows(), {}, { backend: "wasm" }),
      "invalid-config",
      /backend: expected a backend/,
    ],
  ] as const)("%s", (_, make, code, message) => {
    expect(make()).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  it("leaves nothing behind where it throws", () => {
    const x = rows();
    const before = tf.memory().numTensors;
    expect(of(x, { projection: { kind: "pca", dimension: 12 } })).toThrow();
    expect(() => tf.grad((of) => energyOf(of, { separationFloor: 0 }) as tf.Scalar)(x)).toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });
});

it("warns once where points have too few dimensions for the potential", async () => {
  await useBackend("wasm");
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const points = tf.tensor2d(normalArray(3, 40), [10, 4]);
  for (let step = 0; step < 3; step++) energyOf(points, { potential: { kind: "riesz", s: 3 } }, { step });
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/in 4 dimensions has infinite variance at s = 3: 2s < k − 1 wants s < 1.5/)],
  ]);
  warn.mockClear();
  for (let step = 0; step < 3; step++) energyOf(points, { potential: { kind: "riesz", s: 1 } }, { step });
  for (let step = 0; step < 3; step++)
    energyOf(
      points,
      { potential: { kind: "riesz", s: 2.25 }, projection: { kind: "random", dimension: 4, count: 2 } },
      { step },
    );
  // The second is core's, of projections to 4 dimensions; the points' own 4 dimensions are another matter.
  expect(warn.mock.calls.map(([message]) => message)).toEqual([
    expect.stringContaining("projection.dimension: 4 is at most 2s + 1 = 5.5"),
    expect.stringContaining("in 4 dimensions has infinite variance at s = 2.25"),
  ]);
  warn.mockRestore();
});
