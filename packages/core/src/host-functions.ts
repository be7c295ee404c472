/**
 * For authors of backends that compute on the host, in JavaScript: the mathematics of a pair in float64, the objectives of other papers, and
 * fast random projections.
 *
 * @packageDocumentation
 */
export { type MismatchTerms, mismatchTerms } from "./energy/mismatch.js";
export {
  antipodalValue,
  coincidenceFunction,
  dependsOnAntipode,
  measureFunction,
  pairFunction,
  potentialFunction,
} from "./energy/pair-function.js";
export { pairWeights } from "./energy/pair-weights.js";
export type { PairFunction, PotentialFunction, PotentialTerms } from "./energy/terms.js";
export { type HostObjective, hostObjective } from "./objective/host-objective.js";
export { uniformityPair } from "./objective/uniformity.js";
export { applySketch, applySketchBack, type Sketch } from "./random/sketch.js";
export type { HostTensor } from "./reference/host-tensor.js";
export { matmul as hostMatmul } from "./reference/linear-algebra.js";
