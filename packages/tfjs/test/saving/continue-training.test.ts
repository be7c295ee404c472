/** A model with the regularizer trains, is saved, is loaded, and goes on with identical losses. */
import type { ProjectionInput } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  combineRegularizers,
  findEnergy,
  hypersphericalEnergy,
  kernelSites,
  regularizeModel,
} from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { classes, compile, mlp, saveAndLoad, train } from "../support/models.js";

/** Strategies that carry something from step to step, or change now and then. */
const strategies: Record<string, ProjectionInput> = {
  "random hadamard": { kind: "random", dimension: 6, count: 2, refresh: 3, distribution: "hadamard" },
  "shuffled groups": { kind: "group", groups: 2, shuffle: true, refresh: 3 },
  "angle-preserving": { kind: "angle-preserving", dimension: 6 },
  adversarial: { kind: "adversarial", dimension: 6, count: 2, through: "unrolled" },
  bilateral: { kind: "bilateral", rank: 6, refresh: 3 },
  pca: { kind: "pca", dimension: 3, refresh: 3 },
};

const changing = { kind: "random", dimension: 6, count: 2, refresh: 3 } as const;

function regularized(): tf.Sequential {
  return mlp((layer) =>
    combineRegularizers([
      tf.regularizers.l2({ l2: 0.01 }),
      hypersphericalEnergy({ space: "half", projection: changing, weight: 2, seed: 9, name: `${layer}/kernel` }),
    ]),
  );
}

function energies(model: tf.LayersModel) {
  return model.layers.map((layer) => findEnergy(kernelSites(layer).sites[0]?.regularizer));
}

describe.each(backends)("on tfjs %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test("weight decay and random projections, saved between two refreshes", async () => {
    const { x, y } = classes();
    const model = compile(regularized());
    await train(model, x, y, 4);
    const loaded = compile(await saveAndLoad(model));
    expect(energies(loaded).map((energy) => energy?.step)).toEqual([4, 4, 4]);
    expect(energies(loaded).map((energy) => energy?.state())).toEqual(energies(model).map((energy) => energy?.state()));
    const uninterrupted = await train(model, x, y, 8);
    expect(await train(loaded, x, y, 8)).toEqual(uninterrupted);
    expect(new Set(uninterrupted).size).toBe(8);
  });

  test.each(Object.keys(strategies))("projection %s", async (strategy) => {
    const { x, y } = classes();
    const model = compile(
      mlp((name) => hypersphericalEnergy({ projection: strategies[strategy]!, space: "half", weight: 1, name })),
    );
    await train(model, x, y, 4);
    const loaded = compile(await saveAndLoad(model));
    const uninterrupted = await train(model, x, y, 5);
    expect(uninterrupted.every(Number.isFinite)).toBe(true);
    expect(await train(loaded, x, y, 5)).toEqual(uninterrupted);
  });

  test("a model regularized after it was built", async () => {
    const { x, y } = classes();
    const biased = tf.layers.dense({ units: 3, name: "biased", biasRegularizer: tf.regularizers.l2({ l2: 0.5 }) });
    const model = mlp(() => tf.regularizers.l2({ l2: 0.01 }));
    model.add(biased);
    compile(model);
    regularizeModel(model, { hidden: { projection: changing, weight: 3 }, first: "projected", seed: 2 });
    await train(model, x, y, 5);
    const loaded = compile(await saveAndLoad(model));
    const uninterrupted = await train(model, x, y, 6);
    expect(uninterrupted.every(Number.isFinite)).toBe(true);
    expect(await train(loaded, x, y, 6)).toEqual(uninterrupted);
  });
});

test("momentum, saved with its optimizer", async () => {
  await useBackend("cpu");
  const { x, y } = classes();
  const model = regularized();
  model.compile({ optimizer: tf.train.momentum(0.03, 0.9), loss: "categoricalCrossentropy" });
  await train(model, x, y, 4);
  const loaded = await saveAndLoad(model, { includeOptimizer: true });
  expect(await train(loaded, x, y, 4)).toEqual(await train(model, x, y, 4));
});

test("the restored state matters: starting over gives other losses", async () => {
  await useBackend("cpu");
  const { x, y } = classes();
  const model = compile(regularized());
  await train(model, x, y, 4);
  const loaded = compile(await saveAndLoad(model));
  for (const energy of energies(loaded)) energy!.restore({ ...energy!.state(), step: 0 });
  expect(await train(loaded, x, y, 3)).not.toEqual(await train(model, x, y, 3));
});

test("layers with other kernels are saved and loaded as well", async () => {
  await useBackend("cpu");
  const x = tf.randomNormal<tf.Rank.R4>([2, 6, 6, 2], 0, 1, "float32", 1);
  const y = tf.oneHot(tf.tensor1d([0, 1], "int32"), 2);
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 2], name: "Conv_1" }),
      tf.layers.depthwiseConv2d({ kernelSize: 2, name: "Depthwise_2" }),
      tf.layers.separableConv2d({ filters: 3, kernelSize: 2, name: "Separable_3" }),
      tf.layers.conv2dTranspose({ filters: 3, kernelSize: 2, name: "Transpose_4" }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2, activation: "softmax", name: "Logits" }),
    ],
  });
  compile(model);
  const { regularized } = regularizeModel(model, {
    hidden: { projection: { kind: "random", dimension: 6, count: 2 } },
  });
  expect(regularized).toHaveLength(6);
  await train(model, x, y, 2);
  const loaded = compile(await saveAndLoad(model));
  expect(await train(loaded, x, y, 3)).toEqual(await train(model, x, y, 3));
});

test("a depthwise layer's constraint is saved, not its regularizer in its place", () => {
  const regularized = { kernelSize: 2, depthwiseRegularizer: "l1l2" };
  const free = tf.layers.depthwiseConv2d(regularized);
  const bound = tf.layers.depthwiseConv2d({ ...regularized, depthwiseConstraint: "maxNorm" });
  expect(free.getConfig()).toMatchObject({ depthwiseConstraint: null, depthwiseRegularizer: { className: "L1L2" } });
  expect(bound.getConfig()).toMatchObject({ depthwiseConstraint: { className: "MaxNorm" } });
});
