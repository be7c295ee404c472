/**
 * The penalties of a built layer. tfjs-layers reads a layer's regularizers once, when it builds the layer's weights,
 * and keeps a loss function for each; what comes later has to join these functions, in the place it would have had, so
 * that a model that is saved and loaded adds up the same numbers in the same order.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayerVariable } from "@tensorflow/tfjs-layers";
import type { LayerRegularizer } from "../regularizer/regularizer-base.js";
import { lossOf } from "./joint-penalty.js";
import type { Layer } from "./layer-graph.js";

/** Makes `regularizer` the penalty of the weight, instead of the one it was built with, if any. */
export function setPenalty(
  layer: Layer,
  variable: LayerVariable,
  regularizer: LayerRegularizer,
  replace: boolean,
): void {
  const { losses, weights } = layer;
  const reads = losses.map((loss) => weightRead(loss, weights));
  const loss = lossOf(regularizer, variable);
  const built = reads.indexOf(variable);
  if (replace && built >= 0) {
    losses[built] = loss;
    return;
  }
  const order = weights.indexOf(variable);
  const later = reads.findIndex((other) => other === undefined || weights.indexOf(other) > order);
  losses.splice(later < 0 ? losses.length : later, 0, loss);
}

class WeightRead extends Error {
  constructor(readonly variable: LayerVariable) {
    super();
  }
}

/** The weight that a loss is about: its first read is stopped, so that no regularizer takes a step. */
function weightRead(loss: () => tf.Scalar, weights: readonly LayerVariable[]): LayerVariable | undefined {
  for (const variable of weights) {
    variable.read = () => {
      throw new WeightRead(variable);
    };
  }
  try {
    tf.tidy(() => void loss());
    return undefined;
  } catch (error) {
    // A loss of the user's own may need what isn't there now; it is none of a weight's.
    return error instanceof WeightRead ? error.variable : undefined;
  } finally {
    // Uncovers the method of the class.
    for (const variable of weights) Reflect.deleteProperty(variable, "read");
  }
}
