/** 64 – 256 – 256 – d with ReLU, and AdamW on it: Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019). */
import { randomStream } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { PIXELS } from "../../digits/src/digits-data.js";
import { regime } from "./regime.js";

export interface Encoder {
  readonly weights: readonly tf.Variable[];
  /** `[n, 64]` to `[n, d]`, not normalized. */
  embed(inputs: tf.Tensor2D): tf.Tensor2D;
  /** One step of AdamW. Returns the loss before it. */
  step(loss: () => tf.Scalar, learningRate: number): number;
  dispose(): void;
}

/** He initialization: the same for every arm with this seed. */
export function createEncoder(seed: number, dimension: number): Encoder {
  const sizes = [PIXELS, ...new Array<number>(regime.hiddenLayers).fill(regime.hiddenUnits), dimension];
  const layers = sizes.slice(1).map((units, n) => {
    const inputs = sizes[n]!;
    const isLast = n === sizes.length - 2;
    const kernel = randomStream(seed, `kernel ${n}`, 0).fillNormal(new Float32Array(inputs * units));
    const deviation = Math.sqrt((isLast ? 1 : 2) / inputs);
    return {
      kernel: tf.variable(
        tf.tidy(() => tf.mul(tf.tensor2d(kernel, [inputs, units]), deviation)),
        true,
      ),
      bias: tf.variable(tf.zeros([units]), true),
    };
  });
  const weights = layers.flatMap(({ kernel, bias }) => [kernel, bias]);
  const optimizer = tf.train.adam(regime.learningRate);
  return {
    weights,
    embed(inputs) {
      return layers.reduce<tf.Tensor>((x, { kernel, bias }, n) => {
        const sum = tf.add(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D), bias);
        return n === layers.length - 1 ? sum : tf.relu(sum);
      }, inputs) as tf.Tensor2D;
    },
    step(loss, learningRate) {
      // tfjs reads it at each step, and lets nobody set it.
      (optimizer as unknown as { learningRate: number }).learningRate = learningRate;
      const value = optimizer.minimize(loss, true, [...weights])!;
      tf.tidy(() => {
        for (const { kernel } of layers) kernel.assign(tf.mul(kernel, 1 - learningRate * regime.weightDecay));
      });
      const [number] = value.dataSync();
      value.dispose();
      return number!;
    },
    dispose() {
      optimizer.dispose();
      tf.dispose([...weights]);
    },
  };
}
