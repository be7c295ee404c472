/** EnergyMonitor: its numbers against core, its place in model.fit, and what it does when training diverges. */
import { type EnergyConfig, energyAndGradient, type Layout, referenceBackend } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { EnergyMonitor, hypersphericalEnergy, regularizeModel } from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { expectClose } from "../support/compare.js";
import { classes, compile, mlp, train } from "../support/models.js";

const projection = { kind: "random", dimension: 6, count: 2, refresh: 2 } as const;
const quiet = { verbose: 0, yieldEvery: "never" } as const;

function regularized(): tf.LayersModel {
  const model = compile(mlp());
  regularizeModel(model, { hidden: { projection, weight: 4 }, first: "projected", seed: 5 });
  return model;
}

async function energyOf(
  kernel: tf.Tensor,
  config: EnergyConfig,
  { layout = "neurons-last", ...random }: { layout?: Layout; seed?: number; name?: string } = {},
): Promise<number> {
  const data = kernel.dataSync<"float32">();
  return (await energyAndGradient(referenceBackend(), config, { data, shape: kernel.shape, layout }, random)).energy;
}

describe.each(backends)("on tfjs %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test("records each layer's energy and the unprojected one", async () => {
    const model = regularized();
    const monitor = new EnergyMonitor();
    const records = await monitor.record(model, -1);
    expect(records.map(({ epoch, layer, weight }) => [epoch, layer, weight])).toEqual([
      [-1, "Dense_A1", "kernel"],
      [-1, "hidden_layer2", "kernel"],
      [-1, "logits", "kernel"],
    ]);
    for (const [n, { layer, energy, unprojected, deadNeurons }] of records.entries()) {
      const kernel = model.layers[n]!.getWeights()[0]!;
      const space = n === 2 ? "full" : "half";
      const own = n === 2 ? {} : { projection };
      const expected = await energyOf(kernel, { space, ...own }, { seed: 5, name: `${layer}/kernel` });
      expectClose([energy], [expected], 1e-5, "energy");
      expectClose([unprojected], [await energyOf(kernel, { space })], 1e-5, "unprojected");
      expect(deadNeurons).toBe(0);
    }
    expect(monitor.history).toEqual(records);
  });

  test("model.fit: before and after every epoch, in the logs, without a trace in training", async () => {
    const { x, y } = classes();
    const [watched, alone] = [regularized(), regularized()];
    const monitor = new EnergyMonitor();
    const options = { ...quiet, epochs: 3, batchSize: 8, shuffle: false };
    const { history } = await watched.fit(x, y, { ...options, callbacks: [monitor] });
    const { history: unwatched } = await alone.fit(x, y, options);
    expect(history.loss).toEqual(unwatched.loss);
    expect(monitor.history.map(({ epoch }) => epoch)).toEqual([-1, -1, -1, 0, 0, 0, 1, 1, 1, 2, 2, 2]);
    for (const layer of ["Dense_A1", "hidden_layer2", "logits"]) {
      const records = monitor.history.filter((record) => record.layer === layer && record.epoch >= 0);
      expect(history[`energy/${layer}`]).toEqual(records.map(({ energy }) => energy));
      expect(history[`unprojected/${layer}`]).toEqual(records.map(({ unprojected }) => unprojected));
    }
  });

  test("strategies that carry something from step to step train the same when watched", async () => {
    const { x, y } = classes();
    const dimension = 6;
    for (const projection of [
      { kind: "adversarial", dimension },
      { kind: "angle-preserving", dimension },
      { kind: "pca", dimension },
    ] as const) {
      const [watched, alone] = [mlp(), mlp()].map((model) => compile(model));
      for (const model of [watched!, alone!]) {
        regularizeModel(model, { hidden: { projection, weight: 4 } });
      }
      const options = { ...quiet, epochs: 2, batchSize: 8, shuffle: false };
      const { history } = await watched!.fit(x, y, { ...options, callbacks: [new EnergyMonitor()] });
      expect(history.loss).toEqual((await alone!.fit(x, y, options)).history.loss);
    }
  });

  test("leaves no tensor behind", async () => {
    const model = regularized();
    const monitors = [new EnergyMonitor(), new EnergyMonitor({ config: { projection }, seed: 2 })];
    for (const monitor of monitors) await monitor.record(model, 0);
    const { numTensors } = tf.memory();
    for (let n = 0; n < 5; n++) for (const monitor of monitors) await monitor.record(model, n);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  test("weights that aren't finite end the training with an error that names layer and neuron", async () => {
    const { x, y } = classes();
    const model = regularized();
    const [kernel, bias] = model.layers[1]!.getWeights() as [tf.Tensor, tf.Tensor];
    const broken = kernel.dataSync().slice();
    broken[8 * 4 + 5] = Number.POSITIVE_INFINITY;
    const setBroken = () => model.layers[1]!.setWeights([tf.tensor(broken, kernel.shape), bias]);
    const callbacks = [
      new EnergyMonitor(),
      new tf.CustomCallback({ onEpochBegin: async (epoch) => void (epoch === 2 && setBroken()) }),
    ];
    const failure = await model.fit(x, y, { ...quiet, epochs: 5, callbacks }).catch((error: unknown) => error);
    // The broken forward pass has spread to the kernels of the other layers.
    expect(failure).toMatchObject({
      code: "non-finite",
      message: expect.stringMatching(/^Layer "Dense_A1".*neuron \d/),
    });
    await expect(new EnergyMonitor({ layers: ["hidden_layer2"] }).record(model, 0)).rejects.toMatchObject({
      details: { layer: "hidden_layer2", weight: "kernel" },
    });
    setBroken();
    await expect(new EnergyMonitor({ layers: ["hidden_layer2"] }).record(model, 0)).rejects.toMatchObject({
      code: "non-finite",
      message: expect.stringContaining("Infinity in neuron 5 (entry 4)"),
    });
  });
});

test("with a config, every kernel of a model that isn't regularized", async () => {
  await useBackend("cpu");
  const model = mlp();
  const config = { space: "half", projection } as const;
  const monitor = new EnergyMonitor({ config, seed: 8 });
  const [first, second] = [await monitor.record(model, 0), await monitor.record(model, 1)];
  expect(second.map(({ energy }) => energy)).toEqual(first.map(({ energy }) => energy));
  for (const [n, { energy, unprojected, layer }] of first.entries()) {
    const kernel = model.layers[n]!.getWeights()[0]!;
    expectClose([energy], [await energyOf(kernel, config, { seed: 8, name: `${layer}/kernel` })], 1e-5, "energy");
    expectClose([unprojected], [await energyOf(kernel, { space: "half" })], 1e-5, "unprojected");
  }
});

test("a layer with two kernels has two keys; dead neurons are counted", async () => {
  await useBackend("cpu");
  const separable = tf.layers.separableConv2d({
    name: "separable",
    filters: 3,
    kernelSize: 2,
    inputShape: [4, 4, 2],
    depthwiseRegularizer: hypersphericalEnergy({ weight: 1, layout: "depthwise" }) as never,
    pointwiseRegularizer: hypersphericalEnergy({ weight: 1 }) as never,
  });
  const model = tf.sequential({ layers: [separable] });
  const [depthwise, pointwise, bias] = separable.getWeights() as [tf.Tensor, tf.Tensor, tf.Tensor];
  separable.setWeights([depthwise, tf.mul(pointwise, tf.tensor1d([1, 0, 0])), bias]);
  const lines: string[] = [];
  const monitor = new EnergyMonitor({ log: (line) => lines.push(line) });
  monitor.setModel(model);
  const logs: Record<string, number> = {};
  monitor.setParams({ epochs: 1 });
  await monitor.onEpochEnd(0, logs);
  expect(Object.keys(logs)).toEqual([
    "energy/separable/depthwiseKernel",
    "unprojected/separable/depthwiseKernel",
    "energy/separable/pointwiseKernel",
    "unprojected/separable/pointwiseKernel",
  ]);
  expect(monitor.history.map(({ deadNeurons }) => deadNeurons)).toEqual([0, 2]);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/^epoch 0: separable\/pointwiseKernel energy [\d.]+, unprojected [\d.]+, 2 dead neurons$/);
});

test("every: now and then, and always at the end; initialEpoch counts", async () => {
  await useBackend("cpu");
  const { x, y } = classes();
  const model = regularized();
  const monitor = new EnergyMonitor({ every: 3, layers: ["logits"] });
  await model.fit(x, y, { ...quiet, epochs: 6, callbacks: [monitor] });
  await model.fit(x, y, { ...quiet, initialEpoch: 6, epochs: 8, callbacks: [monitor] });
  expect(monitor.history.map(({ epoch }) => epoch)).toEqual([-1, 0, 3, 5, 5, 6, 7]);
});

test("bad options and nothing to measure", async () => {
  await useBackend("cpu");
  const invalid = { code: "invalid-config" };
  expect(() => new EnergyMonitor({ evry: 2 } as never)).toThrow('unknown key "evry", expected config, seed');
  expect(() => new EnergyMonitor({ every: 0 })).toThrowError(expect.objectContaining(invalid));
  expect(() => new EnergyMonitor({ config: { space: "both" as never } })).toThrowError(
    expect.objectContaining(invalid),
  );
  await expect(new EnergyMonitor().record(mlp(), 0)).rejects.toMatchObject({
    ...invalid,
    message: expect.stringContaining("regularizeModel"),
  });
  await expect(new EnergyMonitor({ layers: ["nowhere"] }).record(regularized(), 0)).rejects.toMatchObject({
    ...invalid,
    message: expect.stringMatching(/"nowhere".*"logits"/),
  });
});

test("trainOnBatch loops call it by hand", async () => {
  await useBackend("cpu");
  const { x, y } = classes();
  const model = regularized();
  const monitor = new EnergyMonitor();
  const [before] = await monitor.record(model, -1);
  await train(model, x, y, 30);
  const [after] = await monitor.record(model, 0);
  expect(after!.unprojected).toBeLessThan(before!.unprojected);
});
