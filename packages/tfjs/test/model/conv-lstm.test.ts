/** Convolutional LSTM: an energy for each gate's filters, of input and state; saved and loaded. */
import { energyAndGradient, referenceBackend } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { kernelSites, modelPenalty, regularizeModel } from "../../src/index.js";
import { useBackend } from "../support/backends.js";
import { expectClose } from "../support/compare.js";
import { saveAndLoad, train } from "../support/models.js";
import { normalArray } from "../support/numbers.js";

const FILTERS = 3;
const gates = ["input", "forget", "cell", "output"];
const options = {
  hidden: { weight: 3, projection: { kind: "random", dimension: 6, count: 2 } },
  first: "projected",
  seed: 4,
} as const;

function classifier(): tf.Sequential {
  const init = (seed: number) => tf.initializers.randomNormal({ seed });
  const recurrent = tf.layers.convLstm2d({
    name: "recurrent",
    filters: FILTERS,
    kernelSize: 2,
    inputShape: [2, 4, 4, 2],
    kernelInitializer: init(1),
    recurrentInitializer: init(2),
  } as Parameters<typeof tf.layers.convLstm2d>[0]);
  const model = tf.sequential({ layers: [recurrent, tf.layers.flatten()] });
  model.add(tf.layers.dense({ name: "logits", units: 2, activation: "softmax", kernelInitializer: init(3) }));
  return compiled(model);
}

function compiled<M extends tf.LayersModel>(model: M): M {
  model.compile({ optimizer: tf.train.sgd(0.05), loss: "categoricalCrossentropy" });
  return model;
}

const batch = () => ({
  x: tf.tensor(normalArray(5, 4 * 64), [4, 2, 4, 4, 2]),
  y: tf.oneHot(tf.tensor1d([0, 1, 0, 1], "int32"), 2),
});

// The wasm backend has no gradients of convolutions by itself.
beforeAll(() => useBackend("cpu"));

it("has an energy for each gate's filters in the penalty, on the shapes that they have", async () => {
  const model = classifier();
  const { regularized } = regularizeModel(model, { ...options, output: false });
  const names = ["kernel", "recurrentKernel"].flatMap((kernel) => gates.map((gate) => `${kernel}[${gate}]`));
  expect(regularized.map(({ weight }) => weight)).toEqual(names);
  let sum = 0;
  for (const [n, { variable, gate, weight }] of kernelSites(model.layers[0]!).sites.entries()) {
    const kernel = variable.read();
    const filters = tf.slice(kernel, [0, 0, 0, FILTERS * gate!.index], [-1, -1, -1, FILTERS]);
    const seed = { seed: 4, name: `recurrent/${weight}` };
    const neurons = { data: filters.dataSync<"float32">(), shape: filters.shape, layout: "neurons-last" } as const;
    const { energy } = await energyAndGradient(referenceBackend(), regularized[n]!.regularizer.spec, neurons, seed);
    sum += 3 * energy;
  }
  expectClose([modelPenalty(model).dataSync()[0]!], [sum], 1e-4, "penalty");
});

it("goes on after saving and loading as it would have without", async () => {
  const { x, y } = batch();
  const model = classifier();
  regularizeModel(model, options);
  await train(model, x, y, 2);
  const loaded = compiled(await saveAndLoad(model));
  expect(await train(loaded, x, y, 2)).toEqual(await train(model, x, y, 2));
});
