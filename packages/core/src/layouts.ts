/**
 * Only kernels, layouts and errors, which readers of files need. This entry loads fast; `@comhe/core` exports all of it, too.
 *
 * @packageDocumentation
 */
export type { FloatArray, Shape } from "./backend/backend.js";
export { EnergyError, type EnergyErrorCode } from "./errors/energy-error.js";
export {
  fromNeurons,
  type Kernel,
  type Layout,
  type NeuronAxes,
  type Neurons,
  neuronAxes,
  toNeurons,
} from "./layout/layout.js";
