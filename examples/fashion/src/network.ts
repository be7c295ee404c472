/** The convolutional network: plain on purpose, without batch normalization or dropout. */
import * as tf from "@tensorflow/tfjs";
import { regime } from "./regime.js";

/** The layers whose neurons are watched in every arm. */
export const HIDDEN_LAYERS = ["conv-1", "conv-2", "dense"] as const;

/** 28×28×1 – conv 3×3×32 – pool – conv 3×3×64 – pool – dense 128 – 10 logits; compiled. One seed, one set of weights. */
export function buildNetwork(seed: number): tf.Sequential {
  const { layers } = tf;
  const [first, second, third] = HIDDEN_LAYERS;
  // Drawn on the host, hence the same on every backend.
  const kernel = (position: number) => ({
    kernelInitializer: tf.initializers.heNormal({ seed: 10 * seed + position }),
    kernelRegularizer: weightDecay(),
  });
  const convolution = { kernelSize: 3, padding: "same", activation: "relu" } as const;
  const model = tf.sequential({
    layers: [
      layers.conv2d({ ...convolution, ...kernel(1), name: first, filters: 32, inputShape: [28, 28, 1] }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ ...convolution, ...kernel(2), name: second, filters: 64 }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ ...kernel(3), name: third, units: 128, activation: "relu" }),
      layers.dense({ ...kernel(4), name: "output", units: 10 }),
    ],
  });
  model.compile({ optimizer: tf.train.momentum(regime.learningRate, regime.momentum), loss: crossEntropy });
  return model;
}

/** With its optimizer, which `model.dispose()` leaves alone. */
export function disposeNetwork(model: tf.Sequential): void {
  const optimizer = model.optimizer as tf.MomentumOptimizer;
  model.dispose();
  optimizer.dispose();
  // The learning rate, which the optimizer of tfjs forgets.
  (optimizer as unknown as { c: tf.Scalar }).c.dispose();
}

/** The outputs are logits: softmax and cross-entropy in one keep their digits. */
export function crossEntropy(labels: tf.Tensor, logits: tf.Tensor): tf.Scalar {
  return tf.losses.softmaxCrossEntropy(labels, logits);
}

/** λw in the gradient is λ/2·‖w‖² in the loss. */
function weightDecay() {
  return tf.regularizers.l2({ l2: regime.weightDecay / 2 });
}
