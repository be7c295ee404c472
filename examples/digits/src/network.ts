/** The network of an arm: 64 – [48 ReLU]×8 – 10, with what the arm adds to it. */
import { combineRegularizers, type HypersphericalEnergy, hypersphericalEnergy } from "@comhe/tfjs";
import { type WasmBackend, wasmBackend } from "@comhe/wasm";
import * as tf from "@tensorflow/tfjs";
import type { ArmConfig } from "./arms.js";
import { PIXELS } from "./digits-data.js";
import { type InitialKernel, normalKernel, orthogonalKernel } from "./initial-weights.js";
import { Orthogonality } from "./orthogonality.js";
import { regime } from "./regime.js";

/** Layers are tiny here: WebAssembly is done with them before tensor operations would have begun. */
let wasm: WasmBackend | undefined;
function onHost(): WasmBackend {
  // Baseline SIMD: with the fused operations of the relaxed build, engines may differ in the last digit.
  wasm ??= wasmBackend({ threads: 1, build: "baseline" });
  return wasm;
}

export interface Network {
  readonly model: tf.Sequential;
  /** The layers whose neurons are regularized and watched, first to last. */
  readonly hidden: readonly tf.layers.Layer[];
  dispose(): void;
}

export function buildNetwork(arm: ArmConfig, seed: number): Network {
  const model = tf.sequential();
  const energies: HypersphericalEnergy[] = [];
  const hidden = Array.from({ length: regime.hiddenLayers }, (_, index) => {
    const name = `hidden-${index + 1}`;
    const inputs = index === 0 ? PIXELS : regime.hiddenUnits;
    const energy =
      arm.energy && hypersphericalEnergy({ ...arm.energy, weight: arm.weight, seed, name, backend: onHost() });
    if (energy) energies.push(energy);
    const layer = tf.layers.dense({
      name,
      units: regime.hiddenUnits,
      inputShape: [inputs],
      activation: arm.batchNorm ? "linear" : "relu",
      kernelRegularizer: combineRegularizers([weightDecay(arm), orthogonality(arm), energy]),
    });
    model.add(layer);
    if (arm.batchNorm) {
      model.add(tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }));
      model.add(tf.layers.reLU());
    }
    setKernel(
      layer,
      (arm.initializer === "orthogonal" ? orthogonalKernel : normalKernel)(inputs, regime.hiddenUnits, seed, name, 2),
    );
    return layer;
  });
  const output = tf.layers.dense({
    name: "output",
    units: regime.classes,
    inputShape: [regime.hiddenUnits],
    kernelRegularizer: weightDecay(arm),
  });
  model.add(output);
  setKernel(output, normalKernel(regime.hiddenUnits, regime.classes, seed, "output", 1));
  const optimizer = tf.train.momentum(arm.learningRate, regime.momentum);
  model.compile({ optimizer, loss: crossEntropy });
  return {
    model,
    hidden,
    dispose() {
      model.dispose();
      optimizer.dispose();
      // tfjs forgets the learning rate of a momentum optimizer.
      (optimizer as unknown as { c: tf.Scalar }).c.dispose();
      for (const energy of energies) energy.dispose();
    },
  };
}

/** The output are logits: softmax and cross-entropy in one keep their digits. */
export function crossEntropy(labels: tf.Tensor, logits: tf.Tensor): tf.Scalar {
  return tf.losses.softmaxCrossEntropy(labels, logits);
}

function orthogonality(arm: ArmConfig) {
  return arm.orthogonality === undefined ? undefined : new Orthogonality({ weight: arm.orthogonality });
}

/** λw in the gradient is λ/2·‖w‖² in the loss. */
function weightDecay(arm: ArmConfig) {
  return tf.regularizers.l2({ l2: arm.weightDecay / 2 });
}

/** Biases start at 0. */
function setKernel(layer: tf.layers.Layer, { data, shape }: InitialKernel): void {
  tf.tidy(() => layer.setWeights([tf.tensor2d(data, shape), tf.zeros([shape[1]])]));
}
