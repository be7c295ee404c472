/**
 * The potentials as programs tell them apart that are written before their parameter is known: WebAssembly, native code, and core's own loops.
 * A parameter that is known makes shorter formulas; so the common ones have a case each, and all others the general case of their kind.
 */
import type { Potential } from "../config/potential-types.js";
import { kindOf, type PotentialKind, parameterOf } from "./potential-formulas.js";

/** A case of potentials that kernels have code of their own for: one formula with one parameter, or with any parameter. */
export interface PotentialCase {
  /** The case's name, `chordal2` say. */
  readonly name: PotentialCaseName;
  /** Which formula it has. */
  readonly kind: PotentialKind;
  /** The s, t or p that the case is for; left out in the general case, which is for any other than 0. */
  readonly parameter?: number;
}

/** Names of the cases, in an order that programs may number them by. */
export const potentialCaseNames = [
  "chordalMinus1",
  "chordal0",
  "chordal1",
  "chordal2",
  "chordal3",
  "chordal4",
  "chordal",
  "angular0",
  "angular1",
  "angular2",
  "angular",
  "gaussian",
  "frame2",
  "frame4",
  "frame",
] as const;

/** The name of a case: its formula and its parameter (`chordal2`), or the formula alone where the case is for any parameter (`angular`). */
export type PotentialCaseName = (typeof potentialCaseNames)[number];

/** Every case that kernels have code of its own for: the potentials whose parameter makes their formula short, and one for any parameter. */
export const potentialCases: readonly PotentialCase[] = potentialCaseNames.map((name) => {
  const [, kind, minus, digits] = /^([a-z]+)(Minus)?(\d*)$/.exec(name) as unknown as [
    string,
    PotentialKind,
    string,
    string,
  ];
  return digits ? { name, kind, parameter: minus ? -Number(digits) : Number(digits) } : { name, kind };
});

/** The case of a potential: the one for its parameter, or else the one for any parameter. */
export function caseOf(potential: Potential): PotentialCase {
  const kind = kindOf(potential);
  const parameter = parameterOf(potential);
  // The general case bears its kind's name, so that the compiler misses it if a kind has none.
  const general: PotentialCaseName = kind;
  const ofParameter = potentialCases.find((each) => each.kind === kind && each.parameter === parameter);
  return ofParameter ?? potentialCases.find(({ name }) => name === general)!;
}
