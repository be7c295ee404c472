/** The term that keeps embeddings apart: an energy of the batch, or the covariance of its coordinates. */
import type { EnergyConfig } from "@comhe/core";
import { energyOf, type HostBackend } from "@comhe/tfjs";
import * as tf from "@tensorflow/tfjs";

/** What an arm spreads with; nothing: `null`. */
export type Spreading = { readonly energy: EnergyConfig } | "covariance" | null;

/**
 * The mean over both views of the term.
 *
 * @param embeddings `[2, batch, d]`
 * @param step which of the random projections
 */
export function spreadingTerm(
  spreading: Spreading,
  embeddings: tf.Tensor3D,
  { step, seed, backend }: { readonly step: number; readonly seed: number; readonly backend: HostBackend },
): tf.Scalar {
  if (spreading === null) return tf.scalar(0);
  if (spreading === "covariance") return tf.mean(covarianceTerm(embeddings)) as tf.Scalar;
  return tf.mean(energyOf(embeddings, spreading.energy, { step, seed, backend })) as tf.Scalar;
}

/**
 * ‖d·cov(z) − I‖²/d of unit embeddings z, for each view: 0 where all directions of the space hold the same share of the spread. The
 * covariance alone would be content with a collapse.
 */
function covarianceTerm(embeddings: tf.Tensor3D): tf.Tensor1D {
  const [, batch, dimension] = embeddings.shape;
  const unit = normalized(embeddings);
  const centred = tf.sub(unit, tf.mean(unit, 1, true));
  const each = tf.unstack(centred).map((view) => {
    const rows = view as tf.Tensor2D;
    const covariance = tf.mul(tf.matMul(tf.transpose(rows), rows), dimension / batch);
    return tf.div(tf.sum(tf.square(tf.sub(covariance, tf.eye(dimension)))), dimension);
  });
  return tf.stack(each) as tf.Tensor1D;
}

/** Rows of length 1. */
export function normalized<T extends tf.Tensor>(embeddings: T): T {
  const squares = tf.sum(tf.square(embeddings), -1, true);
  return tf.mul(embeddings, tf.rsqrt(tf.maximum(squares, 1e-12))) as T;
}
