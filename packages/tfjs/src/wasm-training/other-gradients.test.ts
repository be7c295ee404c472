import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { expectClose, expectWasmLikeCpu, normal, on } from "./backends.test-support.js";
import { enableWasmTraining } from "./index.js";

describe("the other gradients of common layers", () => {
  beforeAll(() => void enableWasmTraining());

  const POOLS: [
    name: string,
    shape: [number, number, number, number],
    size: [number, number],
    stride: number,
    pad: "same" | "valid" | number,
  ][] = [
    ["2×2", [3, 6, 8, 5], [2, 2], 2, "valid"],
    ["2×2 on an odd image", [2, 7, 5, 3], [2, 2], 2, "same"],
    ["overlapping windows", [2, 7, 7, 3], [3, 3], 1, "same"],
    ["non-square windows", [2, 7, 6, 3], [3, 2], 2, "same"],
    ["numeric padding", [2, 7, 6, 3], [3, 3], 2, 1],
  ];
  it.each(POOLS)("maxPool %s", async (_, shape, size, stride, pad) => {
    await expectWasmLikeCpu(() => {
      // Rectified values tie at zero: the gradient belongs to the first maximum of a window.
      const x = tf.relu(normal(shape, 1)) as tf.Tensor4D;
      const pool = (image: tf.Tensor) => tf.maxPool(image as tf.Tensor4D, size, stride, pad);
      return tf.grad(pool)(x, normal(pool(x).shape, 2));
    });
  });

  it("maxPool of windows full of NaN or −Infinity", async () => {
    const x = [Number.NaN, Number.NaN, 1, Number.NaN, Number.NaN, Number.NaN, 2, 3];
    const pool = (image: tf.Tensor) => tf.maxPool(image as tf.Tensor4D, 2, 2, "valid");
    const [gradient] = await on("wasm", () => tf.grad(pool)(tf.tensor4d(x, [1, 2, 4, 1]), tf.ones([1, 1, 2, 1])));
    expect([...gradient.data]).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it.each([
    ["small", 3, 4, 5],
    ["large", 40, 33, 50],
  ])("matMul with every transposition, %s", async (_, m, k, n) => {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        for (const lead of [[], [1], [2]]) {
          await expectWasmLikeCpu(() => {
            const a = normal([...lead, ...(transposeA ? [k, m] : [m, k])], 1);
            const b = normal([...lead, ...(transposeB ? [n, k] : [k, n])], 2);
            const product = tf.matMul(a, b, transposeA, transposeB);
            const gradients = tf.grads((left: tf.Tensor, right: tf.Tensor) =>
              tf.matMul(left, right, transposeA, transposeB),
            )([a, b], normal(product.shape, 3));
            return [product, ...gradients];
          });
        }
      }
    }
  });

  it("matMul of one matrix with a batch of them", async () => {
    await expectWasmLikeCpu(() => tf.matMul(normal([1, 40, 30], 1), normal([3, 40, 50], 2), true, false));
  });

  it.each([
    [[3], [4]],
    [
      [1, 1, 1, 5],
      [2, 3, 4, 1],
    ],
    [
      [2, 3],
      [3, 1],
    ],
    [
      [2, 1, 3],
      [1, 5, 2],
    ],
    [
      [2, 3],
      [0, 2],
    ],
  ])("tile of %j by %j", async (shape, reps) => {
    await expectWasmLikeCpu(() => tf.tile(normal(shape, 1), reps));
    await expectWasmLikeCpu(() => tf.tile(tf.cast(tf.mul(normal(shape, 1), 10), "int32"), reps));
  });

  it("batch normalization", async () => {
    await expectWasmLikeCpu(() => {
      const row = (seed: number) => tf.abs(normal([3], seed));
      return tf.grads((x: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor, offset: tf.Tensor, scale: tf.Tensor) =>
        tf.batchNorm4d(
          x as tf.Tensor4D,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          offset as tf.Tensor1D,
          scale as tf.Tensor1D,
        ),
      )([normal([4, 5, 5, 3], 1), row(2), row(3), row(4), row(5)], normal([4, 5, 5, 3], 6));
    });
  });

  it("gather, hence embeddings: repeated and unused rows, on either axis", async () => {
    for (const axis of [0, 1]) {
      await expectWasmLikeCpu(() => {
        const rows = tf.tensor1d([1, 3, 3, 0, 3], "int32");
        const gather = (x: tf.Tensor) => tf.gather(x, rows, axis);
        return tf.grad(gather)(normal([5, 4], 1), normal(axis === 0 ? [5, 4] : [5, 5], 2));
      });
    }
  });

  it("unsortedSegmentSum drops ids out of range and keeps integers", async () => {
    const sum = () => tf.unsortedSegmentSum(tf.tensor1d([1, 2, 4, 8], "int32"), tf.tensor1d([0, -1, 2, 5], "int32"), 3);
    const expected = await on("cpu", sum);
    const sums = await on("wasm", sum);
    expectClose(sums, expected);
    expect([...sums[0].data]).toEqual([1, 0, 4]);
    expect(tf.tidy(() => sum().dtype)).toBe("int32");
  });
});
