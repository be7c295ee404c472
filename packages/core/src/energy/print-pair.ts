/** The formulas of pairs as the text of a program. */
import { type Expression, type Expressions, expressions } from "./algebra/expression.js";
import { type Language, type PrintedExpressions, printExpressions } from "./algebra/text.js";
import { angleFormula, foldedFormula, fullBesideHalf, pairFormula, shortHalfFormula } from "./pair-formula.js";
import { type PairTerms, type PotentialKind, potentialFormula } from "./potential-formulas.js";

/** What a text computes: ψ, ψ′, ψ″. */
export type WantedTerm = "value" | "slope" | "curvature";

/** A pair energy whose numbers may be unknown when the text is written. */
export interface PrintedEnergy {
  readonly kind: PotentialKind;
  /** s, t or p; left out, it is an input called `parameter`, and isn't 0. */
  readonly parameter?: number | undefined;
}

/** How {@link printPair} writes. */
export interface PrintOptions<W extends WantedTerm> {
  readonly language: Language;
  readonly wanted: readonly W[];
  /** The text of the inputs `u`, `v`, `c`, and of `parameter` and `floor` where they aren't known; left out, they are called so. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Begins the names of what is declared. */
  readonly prefix?: string;
}

function inputsOf(e: Expressions, energy: PrintedEnergy, givenCosine: boolean) {
  const [u, v] = [e.input("u"), e.input("v")];
  const c = givenCosine ? e.input("c") : e.mul(e.constant(0.25), e.sub(v, u));
  const parameter = energy.parameter === undefined ? e.uniform("parameter") : e.constant(energy.parameter);
  return { place: { u, v, c }, parameter, isLogarithm: energy.parameter === 0 };
}

function print<W extends WantedTerm>(terms: PairTerms<Expression>, options: PrintOptions<W>): PrintedExpressions<W> {
  const { language, wanted, inputs, prefix } = options;
  const made = { value: () => terms.value, slope: () => terms.slope, curvature: terms.curvature };
  const results = Object.fromEntries(wanted.map((name) => [name, made[name]()])) as Record<W, Expression>;
  return printExpressions(language, results, inputs, prefix);
}

/** The bare potential at the squared chords (u, v): φ, κ, φ″. */
export function printPotential<W extends WantedTerm>(
  energy: PrintedEnergy,
  options: PrintOptions<W>,
): PrintedExpressions<W> {
  const e = expressions();
  const { place, parameter, isLogarithm } = inputsOf(e, energy, options.inputs?.c !== undefined);
  return print(potentialFormula(e, energy.kind, parameter, isLogarithm, place), options);
}

/** What a pair contributes: clamped, continued along the tangent, in half space folded. */
export function printPair<W extends WantedTerm>(
  energy: PrintedEnergy & { readonly isHalf: boolean /** u₀; left out, it is an input. */; readonly floor?: number },
  options: PrintOptions<W>,
): PrintedExpressions<W> {
  const e = expressions();
  const { place, ...parameters } = inputsOf(e, energy, options.inputs?.c !== undefined);
  const floor = energy.floor === undefined ? e.uniform("floor") : e.constant(energy.floor);
  return print(pairFormula(e, { kind: energy.kind, isHalf: energy.isHalf, floor, ...parameters }, place), options);
}

/** θ as a mismatch compares it, with its derivatives. */
export function printAngle<W extends WantedTerm>(options: PrintOptions<W>): PrintedExpressions<W> {
  const e = expressions();
  const { place } = inputsOf(e, { kind: "angular" }, false);
  return print(angleFormula(e, e.uniform("floor"), place), options);
}

/**
 * ψ and ψ′ where no pair is near, so that nothing is clamped; in half space by the short forms where there is one
 * (`shortHalfFormula`). Inputs are `u`, `v`, `c` and `q` = 1 − c².
 */
export function printFar<W extends Exclude<WantedTerm, "curvature">>(
  kind: PotentialKind,
  parameter: number,
  isHalf: boolean,
  options: PrintOptions<W>,
): PrintedExpressions<W> {
  const e = expressions();
  const place = { u: e.input("u"), v: e.input("v"), c: e.input("c") };
  const short = isHalf && kind === "chordal" ? shortHalfFormula(e, parameter, place, e.input("q")) : undefined;
  const energy = { kind, parameter: e.constant(parameter), isLogarithm: parameter === 0, isHalf };
  const terms = short ? { ...short, curvature: () => e.constant(0) } : foldedFormula(e, energy, place);
  return print(terms, options);
}

/**
 * φ of full space from ψ of half space, of the chordal potential where no pair is near; inputs are `u`, `v`, `c`, and `half` for ψ.
 *
 * @throws RangeError where one is of no use for the other: s other than 2
 */
export function printFullBesideHalf(
  parameter: number,
  options: Omit<PrintOptions<"value">, "wanted">,
): PrintedExpressions<"value"> {
  const e = expressions();
  const value = fullBesideHalf(e, parameter, { v: e.input("v") }, e.input("half"));
  if (!value)
    throw new RangeError(
      `Expected s = 2, where the potential φ of full space follows from the sum ψ of half space; got s = ${parameter}.`,
    );
  return printExpressions(options.language, { value }, options.inputs, options.prefix);
}
