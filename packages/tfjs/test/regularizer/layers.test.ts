/** Regularizing a layer gives weight × what core gives for the same matrix, gradient included. */
import { type EnergyConfig, energyAndGradient, type Layout, referenceBackend } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { hypersphericalEnergy, kernelSites, modelPenalty, regularizeModel } from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { expectClose } from "../support/compare.js";
import { saveAndLoad, train } from "../support/models.js";
import { normalArray, sizeOf } from "../support/numbers.js";

type Regularizer = NonNullable<Parameters<typeof tf.layers.dense>[0]["kernelRegularizer"]>;

interface Case {
  readonly input: number[];
  readonly make: (regularizer: (layout?: Layout) => Regularizer) => tf.layers.Layer;
  /** Shape and layout of each regularized kernel, in the order of the losses. */
  readonly kernels: readonly (readonly [shape: number[], layout: Layout])[];
}

const cases: Record<string, Case> = {
  Dense: {
    input: [7],
    make: (regularizer) => tf.layers.dense({ units: 5, kernelRegularizer: regularizer() }),
    kernels: [[[7, 5], "neurons-last"]],
  },
  Conv1D: {
    input: [9, 4],
    make: (regularizer) => tf.layers.conv1d({ filters: 6, kernelSize: 3, kernelRegularizer: regularizer() }),
    kernels: [[[3, 4, 6], "neurons-last"]],
  },
  Conv2D: {
    input: [6, 6, 3],
    make: (regularizer) => tf.layers.conv2d({ filters: 8, kernelSize: 3, kernelRegularizer: regularizer() }),
    kernels: [[[3, 3, 3, 8], "neurons-last"]],
  },
  Conv3D: {
    input: [4, 4, 4, 2],
    make: (regularizer) => tf.layers.conv3d({ filters: 5, kernelSize: 2, kernelRegularizer: regularizer() }),
    kernels: [[[2, 2, 2, 2, 5], "neurons-last"]],
  },
  Conv2DTranspose: {
    input: [5, 5, 3],
    make: (regularizer) =>
      tf.layers.conv2dTranspose({
        filters: 7,
        kernelSize: 2,
        kernelRegularizer: regularizer({ neuronAxes: [-2] }),
      }),
    kernels: [[[2, 2, 7, 3], { neuronAxes: [-2] }]],
  },
  Conv3DTranspose: {
    input: [3, 3, 3, 2],
    make: (regularizer) =>
      tf.layers.conv3dTranspose({
        filters: 4,
        kernelSize: 2,
        kernelRegularizer: regularizer({ neuronAxes: [-2] }),
      }),
    kernels: [[[2, 2, 2, 4, 2], { neuronAxes: [-2] }]],
  },
  DepthwiseConv2D: {
    input: [5, 5, 3],
    make: (regularizer) =>
      tf.layers.depthwiseConv2d({
        kernelSize: 3,
        depthMultiplier: 2,
        depthwiseRegularizer: regularizer("depthwise"),
      }),
    kernels: [[[3, 3, 3, 2], "depthwise"]],
  },
  SeparableConv2D: {
    input: [5, 5, 4],
    make: (regularizer) =>
      tf.layers.separableConv2d({
        filters: 6,
        kernelSize: 3,
        depthwiseRegularizer: regularizer("depthwise"),
        pointwiseRegularizer: regularizer(),
      }),
    kernels: [
      [[3, 3, 4, 1], "depthwise"],
      [[1, 1, 4, 6], "neurons-last"],
    ],
  },
  Embedding: {
    input: [3],
    make: (regularizer) =>
      tf.layers.embedding({ inputDim: 9, outputDim: 5, embeddingsRegularizer: regularizer("neurons-first") }),
    kernels: [[[9, 5], "neurons-first"]],
  },
};

const config: EnergyConfig = { space: "half", projection: { kind: "random", dimension: 8, count: 3 } };

describe.each(backends)("on tfjs %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(Object.entries(cases))("%s", async (_, { input, make, kernels }) => {
    const layer = make((layout) => hypersphericalEnergy({ ...config, weight: 3, layout, seed: 4, name: "a layer" }));
    tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: input }), layer] });
    const { sites } = kernelSites(layer);
    expect(sites.map(({ variable, layout }) => [variable.shape, layout])).toEqual(kernels);

    const values = kernels.map(([shape], n) => normalArray(n + 1, sizeOf(shape)));
    sites.forEach(({ variable }, n) => void variable.write(tf.tensor(values[n]!, kernels[n]![0])));
    const losses = layer.calculateLosses().map((loss) => loss.dataSync()[0]!);
    expect(losses).toHaveLength(kernels.length);

    for (const [n, [shape, layout]] of kernels.entries()) {
      const kernel = { data: values[n]!, shape, layout };
      const expected = await energyAndGradient(referenceBackend(), config, kernel, { seed: 4, name: "a layer" });
      expectClose([losses[n]!], [3 * expected.energy], 1e-5, "loss");

      const again = hypersphericalEnergy({ ...config, weight: 3, layout, seed: 4, name: "a layer" });
      const gradient = tf.grad((weights) => again.apply(weights))(tf.tensor(values[n]!, shape));
      expect(gradient.shape).toEqual(shape);
      expectClose(
        gradient.dataSync(),
        expected.gradient.map((value) => 3 * value),
        1e-4,
        "gradient",
      );
    }
  });

  test.each(Object.entries(cases))(
    "%s: regularizeModel reports it, and the loaded model has the same losses",
    async (name, each) => {
      const model = tf.sequential({
        layers: [tf.layers.inputLayer({ inputShape: each.input }), each.make(() => undefined as never)],
      });
      model.add(tf.layers.dense({ name: "logits", units: 2 }));
      model.build();
      const { regularized, skipped } = regularizeModel(model, { hidden: { ...config, weight: 3 }, first: "projected" });
      expect(regularized.map(({ regularizer }) => regularizer.layout)).toEqual([
        ...each.kernels.map(([, layout]) => layout),
        "neurons-last",
      ]);
      expect(regularized.map(({ role }) => role)).toEqual([
        "first",
        ...each.kernels.slice(1).map(() => "hidden"),
        "output",
      ]);
      expect(skipped).toEqual([]);
      const penaltyIn = (of: tf.LayersModel) => modelPenalty(of).dataSync()[0];
      penaltyIn(model);
      const loaded = await saveAndLoad(model);
      expect(penaltyIn(loaded), name).toBe(penaltyIn(model));
    },
  );

  test("attention: its Dense layers, one for queries, keys, values and what comes out", async () => {
    const tokens = tf.input({ shape: [4, 6] });
    const dense = (label: string) =>
      tf.layers.dense({ name: label, units: 5, useBias: false }).apply(tokens) as tf.SymbolicTensor;
    const scores = tf.layers.dot({ axes: 2 }).apply([dense("queries"), dense("keys")]) as tf.SymbolicTensor;
    const attended = tf.layers
      .dot({ axes: [2, 1] })
      .apply([tf.layers.activation({ activation: "softmax" }).apply(scores) as tf.SymbolicTensor, dense("values")]);
    const out = tf.layers.dense({ name: "out", units: 6 }).apply(attended) as tf.SymbolicTensor;
    const model = tf.model({
      inputs: tokens,
      outputs: tf.layers.dense({ name: "logits", units: 2 }).apply(out) as tf.SymbolicTensor,
    });
    const { regularized } = regularizeModel(model, { hidden: { ...config, weight: 3 } });
    expect(Object.fromEntries(regularized.map(({ layer, role }) => [layer, role]))).toEqual({
      queries: "first",
      keys: "first",
      values: "first",
      out: "hidden",
      logits: "output",
    });
    model.compile({ optimizer: tf.train.sgd(0.05), loss: "meanSquaredError" });
    const x = tf.tensor3d(normalArray(3, 48), [2, 4, 6]);
    const y = tf.zeros([2, 4, 2]);
    await train(model, x, y, 2);
    const loaded = await saveAndLoad(model);
    loaded.compile({ optimizer: tf.train.sgd(0.05), loss: "meanSquaredError" });
    expect(await train(loaded, x, y, 2)).toEqual(await train(model, x, y, 2));
  });

  test("the gradient follows what the loss is multiplied with", () => {
    const kernel = tf.tensor(normalArray(2, 35), [7, 5]);
    const regularizer = hypersphericalEnergy({ weight: 2 });
    const once = tf
      .grad((weights) => regularizer.apply(weights))(kernel)
      .dataSync();
    const scaled = tf
      .grad((weights) => tf.mul(regularizer.apply(weights), -5))(kernel)
      .dataSync();
    expectClose(
      scaled,
      once.map((value) => -5 * value),
      1e-6,
      "gradient",
    );
  });
});
