/**
 * Hyperspherical energy: energies with their gradients, projection strategies, layouts and errors, written once for every backend, and
 * the contract that backends fulfil.
 *
 * {@link energyAndGradient} computes an energy once, {@link createEvaluator} over many steps, on {@link referenceBackend} or on the
 * backend of an adapter (`@comhe/wasm`, `@comhe/native`, `@comhe/tfjs`, `@comhe/onnx`, `@comhe/gpujs`, `@comhe/webgpu`). Which energy, an
 * {@link EnergyConfig} says.
 *
 * @packageDocumentation
 */

export type {
  Backend,
  CosinesAbout,
  Directions,
  FloatArray,
  KernelPairs,
  KernelSet,
  MatmulOptions,
  MaybePromise,
  MismatchResult,
  MismatchSpec,
  ObjectiveResult,
  ObjectiveTask,
  PairSpec,
  PairStatistics,
  PairwiseEnergy,
  PairwiseOptions,
  PairwiseResult,
  Saved,
  Shape,
  SimilarPair,
  StatisticsRequest,
} from "./backend/backend.js";
export { type DefineEnergyOptions, defineEnergy } from "./config/define-energy.js";
export { fewDimensions } from "./config/few-dimensions.js";
export { energyJsonSchema } from "./config/schema.js";
export type {
  AdversarialProjection,
  AnglePreservingProjection,
  BilateralProjection,
  CoherenceObjective,
  CommonSpec,
  EnergyConfig,
  EnergySpec,
  FixedProjection,
  FramePotential,
  GaussianPotential,
  GramDeterminantObjective,
  GroupProjection,
  MatrixBatch,
  MaximumSeparationObjective,
  MismatchForm,
  MismatchMeasure,
  NoProjection,
  Objective,
  ObjectiveInput,
  ObjectiveSpec,
  Optional,
  OrthogonalityObjective,
  PcaProjection,
  Potential,
  PotentialInput,
  PotentialSpec,
  ProjectionConfig,
  ProjectionInput,
  RandomDistribution,
  RandomProjection,
  Reduce,
  RestrictedIsometryObjective,
  RieszPotential,
  Share,
  Space,
  Through,
  UniformityObjective,
} from "./config/types.js";
export type { AngleError } from "./diagnostics/angle-errors.js";
export type { DistortionTheory } from "./diagnostics/distortion-theory.js";
export {
  type CountDistortion,
  type DimensionDistortion,
  type DistortionOptions,
  type ProjectionDistortion,
  projectionDistortion,
} from "./diagnostics/projection-distortion.js";
export {
  type SuggestedProjection,
  type SuggestionRow,
  type SuggestProjectionOptions,
  suggestProjection,
} from "./diagnostics/suggest-projection.js";
export { energyBound } from "./energy/energy-bound.js";
export { bestEnergy, uniformEnergy } from "./energy/known-values.js";
export { type UniformSpread, uniformSpread } from "./energy/uniform-spread.js";
export { checkKeys } from "./errors/check-keys.js";
export { EnergyError, type EnergyErrorCode } from "./errors/energy-error.js";
export { type EnergyEstimate, type EstimateOptions, estimateEnergy } from "./estimate/estimate-energy.js";
export type { PairObserver } from "./estimate/pair-sum.js";
export { createEvaluator, type EnergyResult, type Evaluator, energyAndGradient } from "./evaluate/evaluator.js";
export {
  createProgram,
  type EnergyProgram,
  type EvaluatorState,
  type NeuronSource,
  type SeedOptions,
  type Upload,
} from "./evaluate/program.js";
export { type ProgramResult, runEnergyOn, runProgram, runProgramOn } from "./evaluate/run-program.js";
export { kernelPairs, plainPairs, runSetsOn, type SetsResult } from "./evaluate/run-sets.js";
export {
  type BackendCandidates,
  type CandidateTime,
  type FastestBackend,
  type FastestBackendOptions,
  fastestBackend,
} from "./fastest/fastest-backend.js";
export {
  checkLayout,
  fromNeurons,
  type Kernel,
  kernelOf,
  type Layout,
  type NeuronAxes,
  type Neurons,
  neuronAxes,
  rowsOf,
  toNeurons,
} from "./layout/layout.js";
export { type BilateralFactors, type BilateralFactorsOptions, bilateralFactors } from "./low-rank/bilateral-factors.js";
export type {
  ComposeContext,
  Composed,
  ComposedEnergy,
  HostArray,
  HostArrays,
  PrepareContext,
  Prepared,
  Projection,
} from "./projection/projection.js";
export type { RandomDraw } from "./random/random-draw.js";
export { type RandomStream, randomStream, type StreamPosition } from "./random/random-stream.js";
export type { Sketch } from "./random/sketch.js";
export type { HostTensor } from "./reference/host-tensor.js";
export { referenceBackend } from "./reference/reference-backend.js";
export { spreadRows } from "./sample/sample-rows.js";
export { angleEdges } from "./statistics/angle-bins.js";
export { pairStatistics, type TableStatistics } from "./statistics/pair-statistics.js";
export type { TableRequest } from "./statistics/table-request.js";
