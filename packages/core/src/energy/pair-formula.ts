/**
 * What a pair contributes, ψ with its first two derivatives in c, for every (u, v), over any algebra: *clamp, then continue along the
 * tangent*. Below the floor u₀ = δ² the potential is replaced by its tangent at the floor, in u and in v, so that energy and gradient stay
 * finite, monotone and consistent at a coincidence. In half space ψ = φ(c) + φ(−c), the folding of the four pairs of {±x_i, ±x_j}.
 *
 * The v side counts in half space, and for potentials that are infinite at c = −1 too.
 */
import type { Algebra } from "./algebra/algebra.js";
import {
  isEven,
  keptFrom,
  type PairPlace,
  type PairTerms,
  type PotentialKind,
  potentialFormula,
} from "./potential-formulas.js";

/** A pair energy as far as its formula goes. */
export interface PairEnergy<T> {
  readonly kind: PotentialKind;
  /** s, t or p. */
  readonly parameter: T;
  /** Whether s is 0. */
  readonly isLogarithm: boolean;
  readonly isHalf: boolean;
  /** u₀ = δ² */
  readonly floor: T;
}

/** Whether closeness to −x_j matters as closeness to x_j does. */
export function isTwoSided(kind: PotentialKind, isHalf: boolean): boolean {
  return isHalf || keptFrom(kind).antipode;
}

/** ψ, ψ′ and ψ″. */
export function pairFormula<T>(a: Algebra<T>, energy: PairEnergy<T>, place: PairPlace<T>): PairTerms<T> {
  const { kind, isHalf, floor } = energy;
  const psi = (at: PairPlace<T>) => foldedFormula(a, energy, at);
  return keptFrom(kind).near ? continued(a, psi, floor, isTwoSided(kind, isHalf), place) : psi(place);
}

/** ψ, ψ′ and ψ″ of pairs that no floor changes. */
export function foldedFormula<T>(
  a: Algebra<T>,
  { kind, parameter, isLogarithm, isHalf }: Omit<PairEnergy<T>, "floor">,
  place: PairPlace<T>,
): PairTerms<T> {
  const phi = (at: PairPlace<T>) => potentialFormula(a, kind, parameter, isLogarithm, at);
  return isHalf ? folded(a, kind, phi, place) : phi(place);
}

/** ψ = φ(c) + φ(−c), ψ′ = κ(c) − κ(−c), ψ″ = φ″(c) + φ″(−c); an even φ has twice its own terms. */
function folded<T>(
  a: Algebra<T>,
  kind: PotentialKind,
  phi: (place: PairPlace<T>) => PairTerms<T>,
  place: PairPlace<T>,
): PairTerms<T> {
  const ahead = phi(place);
  if (isEven(kind)) {
    const twice = (x: T) => a.mul(a.constant(2), x);
    return { value: twice(ahead.value), slope: twice(ahead.slope), curvature: () => twice(ahead.curvature()) };
  }
  const behind = phi({ u: place.v, v: place.u, c: a.mul(a.constant(-1), place.c) });
  return {
    value: a.add(ahead.value, behind.value),
    slope: a.sub(ahead.slope, behind.slope),
    curvature: () => a.add(ahead.curvature(), behind.curvature()),
  };
}

/** Terms at û = max(u, u₀), v̂ = max(v, u₀), each capped at 4 − u₀, and from there along the tangent: c − ĉ = ½[(û′ − u) − (v̂′ − v)]. */
export function continued<T>(
  a: Algebra<T>,
  terms: (place: PairPlace<T>) => PairTerms<T>,
  floor: T,
  twoSided: boolean,
  { u, v, c }: PairPlace<T>,
): PairTerms<T> {
  const uRaised = a.max(u, floor);
  const vRaised = twoSided ? a.max(v, floor) : v;
  const ceiling = a.sub(a.constant(4), floor);
  const capped = (raised: T) => (twoSided ? a.min(raised, ceiling) : raised);
  const { value, slope, curvature } = terms({ u: capped(uRaised), v: capped(vRaised), c });
  const below = a.sub(uRaised, u);
  const beyond = a.mul(a.constant(0.5), twoSided ? a.sub(below, a.sub(vRaised, v)) : below);
  return {
    value: a.add(value, a.mul(slope, beyond)),
    slope,
    curvature() {
      const inside = a.keepFrom(curvature(), u, floor);
      return twoSided ? a.keepFrom(inside, v, floor) : inside;
    },
  };
}

/**
 * What a mismatch compares when it compares angles: m = θ, m′ = −1/sin θ, m″ = −cos θ/sin³θ, continued linearly past the floor.
 * Lin et al. 2020, "Angle-preserving projection".
 */
export function angleFormula<T>(a: Algebra<T>, floor: T, place: PairPlace<T>): PairTerms<T> {
  const angle = ({ u, v }: PairPlace<T>): PairTerms<T> => {
    const perSine = a.div(a.constant(2), a.sqrt(a.mul(u, v)));
    const cosine = a.mul(a.constant(0.25), a.sub(v, u));
    return {
      value: a.mul(a.constant(2), a.halfAngle(u, v)),
      slope: a.mul(a.constant(-1), perSine),
      curvature: () => a.mul(a.mul(a.constant(-1), cosine), a.mul(perSine, a.mul(perSine, perSine))),
    };
  };
  return continued(a, angle, floor, true, place);
}

/**
 * ψ and ψ′ of half space where no pair is near, in fewer operations than the folded formula, and without cancellation between φ(c) and φ(−c);
 * chordal potentials with s = 0, 1, 2, from q = 1 − c² = uv/4.
 *
 * s = 0: −½·log 4q and c/q. s = 2: 1/q and 2c/q². s = 1: with p = u^−½ and q = v^−½, p + q, and p³ − q³ as
 * (p² − q²)(p² + pq + q²)/(p + q), where p² − q² = 1/u − 1/v = 4c/(uv).
 */
export function shortHalfFormula<T>(
  a: Algebra<T>,
  s: number,
  { u, v, c }: PairPlace<T>,
  sineSquared: T,
): Omit<PairTerms<T>, "curvature"> | undefined {
  const inverse = a.div(a.constant(1), sineSquared);
  if (s === 2) return { value: inverse, slope: a.mul(a.constant(2), a.mul(a.mul(c, inverse), inverse)) };
  if (s === 0) {
    const value = a.mul(a.constant(-0.5), a.log(a.mul(a.constant(4), sineSquared)));
    return { value, slope: a.mul(c, inverse) };
  }
  if (s !== 1) return undefined;
  const [pp, qq] = [a.div(a.constant(1), u), a.div(a.constant(1), v)];
  const [p, q] = [a.sqrt(pp), a.sqrt(qq)];
  const difference = a.mul(a.constant(4), a.mul(c, a.mul(pp, qq)));
  const value = a.add(p, q);
  return { value, slope: a.mul(difference, a.div(a.add(a.add(pp, qq), a.mul(p, q)), value)) };
}

/**
 * φ of full space from ψ of half space, where both are wanted and no pair is near: for the chordal potential with s = 2, whose ψ is 1/q, from
 * 1/u = v/(uv) = (v/4)/q. So one division serves both.
 */
export function fullBesideHalf<T>(a: Algebra<T>, s: number, { v }: Pick<PairPlace<T>, "v">, half: T): T | undefined {
  return s === 2 ? a.mul(a.mul(a.constant(0.25), v), half) : undefined;
}
