/**
 * ψ, its slope K = ψ′ and its curvature ψ″ for every pair of a tile, from its cosines. In terms of t = u/2 = 1 − c and
 * w = v/2 = 1 + c; see `energy/potential.ts` for the formulas and `energy/separation.ts` for clamping and continuing
 * along the tangent.
 */
import type { PairSpec } from "../backend/backend.js";
import type { Potential } from "../config/types.js";
import { dependsOnAntipode } from "../energy/potential.js";
import type { TensorPrimitives } from "./primitives.js";

/** ψ and its derivatives in the cosine, for every pair of a tile. */
export interface TensorTerms<T> {
  /** ψ */
  readonly value: T;
  /** ψ′ */
  readonly slope: T;
  /** ψ″, made when asked for: only Hessian products need it. */
  readonly curvature: () => T;
}

/** Half the squared chords of pairs. */
export interface HalfChords<T> {
  /** ½‖x_i − x_j‖² = 1 − c */
  readonly t: T;
  /** ½‖x_i + x_j‖² = 1 + c */
  readonly w: T;
}

/** t and w kept from the floor, and what that changed. */
export interface ClampedChords<T> {
  readonly t: T;
  readonly w: T;
  /** c − ĉ: how far past the floor. */
  readonly beyond: T;
  /** 1 where the pair is farther than the floor, else 0. */
  readonly inside: () => T;
}

/**
 * What each pair of a tile adds to the energy, with its derivatives, the separation floor included: `pairFunction` for tensors.
 *
 * @param cosine `[batch, rows, columns]`
 * @param chords t and w, where the engine knows them better than 1 ∓ c
 */
export function pairTerms<T>(
  p: TensorPrimitives<T>,
  spec: PairSpec,
  cosine: T,
  chords = halfChords(p, cosine),
): TensorTerms<T> {
  const { potential, space, separationFloor } = spec;
  const half = space === "half";
  const clamped = clampChords(p, chords, separationFloor, half || dependsOnAntipode(potential));
  const terms = (t: T, w: T) => potentialTerms(p, potential, t, w);
  const { value, slope, curvature } = half ? folded(p, terms, clamped.t, clamped.w) : terms(clamped.t, clamped.w);
  return {
    value: p.add(value, p.mul(slope, clamped.beyond)),
    slope,
    curvature: () => p.mul(curvature(), clamped.inside()),
  };
}

/** t = 1 − c, w = 1 + c. */
export function halfChords<T>(p: TensorPrimitives<T>, cosine: T): HalfChords<T> {
  return { t: p.sub(p.scalar(1), cosine), w: p.add(p.scalar(1), cosine) };
}

export function clampChords<T>(
  p: TensorPrimitives<T>,
  { t, w }: HalfChords<T>,
  separationFloor: number,
  twoSided: boolean,
): ClampedChords<T> {
  const floor = (separationFloor * separationFloor) / 2;
  const low = p.scalar(floor);
  const high = p.scalar(2 - floor);
  const tRaised = p.maximum(t, low);
  const notBelow = (chord: T) => p.sub(p.scalar(1), p.less(chord, low));
  if (!twoSided) return { t: tRaised, w, beyond: p.sub(tRaised, t), inside: () => notBelow(t) };
  const wRaised = p.maximum(w, low);
  return {
    t: p.minimum(tRaised, high),
    w: p.minimum(wRaised, high),
    beyond: p.sub(p.sub(tRaised, t), p.sub(wRaised, w)),
    inside: () => p.mul(notBelow(t), notBelow(w)),
  };
}

/** ψ = φ(c) + φ(−c). */
function folded<T>(p: TensorPrimitives<T>, terms: (t: T, w: T) => TensorTerms<T>, t: T, w: T): TensorTerms<T> {
  const ahead = terms(t, w);
  const behind = terms(w, t);
  return {
    value: p.add(ahead.value, behind.value),
    slope: p.sub(ahead.slope, behind.slope),
    curvature: () => p.add(ahead.curvature(), behind.curvature()),
  };
}

/** The bare potential, φ, κ and φ″, at t = u/2 and w = v/2: `potentialFunction` for tensors. */
export function potentialTerms<T>(p: TensorPrimitives<T>, potential: Potential, t: T, w: T): TensorTerms<T> {
  const times = (a: T, factor: number) => (factor === 1 ? a : p.mul(a, p.scalar(factor)));
  if (potential.kind === "gaussian") {
    const rate = 2 * potential.t;
    const value = p.exp(times(t, -rate));
    return { value, slope: times(value, rate), curvature: () => times(value, rate * rate) };
  }
  const { s, distance } = potential;
  if (distance === "angular") {
    const theta = times(p.atan(p.sqrt(p.div(t, w))), 2);
    const sine = p.sqrt(p.mul(t, w));
    const value = s === 0 ? times(p.log(theta), -1) : inversePower(p, theta, s);
    const slope = p.div(s === 0 ? p.scalar(1) : times(value, s), p.mul(theta, sine));
    const curvature = () => {
      const cotangent = p.div(times(p.sub(w, t), 0.5), sine);
      return p.mul(p.div(slope, sine), p.add(p.div(p.scalar(s + 1), theta), cotangent));
    };
    return { value, slope, curvature };
  }
  if (s === 0) {
    const slope = times(p.reciprocal(t), 0.5);
    return { value: times(p.log(times(t, 2)), -0.5), slope, curvature: () => times(p.square(slope), 2) };
  }
  const value = times(inversePower(p, t, s / 2), 2 ** (-s / 2));
  const slope = times(p.div(value, t), s / 2);
  return { value, slope, curvature: () => times(p.div(slope, t), (s + 2) / 2) };
}

/** a^(−e), by multiplications where e is 1, 2 or a half. */
function inversePower<T>(p: TensorPrimitives<T>, a: T, e: number): T {
  if (e === 0.5) return p.reciprocal(p.sqrt(a));
  if (e === 1) return p.reciprocal(a);
  if (e === 1.5) return p.reciprocal(p.mul(a, p.sqrt(a)));
  if (e === 2) return p.square(p.reciprocal(a));
  return p.power(a, -e);
}
