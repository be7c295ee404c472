/** tfjs-layers recognizes a regularizer by a base class it doesn't export; a built-in one leads to it. */

import type { Scalar, serialization, Tensor } from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";

/** What tfjs-layers asks of a regularizer; its own `l1` and `l2` have it, too. */
export interface LayerRegularizer extends serialization.Serializable {
  /** The scalar that is added to the loss for a kernel; it is differentiable. */
  apply(weights: Tensor): Scalar;
}

type Constructor = abstract new () => LayerRegularizer;

export const RegularizerBase = Object.getPrototypeOf(layers.regularizers.l2({ l2: 1 }).constructor) as Constructor;
