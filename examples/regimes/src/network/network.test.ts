/** Gradients of the networks against those of TensorFlow.js, on the same weights and examples. */
import { randomStream } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { convolutional, perceptron } from "../regimes/networks.js";
import { tfjsTwin } from "../twin/tfjs-twin.js";
import { crossEntropy, predictions } from "./cross-entropy.js";
import type { Network } from "./network.js";

const COUNT = 6;
const labels = Uint8Array.from({ length: COUNT }, (_, n) => (3 * n) % 10);

function normal(length: number): Float32Array {
  return randomStream(3, "inputs", 0).fillNormal(new Float32Array(length));
}

/** By name, in the layout that parameters have here. */
function tfjsGradients(network: Network, inputs: Float32Array, shape: number[]) {
  const model = tfjsTwin(network);
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { value, grads } = tf.variableGrads(() => {
    const logits = model.apply(tf.tensor(inputs, shape), { training: true }) as tf.Tensor2D;
    return tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([...labels], "int32"), 10), logits) as tf.Scalar;
  }, variables);
  const slopes = variables.map(({ name }, n) => {
    const { shape: own } = network.parameters[n]!;
    const slope = grads[name]!;
    return (own ? tf.transpose(tf.reshape(slope, [own[1], own[0]])) : slope).dataSync<"float32">();
  });
  return { loss: value.dataSync()[0]!, slopes };
}

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe.each([
  ["a deep perceptron", () => perceptron({ inputs: 7, hidden: [6, 5], seed: 4 }), 7, [COUNT, 7]],
  [
    "batch norm and a linear layer",
    () => perceptron({ inputs: 7, hidden: [6, 5], seed: 4, isNormalized: true, isLinear: (n) => n === 1 }),
    7,
    [COUNT, 7],
  ],
  ["convolutions", () => convolutional(6, 4), 36, [COUNT, 6, 6, 1]],
] as const)("%s", (_, build, width, shape) => {
  it("has the loss and the gradients of tfjs", () => {
    const network = build();
    const inputs = normal(COUNT * width);
    const expected = tfjsGradients(network, inputs, [...shape]);
    const loss = crossEntropy(network.forward(inputs, true), labels);
    network.backward(loss.slope);
    expect(loss.value).toBeCloseTo(expected.loss, 4);
    network.parameters.forEach(({ name, gradient }, n) => {
      const slope = expected.slopes[n]!;
      const scale = slope.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
      const error = gradient.reduce((most, value, at) => Math.max(most, Math.abs(value - slope[at]!)), 0);
      expect(error / scale, name).toBeLessThan(1e-3);
    });
  });
});

describe("convolutional", () => {
  it("regularizes all kernels but the first and the output's", () => {
    expect(convolutional(14, 1).regularized.map(({ shape }) => shape)).toEqual([
      [64, 288],
      [64, 576],
      [64, 576],
    ]);
  });
});

it("predicts the class of the largest logit", () => {
  expect([...predictions(Float32Array.from([0, 2, 1, 5, 4, 3]), 2)]).toEqual([1, 0]);
});
