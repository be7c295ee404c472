/**
 * For authors of adapters to engines that compute with tensors: {@link tensorBackend} makes a complete backend from some thirty
 * {@link TensorPrimitives}. Its parts are exported, too, for adapters that fuse some operations themselves.
 *
 * @packageDocumentation
 */
export { ArrayScopes, type CountedStorage, type ScopedArray } from "./array-scopes.js";
export { broadcastShape, broadcastWalk, stridesOf, type Triple, type Walk, walk } from "./broadcast-walk.js";
export { columnSources } from "./columns.js";
export { type FarFormula, type FarTerms, farTerms } from "./far-terms.js";
export { pairTerms, potentialTerms } from "./pair-terms.js";
export type { TensorPrimitives, Turn } from "./primitives.js";
export type { HalfChords, TensorTerms } from "./tensor-algebra.js";
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
