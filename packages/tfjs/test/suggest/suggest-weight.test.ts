/** The suggested weight: the share it promises, a model left as it was, no tensors left behind. */
import type { EnergyConfig } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { hypersphericalEnergy, regularizeModel, suggestWeight } from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { classes, compile, mlp, train } from "../support/models.js";
import { normalArray } from "../support/numbers.js";

const config: EnergyConfig = { space: "half" };

function batches(count: number) {
  return Array.from({ length: count }, (_, n) => {
    const x = tf.tensor2d(normalArray(n + 1, 16 * 12), [16, 12]);
    return { x, y: classes().y };
  });
}

const weightsOf = (model: tf.LayersModel) => model.getWeights().map((weight) => Array.from(weight.dataSync()));

describe.each(backends)("on tfjs %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test("one batch: the penalty's gradient is the share of the task's", async () => {
    const model = compile(mlp());
    const { x, y } = classes();
    const { kernels, skipped } = await suggestWeight(model, { config, share: 0.25, batches: [{ x, y }] });
    expect(kernels.map(({ layer, role }) => [layer, role])).toEqual([
      ["Dense_A1", "first"],
      ["hidden_layer2", "hidden"],
      ["logits", "output"],
    ]);
    expect(skipped).toEqual([]);
    for (const { layer, suggested, doubt, balanced, taskGradient, energyGradient } of kernels) {
      // Three layers are too few for a suggestion.
      expect(suggested).toBeUndefined();
      expect(doubt).toMatch(/shallow|output layer/);
      const kernel = model.getLayer(layer).getWeights()[0]!;
      const regularizer = hypersphericalEnergy({ ...config, weight: balanced });
      const penalty = tf.grad((weights) => regularizer.apply(weights))(kernel);
      expect(tf.norm(penalty).dataSync()[0]! / taskGradient[0]!).toBeCloseTo(0.25, 4);
      expect(balanced * energyGradient[0]!).toBeCloseTo(0.25 * taskGradient[0]!, 4);
    }
  });

  test("the task's gradient is that of a training step", async () => {
    const model = compile(mlp(), 1);
    const { x, y } = classes();
    const { kernels } = await suggestWeight(model, { config, batches: [{ x, y }] });
    const before = kernels.map(({ layer }) => model.getLayer(layer).getWeights()[0]!.clone());
    await train(model, x, y, 1);
    kernels.forEach(({ layer, taskGradient }, n) => {
      const moved = tf.norm(tf.sub(model.getLayer(layer).getWeights()[0]!, before[n]!)).dataSync()[0]!;
      expect(moved / taskGradient[0]!).toBeCloseTo(1, 4);
    });
  });

  test("the median over batches; no tensor is left", async () => {
    const model = compile(mlp());
    const given = batches(3);
    const options = {
      config: { ...config, projection: { kind: "random", dimension: 6, count: 2 } } as const,
      share: 1,
    };
    await suggestWeight(model, { ...options, batches: given.slice(0, 1) });
    const before = tf.memory().numTensors;
    const { kernels } = await suggestWeight(model, { ...options, batches: given });
    expect(tf.memory().numTensors).toBe(before);
    for (const { balanced, taskGradient, energyGradient } of kernels) {
      const ratios = taskGradient.map((task, n) => task / energyGradient[n]!).sort((a, b) => a - b);
      expect(ratios.length).toBe(3);
      expect(balanced).toBe(ratios[1]);
      // Every batch has the random projections of its own step.
      expect(new Set(energyGradient).size).toBe(3);
    }
  });
});

describe("a suggestion", () => {
  beforeAll(() => useBackend("wasm"));

  const deep = (units: readonly number[]) => {
    const model = tf.sequential();
    units.forEach((size, n) => {
      const kernelInitializer = tf.initializers.heNormal({ seed: n });
      model.add(
        tf.layers.dense({
          units: size,
          name: `hidden-${n}`,
          kernelInitializer,
          ...(n === 0 ? { inputShape: [12] } : {}),
        }),
      );
      if (n === 1) model.add(tf.layers.batchNormalization({ name: "norm" }));
      model.add(tf.layers.reLU());
    });
    model.add(tf.layers.dense({ units: 3, activation: "softmax", name: "logits" }));
    return compile(model);
  };

  test("is given in a deep plain network, and a reason where it can't be", async () => {
    const { kernels, byRole } = await suggestWeight(deep([8, 8, 16, 8, 8]), { config, batches: batches(2) });
    const doubts = kernels.map(({ layer, doubt }) => [layer, doubt?.slice(0, 30)]);
    expect(doubts).toEqual([
      ["hidden-0", undefined],
      ["hidden-1", "its outputs are normalized, so"],
      ["hidden-2", "it has more neurons (16) than "],
      ["hidden-3", undefined],
      ["hidden-4", undefined],
      ["logits", "it is an output layer, whose n"],
    ]);
    for (const { doubt, suggested, balanced } of kernels) expect(suggested).toBe(doubt ? undefined : balanced);
    expect(byRole.first).toBe(kernels[0]!.balanced);
    expect(byRole.hidden).toBeCloseTo((kernels[3]!.balanced + kernels[4]!.balanced) / 2, 6);
    expect(byRole.output).toBeUndefined();
  });

  test("isn't given where layers lie side by side, however many", async () => {
    const input = tf.input({ shape: [12] });
    const dense = (name: string, units: number) => tf.layers.dense({ units, name });
    const sides = ["a", "b", "c"].map((name) => dense(name, 8).apply(input) as tf.SymbolicTensor);
    const joined = tf.layers.add().apply(sides) as tf.SymbolicTensor;
    const outputs = dense("logits", 3).apply(dense("hidden", 8).apply(joined)) as tf.SymbolicTensor;
    const { kernels } = await suggestWeight(compile(tf.model({ inputs: input, outputs })), {
      config,
      batches: batches(1),
    });
    for (const { suggested, doubt } of kernels) {
      expect(suggested).toBeUndefined();
      expect(doubt).toMatch(/3 layer\(s\) with kernels, one behind another|output layer/);
    }
  });
});

describe("the model", () => {
  beforeAll(() => useBackend("wasm"));

  const withBatchNorm = () => {
    const model = tf.sequential();
    const kernelInitializer = tf.initializers.heNormal({ seed: 1 });
    model.add(tf.layers.dense({ units: 6, inputShape: [12], name: "first", kernelInitializer }));
    model.add(tf.layers.batchNormalization({ name: "norm" }));
    model.add(tf.layers.reLU());
    model.add(tf.layers.dense({ units: 5, name: "frozen", kernelInitializer, trainable: false }));
    model.add(tf.layers.dropout({ rate: 0.3 }));
    model.add(tf.layers.dense({ units: 3, activation: "softmax", name: "last", kernelInitializer }));
    return compile(model);
  };

  test("stays as it was, moving averages and penalties' schedules included", async () => {
    const model = withBatchNorm();
    const { regularized } = regularizeModel(model, {
      hidden: { projection: { kind: "random", dimension: 6, count: 2 } },
    });
    const before = weightsOf(model);
    const { skipped } = await suggestWeight(model, { config, batches: batches(2) });
    expect(weightsOf(model)).toEqual(before);
    expect(regularized.map(({ regularizer }) => regularizer.step)).toEqual(regularized.map(() => 0));
    expect(skipped).toEqual([{ layer: "frozen", weight: "kernel", reason: "frozen: trainable is false" }]);
  });

  test("stays as it was when a batch doesn't fit", async () => {
    const model = withBatchNorm();
    const before = weightsOf(model);
    const tensors = tf.memory().numTensors;
    const [good] = batches(1);
    const bad = { x: tf.zeros([16, 11]), y: good!.y };
    await expect(suggestWeight(model, { config, batches: [good!, bad] })).rejects.toThrow();
    expect(weightsOf(model)).toEqual(before);
    // The tensors made here: two inputs, and the targets with the tensors they were made from.
    expect(tf.memory().numTensors - tensors).toBeLessThan(10);
  });

  test("isn't compiled: a loss of one's own", async () => {
    const model = mlp();
    const given = batches(1);
    await expect(suggestWeight(model, { config, batches: given })).rejects.toThrow(/compiled model, or a lossFn/);
    const lossFn = (y: tf.Tensor, predicted: tf.Tensor) => tf.losses.softmaxCrossEntropy(y, predicted);
    const own = await suggestWeight(model, { config, batches: given, lossFn });
    expect(own.kernels.length).toBe(3);
    expect(own.kernels.every(({ balanced }) => balanced > 0 && Number.isFinite(balanced))).toBe(true);
  });

  test("has several inputs and outputs, and a conv layer", async () => {
    const image = tf.input({ shape: [6, 6, 2] });
    const vector = tf.input({ shape: [4] });
    const conv = tf.layers.conv2d({ filters: 3, kernelSize: 3, name: "conv" }).apply(image) as tf.SymbolicTensor;
    const flat = tf.layers.flatten().apply(conv) as tf.SymbolicTensor;
    const both = tf.layers.concatenate().apply([flat, vector]) as tf.SymbolicTensor;
    const outputs = ["a", "b"].map((name) => tf.layers.dense({ units: 2, name }).apply(both) as tf.SymbolicTensor);
    const model = tf.model({ inputs: [image, vector], outputs });
    model.compile({ optimizer: "sgd", loss: ["meanSquaredError", "meanAbsoluteError"] });
    await useBackend("cpu");
    const batch = {
      x: [tf.tensor(normalArray(1, 5 * 72), [5, 6, 6, 2]), tf.tensor(normalArray(2, 20), [5, 4])],
      y: [tf.zeros([5, 2]), tf.ones([5, 2])],
    };
    const { kernels } = await suggestWeight(model, { config, batches: [batch] });
    expect(kernels.map(({ layer }) => layer)).toEqual(["conv", "a", "b"]);
    await expect(suggestWeight(model, { config, batches: [{ x: batch.x[0]!, y: batch.y }] })).rejects.toThrow(
      /2 input\(s\) and 2 target\(s\), got 1 and 2/,
    );
    await useBackend("wasm");
  });

  test("has kernels with a config of their own, or none, or without a gradient", async () => {
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 4, inputShape: [12], name: "wide" }));
    model.add(tf.layers.dense({ units: 4, name: "left_out" }));
    model.add(tf.layers.dense({ units: 1, name: "single" }));
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const batch = { x: tf.tensor2d(normalArray(1, 24), [2, 12]), y: tf.ones([2, 1]) };
    const suggestion = await suggestWeight(model, {
      config: ({ layer, role }) => (layer === "left_out" ? undefined : { space: role === "output" ? "full" : "half" }),
      batches: (async function* () {
        yield batch;
      })(),
    });
    expect(suggestion.kernels.map(({ layer }) => layer)).toEqual(["wide"]);
    expect(suggestion.skipped.map(({ layer }) => layer)).toEqual(["left_out", "single"]);
    expect(suggestion.skipped[1]!.reason).toMatch(/no gradient/);
    const only = await suggestWeight(model, { config, batches: [batch], layers: ["wide"] });
    expect(only.kernels.length).toBe(1);
  });

  test.each([
    ["share 0", { share: 0, config }, /share/],
    ["no batches", { batches: [], config }, /at least one batch/],
    ["an unknown layer", { config, layers: ["nowhere"] }, /nowhere/],
    ["no kernel", { config: () => undefined }, /no kernel to weigh.*no config/],
    [
      "a config that doesn't fit",
      { config: { projection: { kind: "group", groups: 11 } } as EnergyConfig },
      /Layer "hidden_layer2": .*groups/,
    ],
  ])("refuses %s", async (_, options, message) => {
    await expect(suggestWeight(compile(mlp()), { batches: batches(1), ...options })).rejects.toThrow(message);
  });
});
