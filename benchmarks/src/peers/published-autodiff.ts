/**
 * The published formulation left to autodiff: all pairs of the 2N points {x, −x} as N×N tensors, and whatever gradient
 * tfjs makes of them. What one would write without this project.
 */
import type { Space } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";

const L2 = Object.getPrototypeOf(tf.regularizers.l2({ l2: 1 }).constructor) as abstract new () => {
  apply(x: tf.Tensor): tf.Scalar;
} & tf.serialization.Serializable;

/** The authors add this to squared norms. */
const authorsEpsilon = 1e-4;

/** Mean potential over the pairs; rows of `rows` are neurons. */
export function publishedEnergy(rows: tf.Tensor2D, space: Space, s: number, epsilon = 0): tf.Scalar {
  return tf.tidy(() => {
    const norms = tf.sqrt(tf.add(tf.sum(tf.square(rows), 1, true), epsilon));
    const unit = tf.div(rows, norms) as tf.Tensor2D;
    const points = space === "half" ? (tf.concat([unit, tf.neg(unit)], 0) as tf.Tensor2D) : unit;
    const count = points.shape[0];
    const squared = tf.sub(2, tf.mul(2, tf.matMul(points, tf.transpose(points))));
    // The diagonal is moved away and its share left out.
    const diagonal = tf.eye(count);
    const pairs = tf.mul(tf.sub(1, diagonal), potential(tf.add(squared, diagonal), s));
    return tf.div(tf.sum(pairs), count * (count - 1)) as tf.Scalar;
  });
}

/** Of squared chords. */
function potential(squared: tf.Tensor, s: number): tf.Tensor {
  if (s === 0) return tf.mul(-0.5, tf.log(squared));
  return s === 2 ? tf.div(1, squared) : tf.pow(squared, -s / 2);
}

/** Half space, s = 2, as a layer regularizer of a kernel whose last axis counts neurons. */
export class PublishedAutodiff extends L2 {
  static className = "PublishedAutodiff";

  constructor(readonly weight: number) {
    super();
  }

  override apply(kernel: tf.Tensor): tf.Scalar {
    const neurons = kernel.shape.at(-1)!;
    const rows = tf.transpose(tf.reshape(kernel, [-1, neurons])) as tf.Tensor2D;
    return tf.mul(publishedEnergy(rows, "half", 2, authorsEpsilon), this.weight);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { weight: this.weight };
  }
}
