import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, it } from "vitest";
import { expectClose, expectWasmLikeCpu, normal, on } from "./backends.test-support.js";
import { enableWasmTraining } from "./index.js";

type Shape4D = [number, number, number, number];
type Padding = number | "same" | "valid";
type Case = [name: string, x: Shape4D, filter: Shape4D, strides: [number, number], pad: Padding];

const CASES: Case[] = [
  ["3×3, same", [3, 7, 7, 4], [3, 3, 4, 1], [1, 1], "same"],
  ["3×3, valid", [3, 7, 7, 4], [3, 3, 4, 1], [1, 1], "valid"],
  ["channel multiplier", [2, 6, 6, 3], [3, 3, 3, 2], [1, 1], "same"],
  ["channel multiplier of one channel", [2, 6, 6, 1], [3, 3, 1, 5], [1, 1], "same"],
  ["non-square image and filter", [2, 5, 9, 3], [2, 4, 3, 2], [1, 1], "same"],
  ["stride 2, same", [2, 7, 8, 3], [3, 3, 3, 2], [2, 2], "same"],
  ["stride 2, valid, pixels no window reaches", [2, 8, 8, 3], [3, 3, 3, 1], [2, 2], "valid"],
  ["stride 3", [2, 10, 10, 3], [3, 3, 3, 1], [3, 3], "same"],
  ["numeric padding wider than the filter", [2, 4, 4, 2], [2, 2, 2, 2], [1, 1], 3],
];

const DILATED: [name: string, x: Shape4D, filter: Shape4D, dilations: [number, number], pad: Padding][] = [
  ["dilation 2, same", [2, 6, 7, 2], [3, 3, 2, 1], [2, 2], "same"],
  ["dilation 2, valid, channel multiplier", [2, 7, 7, 2], [3, 3, 2, 2], [2, 2], "valid"],
  ["uneven dilation and filter, numeric padding", [1, 6, 8, 2], [2, 3, 2, 1], [3, 2], 2],
];

describe("the gradients of depthwiseConv2d", () => {
  beforeAll(() => void enableWasmTraining());

  it.each(CASES)("%s", async (_, xShape, filterShape, strides, pad) => {
    await expectWasmLikeCpu(() => {
      const x = normal(xShape, 1);
      const filter = normal(filterShape, 2);
      const convolve = (image: tf.Tensor, kernel: tf.Tensor) =>
        tf.depthwiseConv2d(image as tf.Tensor4D, kernel as tf.Tensor4D, strides, pad);
      return tf.grads(convolve)([x, filter], normal(convolve(x, filter).shape, 3));
    });
  });

  // tfjs refuses to differentiate dilated convolutions, and its cpu kernels ignore the dilation; the kernels take it all
  // the same. The convolution is linear, so each entry of a gradient is the output for a unit input, dotted with dy.
  it.each(DILATED)("%s", async (_, xShape, filterShape, dilations, pad) => {
    const convolve = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, pad, "NHWC", dilations);
    const attrs = { strides: [1, 1], dilations, pad, inputShape: xShape, filterShape };
    const operands = () => {
      const x = normal(xShape, 1);
      const filter = normal(filterShape, 2);
      return { x, filter, dy: normal(convolve(x, filter).shape, 3) };
    };
    const gradients = await on("wasm", () => {
      const { x, filter, dy } = operands();
      const run = (kernel: string, inputs: tf.NamedTensorMap) =>
        tf.engine().runKernel(kernel, inputs, attrs) as tf.Tensor;
      return [
        run("DepthwiseConv2dNativeBackpropInput", { dy, filter }),
        run("DepthwiseConv2dNativeBackpropFilter", { x, dy }),
      ];
    });
    const expected = await on("cpu", () => {
      const { x, filter, dy } = operands();
      return [
        responses(xShape, (unit) => tf.sum(tf.mul(convolve(unit, filter), dy))),
        responses(filterShape, (unit) => tf.sum(tf.mul(convolve(x, unit), dy))),
      ];
    });
    expectClose(gradients, expected);
  });
});

function responses(shape: Shape4D, respond: (unit: tf.Tensor) => tf.Tensor): tf.Tensor {
  const units = tf.eye(tf.util.sizeFromShape(shape));
  return tf.reshape(tf.stack(tf.unstack(units).map((unit) => respond(tf.reshape(unit, shape)))), shape);
}
