/** Matrix product of two batches of matrices. */
import { hostMatmul } from "@comhe/core/host-functions";
import * as tf from "@tensorflow/tfjs-core";

/** Batched, a batch of 1 broadcasting: `[b, r, k]` and `[b, k, n]` to `[b, r, n]`. */
export function matmul(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor {
  const engine = tf.getBackend();
  if (engine === "wasm") return wasmMatmul(a, b, transposeA, transposeB);
  if (engine === "cpu") return plainMatmul(a, b, transposeA, transposeB);
  return tf.matMul(a, b, transposeA, transposeB);
}

/** tfjs's cpu engine computes a sum at a time; core's plain JavaScript, in float64, is several times faster. */
function plainMatmul(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor {
  const onHost = (of: tf.Tensor) => ({ data: new Float64Array(of.dataSync<"float32">()), shape: of.shape });
  const { data, shape } = hostMatmul(onHost(a), onHost(b), { transposeA, transposeB });
  return tf.tensor(new Float32Array(data), [...shape]);
}

/**
 * The wasm backend (tfjs 4.22) multiplies with XNNPACK where neither operand is transposed or batched, and with a scalar
 * loop, some twenty times slower, otherwise. So transposes are explicit, and a batch becomes rows of one product where one
 * side is shared, or one product for each entry.
 */
function wasmMatmul(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor {
  const [batchA, batchB] = [a.shape[0]!, b.shape[0]!];
  if (batchB === 1) {
    // A_c B for all c: the rows of all A_c, one below the other.
    const left = transposeA ? swapLast(a) : a;
    const right = transposeB ? swapLast(b) : b;
    const [, rows, inner] = left.shape as [number, number, number];
    const product = tf.matMul(tf.reshape(left, [1, batchA * rows, inner]), right);
    return tf.reshape(product, [batchA, rows, right.shape[2]!]);
  }
  if (batchA === 1) {
    // (A B_c)ᵀ = B_cᵀ Aᵀ, which has the shared side on the right.
    return swapLast(wasmMatmul(b, a, !transposeB, !transposeA));
  }
  const left = transposeA ? swapLast(a) : a;
  const right = transposeB ? swapLast(b) : b;
  const [, rows, inner] = left.shape as [number, number, number];
  if (rows * inner * right.shape[2]! < leastForEntries) return tf.matMul(left, right);
  const entries = Array.from({ length: batchA }, (_, c) => tf.matMul(entry(left, c), entry(right, c)));
  return tf.concat(entries, 0);
}

/** Multiplications of an entry from which three calls of its own cost less than the scalar loop. */
const leastForEntries = 20_000;

function entry(a: tf.Tensor, c: number): tf.Tensor {
  return tf.slice(a, [c, 0, 0], [1, a.shape[1]!, a.shape[2]!]);
}

function swapLast(a: tf.Tensor): tf.Tensor {
  return tf.transpose(a, [0, 2, 1]);
}
