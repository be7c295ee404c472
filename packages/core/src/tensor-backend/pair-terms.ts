/**
 * ψ and its slope K = ψ′ for every pair of a tile, from its cosines. In terms of t = u/2 = 1 − c and w = v/2 = 1 + c; see
 * `energy/potential.ts` for the formulas and `energy/separation.ts` for clamping and continuing along the tangent.
 */
import type { PairSpec } from "../backend/backend.js";
import type { Potential } from "../config/types.js";
import { dependsOnAntipode } from "../energy/potential.js";
import type { TensorPrimitives } from "./primitives.js";

export interface TensorTerms<T> {
  readonly value: T;
  readonly slope: T;
}

/** @param clamp `false` only where no pair of the tile is closer than the floor. */
export function pairTerms<T>(p: TensorPrimitives<T>, spec: PairSpec, cosine: T, clamp: boolean): TensorTerms<T> {
  const { potential, space, separationFloor } = spec;
  const one = p.scalar(1);
  if (!clamp && space === "half" && potential.kind === "riesz" && potential.distance === "chordal") {
    if (potential.s === 2) return foldedInverseSquare(p, cosine);
  }
  const t = p.sub(one, cosine);
  const w = p.add(one, cosine);
  const terms = (near: T, far: T) => potentialTerms(p, potential, near, far);
  if (!clamp) return space === "half" ? folded(p, terms, t, w) : terms(t, w);

  const twoSided = space === "half" || dependsOnAntipode(potential);
  const floor = (separationFloor * separationFloor) / 2;
  const low = p.scalar(floor);
  const high = p.scalar(2 - floor);
  const tRaised = p.maximum(t, low);
  if (!twoSided) return continued(p, terms(tRaised, w), p.sub(tRaised, t));
  const wRaised = p.maximum(w, low);
  const [tHat, wHat] = [p.minimum(tRaised, high), p.minimum(wRaised, high)];
  const beyond = p.sub(p.sub(tRaised, t), p.sub(wRaised, w));
  return continued(p, space === "half" ? folded(p, terms, tHat, wHat) : terms(tHat, wHat), beyond);
}

/** φ + κ·(c − ĉ): the tangent past the floor. */
function continued<T>(p: TensorPrimitives<T>, { value, slope }: TensorTerms<T>, beyond: T): TensorTerms<T> {
  return { value: p.add(value, p.mul(slope, beyond)), slope };
}

/** ψ = φ(c) + φ(−c). */
function folded<T>(p: TensorPrimitives<T>, terms: (t: T, w: T) => TensorTerms<T>, t: T, w: T): TensorTerms<T> {
  const ahead = terms(t, w);
  const behind = terms(w, t);
  return { value: p.add(ahead.value, behind.value), slope: p.sub(ahead.slope, behind.slope) };
}

/** Chordal s = 2 in half space folds to 1/(1 − c²), with slope 2c/(1 − c²)². */
function foldedInverseSquare<T>(p: TensorPrimitives<T>, cosine: T): TensorTerms<T> {
  const value = p.reciprocal(p.sub(p.scalar(1), p.square(cosine)));
  return { value, slope: p.mul(p.mul(cosine, p.scalar(2)), p.square(value)) };
}

/** φ and κ at t = u/2, w = v/2. */
export function potentialTerms<T>(p: TensorPrimitives<T>, potential: Potential, t: T, w: T): TensorTerms<T> {
  if (potential.kind === "gaussian") {
    const value = p.exp(p.mul(t, p.scalar(-2 * potential.t)));
    return { value, slope: p.mul(value, p.scalar(2 * potential.t)) };
  }
  const { s, distance } = potential;
  if (distance === "angular") {
    const theta = p.mul(p.atan(p.sqrt(p.div(t, w))), p.scalar(2));
    const sine = p.sqrt(p.mul(t, w));
    if (s === 0) return { value: p.sub(p.scalar(0), p.log(theta)), slope: p.reciprocal(p.mul(theta, sine)) };
    const value = inversePower(p, theta, s);
    return { value, slope: p.div(p.mul(value, p.scalar(s)), p.mul(theta, sine)) };
  }
  if (s === 0) {
    const value = p.mul(p.log(p.mul(t, p.scalar(2))), p.scalar(-0.5));
    return { value, slope: p.mul(p.reciprocal(t), p.scalar(0.5)) };
  }
  const value = p.mul(inversePower(p, t, s / 2), p.scalar(2 ** (-s / 2)));
  return { value, slope: p.mul(p.div(value, t), p.scalar(s / 2)) };
}

/** a^(−e), by multiplications where e is 1, 2 or a half. */
function inversePower<T>(p: TensorPrimitives<T>, a: T, e: number): T {
  if (e === 0.5) return p.reciprocal(p.sqrt(a));
  if (e === 1) return p.reciprocal(a);
  if (e === 1.5) return p.reciprocal(p.mul(a, p.sqrt(a)));
  if (e === 2) return p.square(p.reciprocal(a));
  return p.power(a, -e);
}
