/** Training with the regularizer: energies fall, tensors don't leak, backends agree. */
import { energyAndGradient, referenceBackend, type Space } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { hypersphericalEnergy, regularizeModel } from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { expectClose } from "../support/compare.js";
import { classes, compile, mlp, train } from "../support/models.js";
import { normalArray, sizeOf } from "../support/numbers.js";

async function energy(layer: tf.layers.Layer, space: Space): Promise<number> {
  const kernel = layer.getWeights()[0]!;
  const data = (await kernel.data()) as Float32Array;
  const neurons = { data, shape: kernel.shape, layout: "neurons-last" } as const;
  return (await energyAndGradient(referenceBackend(), { space }, neurons)).energy;
}

const arms = {
  "full space": { space: "full", weight: 20 },
  "half space": { space: "half", weight: 20 },
  random: { space: "half", weight: 20, projection: { kind: "random", dimension: 7, count: 4 } },
  group: { space: "full", weight: 20, projection: { kind: "group", groups: 2 } },
} as const;

describe.each(backends)("on tfjs %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(Object.keys(arms) as (keyof typeof arms)[])("%s: the energy of every layer falls", async (arm) => {
    const { x, y } = classes();
    const model = compile(mlp((name) => hypersphericalEnergy({ ...arms[arm], name })));
    const { space } = arms[arm];
    const before = await Promise.all(model.layers.map((layer) => energy(layer, space)));
    await train(model, x, y, 40);
    const after = await Promise.all(model.layers.map((layer) => energy(layer, space)));
    after.forEach((value, n) => void expect(value, model.layers[n]!.name).toBeLessThan(before[n]!));
  });

  test("50 steps leave no tensor behind", async () => {
    const { x, y } = classes();
    const projections = [
      { kind: "none" },
      { kind: "random", dimension: 7, count: 2 },
      { kind: "random", dimension: 7, count: 2, refresh: 7, reduce: "max" },
      { kind: "random", dimension: 7, count: 2, distribution: "hadamard" },
      { kind: "group", groups: 3, shuffle: true },
      { kind: "angle-preserving", dimension: 7 },
      { kind: "adversarial", dimension: 7, steps: 2, through: "unrolled" },
      { kind: "bilateral", rank: 7 },
      { kind: "pca", dimension: 3, refresh: 7 },
    ] as const;
    for (const projection of projections) {
      const model = compile(mlp((name) => hypersphericalEnergy({ space: "half", weight: 1, projection, name })));
      await train(model, x, y, 2);
      const { numTensors } = tf.memory();
      await train(model, x, y, 50);
      expect(tf.memory().numTensors, JSON.stringify(projection)).toBe(numTensors);
    }
  });

  test("dispose frees the projections kept on the device, which return when needed", () => {
    const kernel = tf.tensor(normalArray(1, 120), [12, 10]);
    const regularizer = hypersphericalEnergy({ weight: 1, projection: { kind: "random", refresh: 0 } });
    const first = regularizer.apply(kernel);
    const { numTensors } = tf.memory();
    regularizer.dispose();
    // On tfjs's cpu engine plain JavaScript computes, and keeps nothing there.
    expect(tf.memory().numTensors).toBe(numTensors - (tf.getBackend() === "cpu" ? 0 : 1));
    expectClose(regularizer.apply(kernel).dataSync(), first.dataSync(), 0, "energy");
  });
});

test("conv layers of every kind train on cpu, and their energies fall", async () => {
  await useBackend("cpu");
  const x = tf.tensor4d(normalArray(8, sizeOf([4, 6, 6, 2])), [4, 6, 6, 2]);
  const y = tf.oneHot(tf.tensor1d([0, 1, 2, 1], "int32"), 3);
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 5, kernelSize: 3, inputShape: [6, 6, 2] }),
      tf.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2 }),
      tf.layers.separableConv2d({ filters: 6, kernelSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation: "softmax" }),
    ],
  });
  compile(model, 0.01);
  const { regularized } = regularizeModel(model, { hidden: { projection: { kind: "none" }, weight: 10 } });
  const energies = () =>
    tf.tidy(() =>
      regularized.map(({ layer, weight, regularizer }) => {
        const [depthwise, second] = model.getLayer(layer).getWeights();
        return regularizer.evaluate(weight === "pointwiseKernel" ? second! : depthwise!).energy.dataSync()[0]!;
      }),
    );
  const before = energies();
  await train(model, x, y, 15);
  energies().forEach((value, n) => void expect(value, JSON.stringify(regularized[n])).toBeLessThan(before[n]!));
});

test("cpu and wasm give the same losses", async () => {
  const losses: number[][] = [];
  for (const backend of backends) {
    await useBackend(backend);
    const { x, y } = classes();
    const projection = { kind: "random", dimension: 7, count: 3, refresh: 2 } as const;
    const model = compile(mlp((name) => hypersphericalEnergy({ space: "half", weight: 5, projection, name })));
    losses.push(await train(model, x, y, 20));
  }
  expectClose(losses[1]!, losses[0]!, 1e-4, "losses");
});

test("switching the backend in one process: cpu, wasm, cpu", async () => {
  const data = normalArray(4, 80);
  const config = { space: "half", projection: { kind: "random", dimension: 8, count: 2, refresh: 0 } } as const;
  const expected = await energyAndGradient(referenceBackend(), config, { data, shape: [10, 8] });
  const regularizer = hypersphericalEnergy({ ...config, weight: 1, layout: "neurons-first" });
  for (const backend of ["cpu", "wasm", "cpu"] as const) {
    await useBackend(backend);
    const { value, grad } = tf.valueAndGrad((weights) => regularizer.apply(weights))(tf.tensor(data, [10, 8]));
    expectClose(value.dataSync(), [expected.energy], 1e-5, `${backend}: energy`);
    expectClose(grad.dataSync(), expected.gradient, 1e-4, `${backend}: gradient`);
  }
});
