/**
 * For authors of backends that compute with kernels of their own: the formulas of potentials and pairs, as the text of a program. A kernel
 * written from here computes what every other backend does, new potentials included.
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
