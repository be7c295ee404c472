/**
 * One penalty for all kernels of a model whose energies a backend of the user's computes. tfjs-layers adds every regularizer's scalar to
 * the loss with an operation of its own, and differentiates each: on small layers that is several times what their energies take.
 *
 * While a model adds up its losses, those of energies hand in what they would compute and return nothing; the sum joins the losses at
 * the end. Asked by anyone else, each is computed as ever. Gradients are the same to the last bit; the loss is rounded once instead of
 * once for each kernel.
 */
import * as tf from "@tensorflow/tfjs-core";
import { type LayersModel, type LayerVariable, Sequential } from "@tensorflow/tfjs-layers";
import { HypersphericalEnergy } from "../regularizer/hyperspherical-energy.js";
import { type HostTerm, hostPenalties } from "../regularizer/penalty.js";
import type { LayerRegularizer } from "../regularizer/regularizer-base.js";

/** A loss that a joining model is to do without, for now. */
type Loss = tf.Scalar | undefined;
type Losses = () => Loss[];

/** Of the model that adds up its losses right now. */
let terms: HostTerm[] | undefined;

const joining = new WeakSet<object>();

/** The loss of a weight in a layer of a model that may join them. */
export function lossOf(regularizer: LayerRegularizer, variable: LayerVariable): () => tf.Scalar {
  return () => {
    const kernel = variable.read();
    const term = terms && regularizer instanceof HypersphericalEnergy ? regularizer.hostTerm(kernel) : undefined;
    if (!term) return regularizer.apply(kernel);
    terms?.push(term);
    return undefined as unknown as tf.Scalar;
  };
}

/** From now on; a sequential model's, whenever it is built anew, by `compile` for one. */
export function joinPenalties(model: LayersModel): void {
  if (!(model instanceof Sequential)) {
    join(model);
    return;
  }
  // What is trained is a model that it makes of its layers when it is built.
  const joinInner = () => {
    const { model: inner } = model as unknown as { model?: LayersModel };
    if (inner) join(inner);
  };
  joinInner();
  if (joining.has(model)) return;
  joining.add(model);
  const build = model.build.bind(model);
  model.build = (shape) => {
    build(shape);
    joinInner();
  };
}

function join(model: LayersModel): void {
  if (joining.has(model)) return;
  joining.add(model);
  const separate = model.calculateLosses.bind(model) as Losses;
  model.calculateLosses = () => {
    // A model inside another leaves the sum to the outer one.
    if (terms) return separate() as tf.Scalar[];
    return tf.tidy(() => {
      const gathered: HostTerm[] = [];
      terms = gathered;
      let losses: Loss[];
      try {
        losses = separate();
      } finally {
        terms = undefined;
      }
      if (gathered.length > 0) losses.push(hostPenalties(gathered));
      return losses.filter((loss) => loss !== undefined);
    });
  };
}
