import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { expect } from "vitest";

export type BackendName = "cpu" | "wasm";

export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The tensors that `compute` makes on a backend, read back; nothing of it stays behind. */
export async function on(backend: BackendName, compute: () => tf.Tensor | tf.Tensor[]): Promise<Values[]> {
  await tf.setBackend(backend);
  // In this mode tfjs counts the backend's buffers around every kernel, and throws if one is left over.
  tf.env().set("IS_TEST", true);
  const results = tf.tidy(compute);
  tf.env().set("IS_TEST", false);
  return [results].flat().map((result) => {
    const values = { shape: result.shape, data: Float32Array.from(result.dataSync()) };
    result.dispose();
    return values;
  });
}

/** Both backends must agree within float32 rounding, relative to the largest value. */
export async function expectWasmLikeCpu(compute: () => tf.Tensor | tf.Tensor[]): Promise<void> {
  expectClose(await on("wasm", compute), await on("cpu", compute));
}

export function expectClose(actual: readonly Values[], expected: readonly Values[], tolerance = 1e-4): void {
  expect(actual.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
  for (let i = 0; i < expected.length; i++) {
    let scale = 1e-6;
    for (const value of expected[i].data) scale = Math.max(scale, Math.abs(value));
    let error = 0;
    expected[i].data.forEach((value, at) => {
      error = Math.max(error, Math.abs(value - actual[i].data[at]));
    });
    expect(error / scale).toBeLessThan(tolerance);
  }
}

export function normal(shape: number[], seed: number): tf.Tensor {
  return tf.randomNormal(shape, 0, 1, "float32", seed);
}
