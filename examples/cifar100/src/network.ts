/**
 * The authors' network: nine 3×3 convolutions in three stages, each with batch normalization and ReLU, max pooling after
 * every third; a 4×4 convolution over what is left, and a 1×1 one to the classes, both linear. No biases anywhere. Kernels
 * are normal with deviation √(2/(k·k·in)).
 */
import * as tf from "@tensorflow/tfjs";
import { CHANNELS, CLASSES, SIDE } from "./data/image-set.js";
import { recipe } from "./recipe.js";

export const OUTPUT_LAYER = "score";
const LAST_HIDDEN = "fc6";
const STAGES = 3;
const LAYERS_PER_STAGE = 3;

/** By the names the authors' code gives them. */
export const HIDDEN_LAYERS: readonly string[] = [
  ...Array.from({ length: STAGES * LAYERS_PER_STAGE }, (_, n) => stageLayer(Math.floor(n / 3), n % 3)),
  LAST_HIDDEN,
];

function stageLayer(stage: number, layer: number): string {
  return `conv${stage + 1}_${layer}`;
}

/** @param width multiplies the channels; 1 is the authors' network */
export function buildNetwork(seed: number, width: number): tf.Sequential {
  const [first, second, third, last] = recipe.channels.map((channels) => Math.max(1, Math.round(channels * width)));
  const channels = [first!, second!, third!];
  const model = tf.sequential();
  let from: number = CHANNELS;
  let position = 0;
  const convolution = (name: string, size: number, to: number, padding: "same" | "valid") => {
    const stddev = Math.sqrt(2 / (size * size * from));
    model.add(
      tf.layers.conv2d({
        name,
        filters: to,
        kernelSize: size,
        padding,
        useBias: false,
        // Drawn on the host, hence the same on every backend.
        kernelInitializer: tf.initializers.randomNormal({ mean: 0, stddev, seed: 100 * seed + ++position }),
        ...(position === 1 ? { inputShape: [SIDE, SIDE, CHANNELS] } : {}),
      }),
    );
    from = to;
  };
  for (let stage = 0; stage < STAGES; stage++) {
    for (let layer = 0; layer < LAYERS_PER_STAGE; layer++) {
      const name = stageLayer(stage, layer);
      convolution(name, 3, channels[stage]!, "same");
      model.add(
        tf.layers.batchNormalization({
          name: `${name}_norm`,
          momentum: recipe.averageDecay,
          epsilon: recipe.averageEpsilon,
          // The authors' averages start at 0; `withAverages` makes up for it.
          movingVarianceInitializer: "zeros",
        }),
      );
      model.add(tf.layers.reLU({ name: `${name}_relu` }));
    }
    model.add(tf.layers.maxPooling2d({ name: `pool${stage + 1}`, poolSize: 2, strides: 2, padding: "same" }));
  }
  convolution(LAST_HIDDEN, 4, last!, "valid");
  convolution(OUTPUT_LAYER, 1, CLASSES, "valid");
  model.add(tf.layers.flatten({ name: "logits" }));
  return model;
}

/**
 * Runs `body` while batch normalization has its moving averages, after `steps` training steps, without what is left in
 * them of the zeros they started from: divided by 1 − decay^steps. After some thousand steps that is 1.
 */
export async function withAverages<R>(model: tf.LayersModel, steps: number, body: () => Promise<R>): Promise<R> {
  const share = 1 - recipe.averageDecay ** steps;
  if (share === 1 || steps === 0) return body();
  const averages = model.layers.filter((layer) => layer.getClassName() === "BatchNormalization");
  const kept = averages.map((layer) => layer.getWeights().map((weight) => weight.clone()));
  const put = (values: readonly (readonly tf.Tensor[])[]) =>
    averages.forEach((layer, n) => void layer.setWeights([...values[n]!]));
  // γ, β, moving mean, moving variance.
  const corrected = kept.map(([gamma, beta, mean, variance]) => [
    gamma!,
    beta!,
    tf.div(mean!, share),
    tf.div(variance!, share),
  ]);
  try {
    put(corrected);
    return await body();
  } finally {
    put(kept);
    tf.dispose([kept, corrected.map(([, , mean, variance]) => [mean, variance])] as tf.TensorContainer);
  }
}
