/** For authors of adapters: a whole backend from some thirty tensor primitives. */
export type { TensorPrimitives } from "./primitives.js";
export { type TensorBackendOptions, tensorBackend } from "./tensor-backend.js";
export type { TensorDirections } from "./tensor-directions.js";
export { hasTensorObjective } from "./tensor-objective.js";
export type { TensorPairwiseSaved } from "./tensor-pairwise.js";
