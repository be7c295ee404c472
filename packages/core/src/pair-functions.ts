/** For authors of backends that compute pairs one by one on the host: the mathematics of a pair, in float64. */
export { type MismatchTerms, measureFunction, mismatchTerms } from "./energy/mismatch.js";
export {
  antipodalValue,
  dependsOnAntipode,
  type PotentialFunction,
  type PotentialTerms,
  potentialFunction,
} from "./energy/potential.js";
export { coincidenceFunction, type PairFunction, pairFunction, pairWeights } from "./energy/separation.js";
