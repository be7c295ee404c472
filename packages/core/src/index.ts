/** Hyperspherical energy: energies, gradients and projection strategies, written once for every backend. */

export type {
  Backend,
  Directions,
  FloatArray,
  MatmulOptions,
  MaybePromise,
  MismatchResult,
  MismatchSpec,
  PairSpec,
  PairwiseResult,
  Saved,
  Shape,
} from "./backend/backend.js";
export { type DefineEnergyOptions, defineEnergy } from "./config/define-energy.js";
export { energyJsonSchema } from "./config/schema.js";
export type {
  AdversarialProjection,
  AnglePreservingProjection,
  BilateralProjection,
  EnergyConfig,
  EnergySpec,
  FixedProjection,
  GaussianPotential,
  GroupProjection,
  MatrixBatch,
  MismatchForm,
  MismatchMeasure,
  NoProjection,
  PcaProjection,
  Potential,
  PotentialInput,
  ProjectionConfig,
  ProjectionInput,
  RandomDistribution,
  RandomProjection,
  Reduce,
  RieszPotential,
  Share,
  Space,
  Through,
} from "./config/types.js";
export { bestEnergy, uniformEnergy } from "./energy/known-values.js";
export { EnergyError, type EnergyErrorCode } from "./errors/energy-error.js";
export { createEvaluator, type EnergyResult, type Evaluator, energyAndGradient } from "./evaluate/evaluator.js";
export {
  createProgram,
  type EnergyProgram,
  type EvaluatorState,
  type NeuronSource,
  type SeedOptions,
} from "./evaluate/program.js";
export {
  fromNeurons,
  type Kernel,
  type Layout,
  type NeuronAxes,
  type Neurons,
  neuronAxes,
  toNeurons,
} from "./layout/layout.js";
export type {
  ComposeContext,
  Composed,
  HostArray,
  HostArrays,
  PrepareContext,
  Prepared,
  Projection,
} from "./projection/projection.js";
export { type RandomStream, randomStream } from "./random/random-stream.js";
export type { Sketch } from "./random/sketch.js";
export { referenceBackend } from "./reference/reference-backend.js";
