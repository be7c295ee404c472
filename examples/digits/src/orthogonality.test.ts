import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { Orthogonality } from "./orthogonality.js";
import { useBackend } from "./tfjs-backend.js";

beforeAll(() => useBackend("wasm"));

const kernel = () => tf.randomNormal([6, 4], 0, 0.5, "float32", 7) as tf.Tensor2D;

describe("Orthogonality", () => {
  it("is zero for orthonormal neurons, and the weighted squared norm otherwise", () => {
    const regularizer = new Orthogonality({ weight: 0.3 });
    expect(regularizer.apply(tf.eye(6, 4)).dataSync()[0]).toBe(0);
    // KᵀK − I = diag(3, 0): 0.3 · 9.
    expect(regularizer.apply(tf.tensor2d([2, 0, 0, 1], [2, 2])).dataSync()[0]).toBeCloseTo(2.7, 5);
  });

  it("has the gradient that automatic differentiation finds", () => {
    const regularizer = new Orthogonality({ weight: 0.3 });
    const plain = (x: tf.Tensor) => {
      const k = x as tf.Tensor2D;
      return tf.sum(tf.square(tf.sub(tf.matMul(tf.transpose(k), k), tf.eye(4)))).mul(0.3) as tf.Scalar;
    };
    const ours = tf
      .grad((x) => regularizer.apply(x))(kernel())
      .dataSync();
    const automatic = tf.grad(plain)(kernel()).dataSync();
    ours.forEach((value, i) => {
      expect(value).toBeCloseTo(automatic[i]!, 4);
    });
  });

  it("frees what it makes", () => {
    const x = kernel();
    const before = tf.memory().numTensors;
    new Orthogonality({ weight: 1 }).apply(x).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
