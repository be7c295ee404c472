import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { type BackendName, normal } from "./backends.test-support.js";
import { enableWasmTraining } from "./index.js";

const { layers } = tf;
const seeded = (seed: number) => tf.initializers.glorotUniform({ seed });

function convNet(): tf.Sequential {
  return tf.sequential({
    layers: [
      layers.conv2d({
        inputShape: [8, 8, 1],
        filters: 6,
        kernelSize: 3,
        padding: "same",
        activation: "relu",
        kernelInitializer: seeded(1),
      }),
      layers.batchNormalization(),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, activation: "relu", kernelInitializer: seeded(2) }),
      layers.flatten(),
      layers.dense({ units: 3, activation: "softmax", kernelInitializer: seeded(3) }),
    ],
  });
}

function separableNet(): tf.Sequential {
  return tf.sequential({
    layers: [
      layers.separableConv2d({
        inputShape: [8, 8, 1],
        filters: 6,
        kernelSize: 3,
        depthMultiplier: 3,
        activation: "relu",
        depthwiseInitializer: seeded(1),
        pointwiseInitializer: seeded(2),
      }),
      layers.depthwiseConv2d({
        kernelSize: 3,
        strides: 2,
        padding: "same",
        activation: "relu",
        depthwiseInitializer: seeded(3),
      }),
      layers.averagePooling2d({ poolSize: 2, strides: 1 }),
      layers.flatten(),
      layers.dense({ units: 3, activation: "softmax", kernelInitializer: seeded(4) }),
    ],
  });
}

function wordNet(): tf.Sequential {
  return tf.sequential({
    layers: [
      layers.embedding({ inputDim: 10, outputDim: 5, inputLength: 12, embeddingsInitializer: seeded(1) }),
      layers.conv1d({ filters: 6, kernelSize: 3, activation: "relu", kernelInitializer: seeded(2) }),
      layers.globalAveragePooling1d({}),
      layers.dense({ units: 3, activation: "softmax", kernelInitializer: seeded(3) }),
    ],
  });
}

function images(): tf.Tensor {
  return normal([24, 8, 8, 1], 5);
}

function words(): tf.Tensor {
  return tf.randomUniform([24, 12], 0, 10, "int32", 5);
}

/** The losses of a few epochs, and the growth in tensors and backend buffers over those after the first. */
async function train(backend: BackendName, build: () => tf.Sequential, examples: () => tf.Tensor) {
  await tf.setBackend(backend);
  const x = examples();
  const labels = Array.from({ length: 24 }, (_, i) => i % 3);
  const y = tf.oneHot(labels, 3);
  const model = build();
  model.compile({ optimizer: tf.train.momentum(0.05, 0.9), loss: "categoricalCrossentropy" });
  const fit = async (epochs: number) => {
    const { history } = await model.fit(x, y, { epochs, batchSize: 12, shuffle: false, verbose: 0 });
    return history.loss as number[];
  };
  const held = () => ({ tensors: tf.memory().numTensors, buffers: tf.backend().numDataIds() });
  const losses = await fit(1);
  const before = held();
  losses.push(...(await fit(7)));
  const after = held();
  tf.dispose([x, y]);
  model.dispose();
  return { losses, before, after };
}

describe("training on the wasm backend", () => {
  beforeAll(() => void enableWasmTraining());

  it.each([
    ["a convolutional network with batch normalization and max pooling", convNet, images],
    ["a separable and depthwise network", separableNet, images],
    ["an embedding under a one-dimensional convolution", wordNet, words],
  ])("%s has the losses of the cpu backend and leaves nothing behind", async (_, build, examples) => {
    const { losses, before, after } = await train("wasm", build, examples);
    const onCpu = await train("cpu", build, examples);
    expect(losses[7]).toBeLessThan(losses[0]);
    onCpu.losses.forEach((loss, epoch) => {
      expect(Math.abs(losses[epoch] - loss)).toBeLessThan(1e-3);
    });
    expect(after).toEqual(before);
  });
});
