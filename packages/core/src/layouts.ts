/**
 * Kernels, layouts and errors alone: what a reader of files needs, in no time to load. All of it is in `@comhe/core` too.
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
