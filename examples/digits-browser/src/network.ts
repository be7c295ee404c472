/** The network of the digits study, with the regularizer that was chosen on its hidden layers. */
import type { EnergyConfig } from "@comhe/core";
import { hypersphericalEnergy } from "@comhe/tfjs";
import * as tf from "@tensorflow/tfjs";
import { normalKernel } from "../../digits/src/initial-weights.js";
import { regime } from "../../digits/src/regime.js";
import type { PenaltySettings, Regularizer } from "./shared-device.js";

export type RegularizerChoice = "none" | "half-space" | "full-space" | "random" | "group" | "orthogonality";

/** Swapped by nothing but config. */
const configs: Readonly<Record<Exclude<RegularizerChoice, "none">, EnergyConfig>> = {
  "half-space": { space: "half" },
  "full-space": { space: "full" },
  random: { space: "half", projection: { kind: "random", dimension: 20, count: 5 } },
  group: { space: "half", projection: { kind: "group", groups: 2 } },
  orthogonality: { objective: { kind: "orthogonality" } },
};

export interface NetworkSettings {
  /** By name, or any config. */
  readonly regularizer: RegularizerChoice | EnergyConfig;
  readonly weight: number;
  readonly seed: number;
  /** Makes a layer's regularizer. Default: the one of `@comhe/tfjs`. */
  readonly penalty?: ((settings: PenaltySettings) => Regularizer) | undefined;
}

const configOf = (regularizer: Exclude<RegularizerChoice, "none"> | EnergyConfig): EnergyConfig =>
  typeof regularizer === "string" ? configs[regularizer] : regularizer;

export function buildNetwork({
  regularizer,
  weight,
  seed,
  penalty = hypersphericalEnergy,
}: NetworkSettings): tf.Sequential {
  const model = tf.sequential();
  const place = (units: number, name: string, options: { gain: number; activation: "relu" | "linear" }) => {
    const inputs = model.layers.length === 0 ? 64 : regime.hiddenUnits;
    const penalized = regularizer !== "none" && name !== "output";
    const layer = tf.layers.dense({
      name,
      units,
      inputShape: [inputs],
      activation: options.activation,
      ...(penalized && {
        kernelRegularizer: penalty({ ...configOf(regularizer), weight, seed, name }),
      }),
    });
    model.add(layer);
    const { data, shape } = normalKernel(inputs, units, seed, name, options.gain);
    tf.tidy(() => layer.setWeights([tf.tensor2d(data, shape), tf.zeros([units])]));
  };
  for (let n = 1; n <= regime.hiddenLayers; n++) {
    place(regime.hiddenUnits, `hidden-${n}`, { gain: 2, activation: "relu" });
  }
  place(regime.classes, "output", { gain: 1, activation: "linear" });
  model.compile({
    optimizer: tf.train.momentum(regime.learningRate, regime.momentum),
    loss: (labels: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(labels, logits),
  });
  return model;
}
