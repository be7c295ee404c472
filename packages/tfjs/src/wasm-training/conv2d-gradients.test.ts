import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { expectClose, expectWasmLikeCpu, normal, on } from "./backends.test-support.js";
import { enableWasmTraining } from "./index.js";

type Padding = Parameters<typeof tf.conv2d>[3];
type Case = [
  name: string,
  x: [number, number, number, number],
  filter: [number, number, number, number],
  strides: [number, number] | number,
  pad: Padding,
];

// Numeric padding stands with square filters and strides only: tfjs-core gets the output's width wrong for others, and
// the backend's forward kernel then writes past its end.
const CASES: Case[] = [
  ["3×3, same", [3, 7, 7, 2], [3, 3, 2, 5], 1, "same"],
  ["3×3, valid", [3, 7, 7, 2], [3, 3, 2, 5], 1, "valid"],
  ["1×1", [2, 5, 6, 3], [1, 1, 3, 4], 1, "valid"],
  ["1×1, stride 2", [2, 5, 6, 3], [1, 1, 3, 4], 2, "valid"],
  ["even filter, same: more padding at the end", [2, 6, 5, 3], [2, 4, 3, 2], 1, "same"],
  ["non-square image, filter and stride", [2, 9, 12, 3], [3, 5, 3, 4], [2, 1], "same"],
  ["stride 2, same, odd image", [2, 7, 9, 3], [3, 3, 3, 4], 2, "same"],
  ["stride 2, same, even image", [2, 8, 6, 3], [3, 3, 3, 4], 2, "same"],
  ["stride 2, valid, pixels no window reaches", [2, 8, 8, 3], [3, 3, 3, 4], 2, "valid"],
  ["stride 3, more zeros than are worth it", [2, 11, 11, 2], [3, 3, 2, 3], 3, "valid"],
  ["stride larger than the filter", [2, 9, 9, 2], [1, 2, 2, 3], [1, 4], "valid"],
  ["numeric padding", [2, 6, 6, 3], [3, 3, 3, 4], 1, 1],
  ["numeric padding wider than the filter", [2, 4, 5, 2], [3, 3, 2, 3], 1, 4],
  ["numeric padding wider than the filter, stride 2", [2, 5, 5, 2], [3, 3, 2, 3], 2, 4],
  [
    "explicit, uneven padding",
    [2, 6, 6, 3],
    [3, 3, 3, 4],
    1,
    [
      [0, 0],
      [2, 0],
      [1, 3],
      [0, 0],
    ],
  ],
  ["batch of 1, 1 channel, 1 filter", [1, 5, 5, 1], [3, 3, 1, 1], 1, "same"],
  ["filter as large as the image", [4, 5, 4, 3], [5, 4, 3, 6], 1, "valid"],
  ["channels beyond one SIMD tile", [5, 6, 6, 19], [3, 3, 19, 21], 1, "same"],
];

function gradients(x: tf.Tensor, filter: tf.Tensor, strides: [number, number] | number, pad: Padding): tf.Tensor[] {
  const output = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad);
  const gradient = tf.grads((image: tf.Tensor, kernel: tf.Tensor) =>
    tf.conv2d(image as tf.Tensor4D, kernel as tf.Tensor4D, strides, pad),
  );
  return gradient([x, filter], normal(output.shape, 3));
}

describe("the gradients of conv2d", () => {
  beforeAll(() => void enableWasmTraining());

  it.each(CASES)("%s", async (_, xShape, filterShape, strides, pad) => {
    await expectWasmLikeCpu(() => gradients(normal(xShape, 1), normal(filterShape, 2), strides, pad));
  });

  it("conv1d, with and without stride", async () => {
    for (const stride of [1, 2]) {
      await expectWasmLikeCpu(() =>
        tf.grads((x: tf.Tensor, filter: tf.Tensor) =>
          tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, stride, "same"),
        )([normal([3, 11, 4], 1), normal([3, 4, 5], 2)]),
      );
    }
  });

  it("conv2dTranspose, whose forward pass is the input gradient", async () => {
    await expectWasmLikeCpu(() =>
      tf.grads((x: tf.Tensor, filter: tf.Tensor) =>
        tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 8, 8, 3], 2, "same"),
      )([normal([2, 4, 4, 5], 1), normal([3, 3, 3, 5], 2)]),
    );
  });

  it("agrees with central differences", async () => {
    await tf.setBackend("wasm");
    const x = normal([2, 5, 5, 2], 1);
    const dy = normal([2, 3, 3, 3], 3);
    const values = normal([3, 3, 2, 3], 2).dataSync() as Float32Array;
    const loss = (weights: Float32Array): number =>
      tf.tidy(() => {
        const filter = tf.tensor4d(weights, [3, 3, 2, 3]);
        return tf.sum(tf.mul(tf.conv2d(x as tf.Tensor4D, filter, 2, "same"), dy)).dataSync()[0];
      });
    const step = 0.25; // The loss is linear in the filter: a large step only lessens float32 cancellation.
    const differences = values.map((_, i) => {
      const nudged = (by: number) => loss(values.map((value, at) => (at === i ? value + by : value)));
      return (nudged(step) - nudged(-step)) / (2 * step);
    });
    const gradient = await on("wasm", () =>
      tf.grad((filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, "same"))(
        tf.tensor4d(values, [3, 3, 2, 3]),
        dy,
      ),
    );
    expectClose(gradient, [{ shape: [3, 3, 2, 3], data: differences }]);
    tf.dispose([x, dy]);
  });

  it("works through a batch too large for the memory budget in chunks", async () => {
    const [whole, twiceHalf] = await on("wasm", () => {
      const x = normal([20, 64, 64, 8], 1);
      const dy = normal([20, 64, 64, 32], 3);
      const filter = normal([3, 3, 8, 32], 2);
      const gradient = (image: tf.Tensor, upstream: tf.Tensor) =>
        tf.grad((kernel) => tf.conv2d(image as tf.Tensor4D, kernel as tf.Tensor4D, 1, "same"))(filter, upstream);
      return [gradient(tf.concat([x, x]), tf.concat([dy, dy])), tf.mul(gradient(x, dy), 2)];
    });
    expectClose([whole], [twiceHalf]);
  });

  it("refuses NCHW data by name", async () => {
    await tf.setBackend("wasm");
    const attrs = { strides: 1, pad: "same", dataFormat: "NCHW", filterShape: [3, 3, 2, 4] };
    const x = tf.zeros([1, 2, 5, 5]);
    const dy = tf.zeros([1, 4, 5, 5]);
    expect(() => tf.engine().runKernel("Conv2DBackpropFilter", { x, dy }, attrs)).toThrow(/NHWC data, not NCHW/);
    tf.dispose([x, dy]);
  });
});
