/**
 * For authors of backends with kernels of their own: the formulas of potentials and pairs, printed as program text. A kernel
 * that uses this text computes the same as every other backend, also for potentials that are added later.
 *
 * {@link printPair} writes ψ with its derivatives, clamped, continued and folded; {@link printPotential} the bare φ; {@link printFar} ψ from
 * the cosine alone where no pair is near, {@link printFullBesideHalf} full space's from half space's. A {@link Language} says how operations are written.
 *
 * @packageDocumentation
 */
export type { Algebra } from "./energy/algebra/algebra.js";
export { c, type InfixNames, infixLanguage, javascript, numberText, wgsl } from "./energy/algebra/languages.js";
export type { ReadingAlgebra } from "./energy/algebra/read-expression.js";
export type { Language, PrintedExpressions } from "./energy/algebra/text.js";
export { isTwoSided } from "./energy/pair-formula.js";
export {
  caseOf,
  type PotentialCase,
  type PotentialCaseName,
  potentialCaseNames,
  potentialCases,
} from "./energy/potential-cases.js";
export { keptFrom, kindOf, type PotentialKind, parameterOf } from "./energy/potential-formulas.js";
export {
  type PrintedEnergy,
  type PrintOptions,
  printAngle,
  printFar,
  printFullBesideHalf,
  printPair,
  printPotential,
  type WantedTerm,
} from "./energy/print-pair.js";
