/**
 * Hyperspherical energy for TensorFlow.js: {@link hypersphericalEnergy} regularizes a layer, {@link regularizeModel} a model,
 * {@link EnergyMonitor} watches the training, and {@link tfjsBackend} is the backend that the functions of `@comhe/core` take.
 *
 * @packageDocumentation
 */
import { addRecurrentLosses } from "./model/recurrent-losses.js";

addRecurrentLosses();

export {
  EnergyLayer,
  type EnergyLayerArguments,
  type EnergyLayerOptions,
  energyLayer,
  type LayerShape,
} from "./activation/energy-layer.js";
export { type EnergyOfOptions, energyOf } from "./activation/energy-of.js";
export { type TfjsBackendOptions, tfjsBackend } from "./backend/tfjs-backend.js";
export type { KernelSite, KernelSites } from "./model/kernel-site.js";
export { kernelSites } from "./model/kernel-sites.js";
export type { Layer } from "./model/layer-graph.js";
export type { Role } from "./model/layer-roles.js";
export type { LayerChoice } from "./model/layers-named.js";
export { modelPenalty } from "./model/model-penalty.js";
export {
  type RegularizedKernel,
  type RegularizeModelOptions,
  type RegularizeReport,
  type RoleOptions,
  regularizeModel,
  type SkippedLayer,
} from "./model/regularize-model.js";
export { useBackend } from "./model/use-backend.js";
export { withoutRegularizers } from "./model/without-regularizers.js";
export { EnergyMonitor, type EnergyMonitorOptions, type EnergyRecord } from "./monitor/energy-monitor.js";
export { combineRegularizers, SumRegularizer } from "./regularizer/combine-regularizers.js";
export { findEnergies, findEnergy } from "./regularizer/find-energy.js";
export type { Gate } from "./regularizer/gate.js";
export { gateEnergies } from "./regularizer/gate-energies.js";
export type { HostBackend } from "./regularizer/host-program.js";
export {
  HypersphericalEnergy,
  type HypersphericalEnergyOptions,
  hypersphericalEnergy,
} from "./regularizer/hyperspherical-energy.js";
export type { KernelEnergy } from "./regularizer/kernel-program.js";
export type { LayerRegularizer } from "./regularizer/regularizer-base.js";
export {
  type LoadedTfjs,
  type LoadTfjsOptions,
  loadTfjs,
  type TfjsModule,
  type TfjsRuntime,
  type TriedPackage,
} from "./runtime/load-tfjs.js";
export { suggestWeight } from "./suggest/suggest-weight.js";
export type {
  KernelToWeigh,
  SuggestedWeight,
  SuggestWeightOptions,
  WeightSuggestion,
} from "./suggest/suggestion.js";
export type { Batch, LossFunction } from "./suggest/task-gradient.js";
