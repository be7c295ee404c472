/**
 * The potentials: φ of a pair with its first two derivatives in the cosine c, over any algebra (`algebra/algebra.ts`). This is the one place
 * where they are stated; every backend reads them from here, and a new potential is one more function in this file
 * (docs/usage/writing-a-potential.md).
 *
 * Formulas take the squared chords u = ‖x_i − x_j‖² = 2 − 2c and v = ‖x_i + x_j‖² = 2 + 2c: near a coincidence u is exact where c has lost
 * every digit.
 */
import type { Potential } from "../config/potential-types.js";
import type { Algebra } from "./algebra/algebra.js";

/** The pair that a formula is about. */
export interface PairPlace<T> {
  /** Squared chord to x_j. */
  readonly u: T;
  /** Squared chord to −x_j. */
  readonly v: T;
  /** The cosine. */
  readonly c: T;
}

/** What a formula gives. The curvature is made when asked for: only Hessian products need it. */
export interface PairTerms<T> {
  /** φ */
  readonly value: T;
  /** κ = dφ/dc */
  readonly slope: T;
  /** φ″ = d²φ/dc² */
  readonly curvature: () => T;
}

/**
 * Riesz potential of the chord √u: sign(s)·u^(−s/2), and −½·log u at s = 0. For s > 0 it is r^(−s) (Liu et al. 2018, eq. 1), for −2 < s < 0
 * it is −r^|s|, minus the sum of distances at s = −1 (Brauchart & Grabner 2015, "Distributing many points on spheres", eq. 1). With them,
 * κ = |s|·u^(−s/2−1) and φ″ = |s|(s+2)·u^(−s/2−2).
 */
function chordal<T>(a: Algebra<T>, s: T, isLogarithm: boolean, { u }: PairPlace<T>): PairTerms<T> {
  const inverse = a.div(a.constant(1), u);
  if (isLogarithm) {
    const value = a.mul(a.constant(-0.5), a.log(u));
    return { value, slope: inverse, curvature: () => a.mul(a.constant(2), a.mul(inverse, inverse)) };
  }
  const value = a.mul(a.sign(s), a.power(u, a.mul(a.constant(-0.5), s)));
  const slope = a.mul(a.mul(s, value), inverse);
  return { value, slope, curvature: () => a.mul(a.mul(a.add(s, a.constant(2)), slope), inverse) };
}

/**
 * Riesz potential of the angle θ = 2·atan √(u/v): sign(s)·θ^(−s), and −log θ at s = 0. Liu et al. 2018, the "angular" variant (A-MHE).
 * With sin θ = ½√(uv) and cot θ = (v − u)/(4 sin θ), κ = s·φ/(θ·sin θ) (1/(θ·sin θ) at s = 0) and φ″ = (κ/sin θ)·[(s+1)/θ + cot θ].
 */
function angular<T>(a: Algebra<T>, s: T, isLogarithm: boolean, { u, v }: PairPlace<T>): PairTerms<T> {
  const theta = a.mul(a.constant(2), a.halfAngle(u, v));
  const perSine = a.div(a.constant(2), a.sqrt(a.mul(u, v)));
  const inverse = a.div(a.constant(1), theta);
  const value = isLogarithm
    ? a.mul(a.constant(-1), a.log(theta))
    : a.mul(a.sign(s), a.power(theta, a.mul(a.constant(-1), s)));
  const perAngle = a.mul(inverse, perSine);
  const slope = isLogarithm ? perAngle : a.mul(a.mul(s, value), perAngle);
  const curvature = () => {
    const cotangent = a.mul(a.mul(a.constant(0.25), a.sub(v, u)), perSine);
    return a.mul(a.mul(slope, perSine), a.add(a.mul(a.add(s, a.constant(1)), inverse), cotangent));
  };
  return { value, slope, curvature };
}

/** φ = exp(−t·u), κ = 2t·φ, φ″ = 4t²·φ. Wang & Isola 2020, the uniformity loss. */
function gaussian<T>(a: Algebra<T>, t: T, { u }: PairPlace<T>): PairTerms<T> {
  const value = a.exp(a.mul(a.mul(a.constant(-1), t), u));
  const rate = a.mul(a.constant(2), t);
  const slope = a.mul(rate, value);
  return { value, slope, curvature: () => a.mul(rate, slope) };
}

/**
 * The p-frame potential φ = |c|^p, κ = p·c·|c|^(p−2), φ″ = p(p−1)·|c|^(p−2). Benedetto & Fickus 2003, "Finite normalized tight frames"
 * (p = 2); Ehler & Okoudjou 2012, "Minimization of the probabilistic p-frame potential".
 */
function frame<T>(a: Algebra<T>, p: T, { c }: PairPlace<T>): PairTerms<T> {
  const rest = a.power(a.abs(c), a.sub(p, a.constant(2)));
  const slope = a.mul(p, a.mul(rest, c));
  const curvature = () => a.mul(a.mul(p, a.sub(p, a.constant(1))), rest);
  return { value: a.mul(rest, a.mul(c, c)), slope, curvature };
}

/** The formulas that there are: a Riesz potential has that of its distance, chordal or angular; the others have one of their own. */
export type PotentialKind = "chordal" | "angular" | "gaussian" | "frame";

/** Everything that is known of a kind of potential besides its formula. */
interface KindTraits {
  /**
   * Where φ or a derivative is infinite, so that pairs must be kept from there (`pair-formula.ts`): at c = 1, at both ends, or nowhere. The
   * Gaussian, which is finite there, is kept from c = 1 as well, so that its energies keep the values that are published with this formula.
   */
  readonly keepsFrom: "near" | "both" | "nothing";
  /** Whether φ(−c) = φ(c). */
  readonly isEven: boolean;
}

const traits: Readonly<Record<PotentialKind, KindTraits>> = {
  chordal: { keepsFrom: "near", isEven: false },
  angular: { keepsFrom: "both", isEven: false },
  gaussian: { keepsFrom: "near", isEven: false },
  frame: { keepsFrom: "nothing", isEven: true },
};

export function isEven(kind: PotentialKind): boolean {
  return traits[kind].isEven;
}

/** Which formula a potential has: its kind, or its distance where it is a Riesz potential. */
export function kindOf(potential: Potential): PotentialKind {
  return potential.kind === "riesz" ? potential.distance : potential.kind;
}

/** The number in a potential's formula: s, t or p. */
export function parameterOf(potential: Potential): number {
  switch (potential.kind) {
    case "riesz":
      return potential.s;
    case "gaussian":
      return potential.t;
    case "frame":
      return potential.p;
  }
}

/** At which cosines a formula breaks or bends too sharply, so that pairs that near are clamped and continued along the tangent. */
export function keptFrom(kind: PotentialKind): {
  /** Whether pairs are kept from c = 1: for all but frame potentials. */
  readonly near: boolean;
  /** Whether they are kept from c = −1 even in full space: for angular potentials. */
  readonly antipode: boolean;
} {
  const { keepsFrom } = traits[kind];
  return { near: keepsFrom !== "nothing", antipode: keepsFrom === "both" };
}

/**
 * The bare formula of a kind.
 *
 * @param parameter s, t or p
 * @param isLogarithm whether s is 0, which has a formula of its own
 */
export function potentialFormula<T>(
  a: Algebra<T>,
  kind: PotentialKind,
  parameter: T,
  isLogarithm: boolean,
  place: PairPlace<T>,
): PairTerms<T> {
  switch (kind) {
    case "chordal":
      return chordal(a, parameter, isLogarithm, place);
    case "angular":
      return angular(a, parameter, isLogarithm, place);
    case "gaussian":
      return gaussian(a, parameter, place);
    case "frame":
      return frame(a, parameter, place);
  }
}
