/** Hyperspherical energy for TensorFlow.js. */
export { type TfjsBackendOptions, tfjsBackend } from "./backend/tfjs-backend.js";
export { combineRegularizers, SumRegularizer } from "./regularizer/combine-regularizers.js";
export {
  HypersphericalEnergy,
  type HypersphericalEnergyOptions,
  hypersphericalEnergy,
} from "./regularizer/hyperspherical-energy.js";
export type { KernelEnergy } from "./regularizer/penalty.js";
export type { LayerRegularizer } from "./regularizer/regularizer-base.js";
