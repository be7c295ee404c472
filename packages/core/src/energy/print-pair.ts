/** The formulas of pairs as the text of a program. */
import { type Expression, type Expressions, expressions } from "./algebra/expression.js";
import { type Language, type PrintedExpressions, printExpressions } from "./algebra/text.js";
import { angleFormula, foldedFormula, fullBesideHalf, pairFormula, shortHalfFormula } from "./pair-formula.js";
import { type PairTerms, type PotentialKind, potentialFormula } from "./potential-formulas.js";

/** What a text computes of a pair: its ψ (`value`), ψ′ (`slope`) or ψ″ (`curvature`), derivatives being in the cosine c. */
export type WantedTerm = "value" | "slope" | "curvature";

/** A pair energy whose numbers may be unknown when the text is written. */
export interface PrintedEnergy {
  /** Which formula the potential has. */
  readonly kind: PotentialKind;
  /** The potential's s, t or p. Left out, it is an input called `parameter`, which must not be 0 when the program runs. */
  readonly parameter?: number | undefined;
}

/** How {@link printPair} and its likes write. */
export interface PrintOptions<W extends WantedTerm> {
  /** The language that is written. */
  readonly language: Language;
  /** Which terms are wanted. */
  readonly wanted: readonly W[];
  /**
   * The text that stands for each input, by the input's name: the squared chords `u` and `v`, and `parameter` and `floor` where they aren't known. An
   * input that is left out is called by its name. The cosine `c`, where it is left out, is computed from u and v, but for {@link printFar}, to
   * which it is an input.
   */
  readonly inputs?: Readonly<Record<string, string>>;
  /** What the names of declared values begin with. Default "n". */
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

/** Writes the bare potential at the squared chords (u, v): φ, κ = dφ/dc, φ″. */
export function printPotential<W extends WantedTerm>(
  energy: PrintedEnergy,
  options: PrintOptions<W>,
): PrintedExpressions<W> {
  const e = expressions();
  const { place, parameter, isLogarithm } = inputsOf(e, energy, options.inputs?.c !== undefined);
  return print(potentialFormula(e, energy.kind, parameter, isLogarithm, place), options);
}

/** Writes what a pair adds to the energy: clamped and continued along the tangent below the floor, in half space φ(c) + φ(−c). */
export function printPair<W extends WantedTerm>(
  energy: PrintedEnergy & {
    /** Whether the energy is that of half space. */
    readonly isHalf: boolean;
    /** u₀ = δ², the square of the separation floor. Left out, it is an input called `floor`. */
    readonly floor?: number;
  },
  options: PrintOptions<W>,
): PrintedExpressions<W> {
  const e = expressions();
  const { place, ...parameters } = inputsOf(e, energy, options.inputs?.c !== undefined);
  const floor = energy.floor === undefined ? e.uniform("floor") : e.constant(energy.floor);
  return print(pairFormula(e, { kind: energy.kind, isHalf: energy.isHalf, floor, ...parameters }, place), options);
}

/** Writes the angle θ of a pair, as a mismatch compares it, with its derivatives in the cosine. */
export function printAngle<W extends WantedTerm>(options: PrintOptions<W>): PrintedExpressions<W> {
  const e = expressions();
  const { place } = inputsOf(e, { kind: "angular" }, false);
  return print(angleFormula(e, e.uniform("floor"), place), options);
}

/**
 * Writes ψ and ψ′ for pairs that aren't near, so that nothing is clamped; in half space by a short form where there is one. Inputs are `u`, `v`,
 * `c` and `q` = 1 − c².
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
 * Writes φ of full space from ψ of half space, for the chordal potential with s = 2 and pairs that aren't near; inputs are `v`, and `half` for ψ.
 *
 * @throws RangeError for another s, where one is of no use for the other
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
