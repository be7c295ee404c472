/** `backend`: the energy computed by a backend of core's, in the layer, the model, the monitor, and after loading. */
import { type Backend, defineEnergy, EnergyError, energyAndGradient, referenceBackend } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  EnergyMonitor,
  hypersphericalEnergy,
  kernelSites,
  regularizeModel,
  tfjsBackend,
  useBackend,
} from "../../src/index.js";
import { useBackend as useTfjs } from "../support/backends.js";

const projections = [
  { kind: "none" },
  { kind: "random", dimension: 6, count: 3 },
  { kind: "group", groups: 2 },
  { kind: "pca", dimension: 6 },
  { kind: "adversarial", dimension: 6, steps: 2, through: "unrolled" },
  { kind: "angle-preserving", dimension: 6 },
] as const;

function network() {
  const model = tf.sequential();
  const initializer = (seed: number) => tf.initializers.heNormal({ seed });
  model.add(tf.layers.dense({ name: "first", inputShape: [9], units: 12, kernelInitializer: initializer(1) }));
  model.add(tf.layers.dense({ name: "hidden", units: 10, kernelInitializer: initializer(2) }));
  model.add(tf.layers.dense({ name: "logits", units: 4, kernelInitializer: initializer(3), activation: "softmax" }));
  return model;
}

async function losses(model: tf.LayersModel, steps: number, compile = true): Promise<number[]> {
  if (compile) model.compile({ optimizer: tf.train.momentum(0.05, 0.9), loss: "categoricalCrossentropy" });
  const x = tf.randomNormal([8, 9], 0, 1, "float32", 5);
  const y = tf.tidy(() => tf.oneHot(tf.tensor1d([0, 1, 2, 3, 0, 1, 2, 3], "int32"), 4));
  const result: number[] = [];
  for (let step = 0; step < steps; step++) result.push((await model.trainOnBatch(x, y)) as number);
  tf.dispose([x, y]);
  return result;
}

function close(actual: readonly number[], expected: readonly number[], relative: number) {
  actual.forEach((value, n) => {
    expect(Math.abs(value - expected[n]!)).toBeLessThan(relative * Math.abs(expected[n]!));
  });
}

const asynchronous: Backend<unknown> = {
  ...(referenceBackend() as Backend<unknown>),
  name: "slow",
  download: async (arrays) => referenceBackend().download(arrays as never) as never,
};

describe.each(["cpu", "wasm"] as const)("on the tfjs engine %s", (engine) => {
  beforeAll(() => useTfjs(engine));
  afterAll(() => void tf.disposeVariables());

  it.each(projections.map((projection) => [projection.kind, projection] as const))(
    "%s: energy and gradient are core's on the same matrix, conv kernels included",
    async (_kind, projection) => {
      const config = { space: "half", projection, potential: { kind: "riesz", s: 1 } } as const;
      const data = Float32Array.from({ length: 3 * 3 * 2 * 8 }, (_, n) => Math.sin(n * n + 1));
      const shape = [3, 3, 2, 8];
      const regularizer = hypersphericalEnergy({
        ...config,
        weight: 3,
        seed: 4,
        name: "conv",
        backend: referenceBackend(),
      });
      const kernel = tf.tensor(data, shape);
      const { value, grad } = tf.valueAndGrad((x) => regularizer.apply(x).mul(2).asScalar())(kernel);
      const weights = { data, shape, layout: "neurons-last" } as const;
      const expected = await energyAndGradient(referenceBackend(), defineEnergy(config), weights, {
        seed: 4,
        name: "conv",
      });
      close([(await value.data())[0]!], [6 * expected.energy], 1e-6);
      const largest = Math.max(...expected.gradient.map(Math.abs));
      const gradient = await grad.data();
      expected.gradient.forEach(
        (entry, n) => void expect(Math.abs(gradient[n]! - 6 * entry)).toBeLessThan(6e-6 * largest),
      );
      expect(regularizer.step).toBe(1);
      tf.dispose([value, grad, kernel]);
    },
  );

  it("trains as tensors do, step for step, and leaves no tensor behind", async () => {
    const hidden = { weight: 5, projection: { kind: "random", dimension: 6, count: 3 } } as const;
    const onTensors = network();
    const onHost = network();
    regularizeModel(onTensors, { hidden, output: { weight: 1 } });
    const { regularized } = regularizeModel(onHost, { hidden, output: { weight: 1 }, backend: referenceBackend() });
    expect(regularized.every(({ regularizer }) => regularizer.backend?.name === "reference")).toBe(true);
    const before = await losses(onHost, 2);
    close(before, await losses(onTensors, 2), 1e-5);
    const alive = tf.memory().numTensors;
    await losses(onHost, 3, false);
    expect(tf.memory().numTensors).toBe(alive);
  });

  it("is given again after loading, and goes on with identical losses", async () => {
    const model = network();
    regularizeModel(model, {
      hidden: { projection: { kind: "adversarial", dimension: 5 } },
      backend: referenceBackend(),
    });
    await losses(model, 3);
    const artifacts: tf.io.ModelArtifacts[] = [];
    const handler = tf.io.withSaveHandler(async (saved) => {
      artifacts.push(saved);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    });
    await model.save(handler);
    const loaded = await tf.loadLayersModel({ load: async () => artifacts[0]! });
    const regularizers = useBackend(loaded, referenceBackend());
    expect(regularizers.map(({ name, step }) => [name, step])).toEqual([
      ["first/kernel", 3],
      ["hidden/kernel", 3],
      ["logits/kernel", 3],
    ]);
    expect(await losses(loaded, 3)).toEqual(await losses(model, 3));
    expect(useBackend(loaded, undefined).every(({ backend }) => backend === undefined)).toBe(true);
  });

  it("measures for the monitor", async () => {
    const model = network();
    const config = { space: "half" } as const;
    const onHost = await new EnergyMonitor({ config, backend: referenceBackend() }).record(model, 0);
    const onTensors = await new EnergyMonitor({ config }).record(model, 0);
    close(
      onHost.map(({ energy }) => energy),
      onTensors.map(({ energy }) => energy),
      1e-5,
    );
    expect(onHost.map(({ layer }) => layer)).toEqual(["first", "hidden", "logits"]);
  });

  it("takes the bare formula where the backend does", () => {
    const kernel = tf.tensor2d([1, 0, 0.5, 0, 1, 0.5], [2, 3]);
    const options = { separationFloor: 0, weight: 1 } as const;
    const value = tf.tidy(
      () =>
        hypersphericalEnergy({ ...options, backend: referenceBackend() })
          .apply(kernel)
          .dataSync()[0]!,
    );
    expect(value).toBeGreaterThan(0);
    expect(() => hypersphericalEnergy(options).apply(kernel)).toThrow(/separationFloor must be above 0/);
  });

  it("reports a backend that is asynchronous, a promise, or none at all", async () => {
    const kernel = tf.tensor2d([1, 0, 0.5, 0, 1, 0.5], [2, 3]);
    const slow = hypersphericalEnergy({ weight: 1, name: "hidden", backend: asynchronous });
    expect(() => slow.apply(kernel)).toThrow(
      /^hidden: backend slow reads its results asynchronously, .*wasmBackend\(\{ threads: 1 \}\)/,
    );
    expect(slow.step).toBe(0);
    const promised = Promise.resolve(referenceBackend()) as never;
    expect(() => hypersphericalEnergy({ weight: 1, backend: promised })).toThrow(/a promise: await it first/);
    expect(() => new EnergyMonitor({ backend: {} as never })).toThrow(EnergyError);
    expect(() => useBackend(network(), referenceBackend())).toThrow(/no layer with hyperspherical energy/);
    const site = kernelSites(network().layers[0]!).sites[0]!;
    expect(site.regularizer).toBeUndefined();
  });

  it("takes tfjs's own backend for an asynchronous one", () => {
    const kernel = tf.tensor2d([1, 0, 0.5, 0, 1, 0.5], [2, 3]);
    const regularizer = hypersphericalEnergy({ weight: 1, backend: tfjsBackend() });
    expect(() => tf.tidy(() => regularizer.apply(kernel))).toThrow(/asynchronously/);
  });
});
