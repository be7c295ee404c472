import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { bench, describe } from "vitest";
import { enableWasmTraining } from "./index.js";

// The benches run in the order they are written, and what a bench's setup registers stays for the next.
const options = { time: 4000, warmupTime: 500 };

describe("a training step of a convolutional network, batch 128", async () => {
  await tf.setBackend("wasm");
  const { layers } = tf;
  const model = tf.sequential({
    layers: [
      layers.conv2d({ inputShape: [28, 28, 1], filters: 32, kernelSize: 3, padding: "same", activation: "relu" }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 64, kernelSize: 3, padding: "same", activation: "relu" }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 128, activation: "relu" }),
      layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
  model.compile({ optimizer: tf.train.momentum(0.01, 0.9), loss: "categoricalCrossentropy" });
  const x = tf.randomNormal([128, 28, 28, 1]);
  const y = tf.oneHot(tf.randomUniform([128], 0, 10, "int32"), 10);
  const step = async () => void (await model.trainOnBatch(x, y));

  bench("missing kernels supplied", step, {
    ...options,
    setup: () => void enableWasmTraining({ replaceSlow: false }),
  });
  bench("slow kernels replaced too", step, { ...options, setup: () => void enableWasmTraining() });
});
