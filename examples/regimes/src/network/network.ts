/** Layers one after the other. */
import type { Layer, Parameter } from "./layer.js";

export interface Network extends Omit<Layer, "spec"> {
  readonly layers: readonly Layer[];
  /** The kernels that regularizers act on, rows being neurons. */
  readonly regularized: readonly Parameter[];
}

/** @param isRegularized by the kernel's name */
export function chain(layers: readonly Layer[], isRegularized: (name: string) => boolean): Network {
  const parameters = layers.flatMap((layer) => layer.parameters);
  return {
    layers,
    parameters,
    regularized: parameters.filter(({ name, shape }) => shape && isRegularized(name)),
    forward: (input, isTraining) => layers.reduce((x, layer) => layer.forward(x, isTraining), input),
    backward: (slope) => layers.reduceRight((g, layer) => layer.backward(g), slope),
  };
}
