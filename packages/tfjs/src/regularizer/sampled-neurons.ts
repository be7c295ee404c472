/** Some neurons of a kernel and back, as tensors: of a kernel with many classes a step looks at these alone. */
import { type Layout, neuronAxes } from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";

/** The neurons `rows` of a kernel, `[1, m, d]`. In layouts with a name the kernel isn't transposed for it. */
export function takeNeurons(kernel: tf.Tensor, layout: Layout, rows: Int32Array): tf.Tensor3D {
  const { count, dim, permutation } = neuronAxes(kernel.shape, layout);
  const index = tf.tensor1d(rows, "int32");
  const shape: [number, number, number] = [1, rows.length, dim];
  if (layout === "neurons-last" || layout === "depthwise") {
    // Neurons are the columns.
    return tf.reshape(tf.transpose(tf.gather(tf.reshape(kernel, [dim, count]), index, 1)), shape);
  }
  const ordered = layout === "neurons-first" ? kernel : tf.transpose(kernel, [...permutation]);
  return tf.reshape(tf.gather(tf.reshape(ordered, [count, dim]), index), shape);
}

/** The adjoint but for the kernel's layout: `[1, m, d]` into zeros `[N, d]`. */
export function spreadNeurons(taken: tf.Tensor, count: number, rows: Int32Array): tf.Tensor2D {
  const dim = taken.shape[2]!;
  const index = tf.tensor2d(rows, [rows.length, 1], "int32");
  return tf.scatterND(index, tf.reshape(taken, [rows.length, dim]), [count, dim]) as tf.Tensor2D;
}
