/** Matrix product of two batches of matrices. */
import * as tf from "@tensorflow/tfjs-core";

export function matmul(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor {
  // The wasm kernel is several times slower when it transposes by itself.
  const explicit = tf.getBackend() === "wasm";
  const left = explicit && transposeA ? swapLast(a) : a;
  const right = explicit && transposeB ? swapLast(b) : b;
  return tf.matMul(left, right, transposeA && !explicit, transposeB && !explicit);
}

function swapLast(a: tf.Tensor): tf.Tensor {
  return tf.transpose(a, [0, 2, 1]);
}
