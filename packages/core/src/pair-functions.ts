/**
 * For backends that must load fast: the part of `@comhe/core/host-functions` that needs no library, errors, and the reference backend without the
 * objectives of other papers. Importing all of core takes some hundred milliseconds, most of them for the validator.
 *
 * @packageDocumentation
 */
export { isTwoSided } from "./energy/pair-formula.js";
export { pairWeights } from "./energy/pair-weights.js";
export { caseOf } from "./energy/potential-cases.js";
export { parameterOf } from "./energy/potential-formulas.js";
export { checkKeys } from "./errors/check-keys.js";
export { EnergyError } from "./errors/energy-error.js";
export { uniformityPair } from "./objective/uniformity.js";
export { applySketch, applySketchBack } from "./random/sketch.js";
export { plainBackend } from "./reference/plain-backend.js";
export { angleEdges, float32AngleEdges } from "./statistics/angle-bins.js";
export { type StatisticsPasses, statisticsPasses } from "./statistics/statistics-passes.js";
