/** What `fit` adds to the loss, for loops that aren't `fit`'s. */
import { EnergyError } from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel, Sequential } from "@tensorflow/tfjs-layers";
import { layerGraph } from "./layer-graph.js";

/**
 * The sum of all penalties of a model, differentiable: what `fit` and `trainOnBatch` add to the loss and `optimizer.minimize`,
 * `tf.variableGrads` and `tf.grads` don't. Hyperspherical energies times their weights, the activity energies of the forward passes since
 * the last sum, and every other regularizer the layers have. Call it once in each step, in the function that is differentiated, behind the
 * forward pass: each call is one step of the energies' schedules.
 *
 * @example optimizer.minimize(() => tf.add(task(model.apply(x, { training: true }), y), modelPenalty(model)))
 * @returns a scalar; 0 for a model without penalties
 * @throws EnergyError `invalid-config` for what isn't a model of layers; `invalid-state` for a model that isn't built
 */
export function modelPenalty(model: LayersModel): tf.Scalar {
  const { layers } = layerGraph(model);
  // A sequential model that knows its input's shape is built when it is first asked for something.
  if (!model.built && model.outputs?.length > 0) (model as Sequential).build();
  if (!model.built || layers.length === 0) {
    throw new EnergyError(
      "invalid-state",
      "modelPenalty: the model isn't built yet, so that it has no weights to penalize. Add its layers first.",
    );
  }
  return tf.tidy(() => {
    const losses = model.calculateLosses();
    return losses.length === 0 ? tf.scalar(0) : (tf.addN(losses) as tf.Scalar);
  });
}
