/**
 * The published formulation left to autodiff: all pairs of the 2N points {x, −x} as N×N tensors, and whatever gradient
 * tfjs makes of them. What one would write without this project.
 */
import * as tf from "@tensorflow/tfjs";

const L2 = Object.getPrototypeOf(tf.regularizers.l2({ l2: 1 }).constructor) as abstract new () => {
  apply(x: tf.Tensor): tf.Scalar;
} & tf.serialization.Serializable;

/** Mean of 1/chord² over the pairs of half space; rows of `rows` are neurons. */
export function publishedHalfSpaceEnergy(rows: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const count = rows.shape[0];
    const norms = tf.sqrt(tf.add(tf.sum(tf.square(rows), 1, true), 1e-4));
    const unit = tf.div(rows, norms) as tf.Tensor2D;
    const points = tf.concat([unit, tf.neg(unit)], 0) as tf.Tensor2D;
    const squared = tf.sub(2, tf.mul(2, tf.matMul(points, tf.transpose(points))));
    // The diagonal is moved away and its share left out.
    const diagonal = tf.eye(2 * count);
    const inverse = tf.div(tf.sub(1, diagonal), tf.add(squared, diagonal));
    return tf.div(tf.sum(inverse), 2 * count * (2 * count - 1)) as tf.Scalar;
  });
}

/** The same as a layer regularizer of a kernel whose last axis counts neurons. */
export class PublishedAutodiff extends L2 {
  static className = "PublishedAutodiff";

  constructor(readonly weight: number) {
    super();
  }

  override apply(kernel: tf.Tensor): tf.Scalar {
    const neurons = kernel.shape.at(-1)!;
    const rows = tf.transpose(tf.reshape(kernel, [-1, neurons])) as tf.Tensor2D;
    return tf.mul(publishedHalfSpaceEnergy(rows), this.weight);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { weight: this.weight };
  }
}
