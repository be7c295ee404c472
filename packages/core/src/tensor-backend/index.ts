/** For authors of adapters: a whole backend from some thirty tensor primitives, and its parts for those who fuse some. */
export { columnSources } from "./columns.js";
export { type HalfChords, pairTerms, potentialTerms, type TensorTerms } from "./pair-terms.js";
export type { TensorPrimitives, Turn } from "./primitives.js";
export { type TensorBackendOptions, tensorBackend } from "./tensor-backend.js";
export { pullback, type TensorDirections } from "./tensor-directions.js";
export { hasTensorObjective } from "./tensor-objective.js";
export {
  type NearPairs,
  nearCosine,
  nearPairs,
  type SelfTerms,
  selfTerms,
  type TensorPairwiseSaved,
  termsAtZero,
} from "./tensor-pairwise.js";
