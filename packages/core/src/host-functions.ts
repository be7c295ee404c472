/**
 * For authors of backends that compute on the host, in JavaScript: the mathematics of a pair in float64, the objectives of others, and
 * fast random projections.
 *
 * @packageDocumentation
 */
export { type MismatchTerms, measureFunction, mismatchTerms } from "./energy/mismatch.js";
export {
  antipodalValue,
  dependsOnAntipode,
  type PotentialFunction,
  type PotentialTerms,
  potentialFunction,
} from "./energy/potential.js";
export { coincidenceFunction, type PairFunction, pairFunction, pairWeights } from "./energy/separation.js";
export { type HostObjective, hostObjective } from "./objective/host-objective.js";
export { uniformityPair } from "./objective/uniformity.js";
export { applySketch, applySketchBack, type Sketch } from "./random/sketch.js";
export type { HostTensor } from "./reference/host-tensor.js";
export { matmul as hostMatmul } from "./reference/linear-algebra.js";
