/**
 * tfjs-layers 4.22 saves the *regularizer* of a DepthwiseConv2D as its constraint too, so that a model with a
 * regularized depthwise layer, with tfjs's own l2 as well, fails on loading. This writes the constraint instead.
 */
import * as tf from "@tensorflow/tfjs-core";

interface DepthwiseLayer extends tf.serialization.Serializable {
  readonly depthwiseConstraint?: tf.serialization.Serializable | null;
}

export function repairSavedDepthwise(): void {
  const entry = tf.serialization.SerializationMap.getMap().classNameMap.DepthwiseConv2D;
  if (!entry) return;
  const prototype = entry[0].prototype as DepthwiseLayer;
  const original = prototype.getConfig;
  prototype.getConfig = function (this: DepthwiseLayer) {
    const constraint = this.depthwiseConstraint;
    return {
      ...original.call(this),
      depthwiseConstraint: constraint ? { className: constraint.getClassName(), config: constraint.getConfig() } : null,
    };
  };
}
