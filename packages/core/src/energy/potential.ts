/**
 * Potentials as functions of the cosine c = ⟨x_i, x_j⟩, stated in the squared chords u = 2 − 2c (to x_j) and
 * v = 2 + 2c (to −x_j): near a coincidence u is exact where c has lost every digit.
 */
import type { Potential } from "../config/types.js";

/** φ, κ = dφ/dc and φ″ = d²φ/dc² at one pair. */
export interface PotentialTerms {
  /** φ */
  value: number;
  /** κ */
  slope: number;
  /** φ″ */
  curvature: number;
}

/** Writes φ, κ, φ″ at the squared chords (u, v) into `out`, and returns it. */
export type PotentialFunction = (u: number, v: number, out: PotentialTerms) => PotentialTerms;

/**
 * | | φ | κ | φ″ |
 * |---|---|---|---|
 * | chordal, s > 0 | u^(−s/2) | s·u^(−s/2−1) | s(s+2)·u^(−s/2−2) |
 * | chordal, s = 0 | −½·log u | 1/u | 2/u² |
 *
 * Liu et al. 2018, eq. 1, with the distance ‖x_i − x_j‖ = √u.
 */
function chordalRiesz(s: number): PotentialFunction {
  if (s === 0) {
    return (u, _v, out) => {
      out.value = -0.5 * Math.log(u);
      out.slope = 1 / u;
      out.curvature = 2 / (u * u);
      return out;
    };
  }
  return (u, _v, out) => {
    const value = s === 2 ? 1 / u : u ** (-s / 2);
    out.value = value;
    out.slope = (s * value) / u;
    out.curvature = (s * (s + 2) * value) / (u * u);
    return out;
  };
}

/**
 * θ = 2·atan2(√u, √v), sin θ = ½√(uv), cot θ = (v − u)/(4 sin θ).
 *
 * | | φ | κ | φ″ |
 * |---|---|---|---|
 * | angular, s > 0 | θ^(−s) | s·θ^(−s−1)/sin θ | (κ/sin θ)·[(s+1)/θ + cot θ] |
 * | angular, s = 0 | −log θ | 1/(θ·sin θ) | the same with s = 0 |
 *
 * Liu et al. 2018, "angular" variant (A-MHE); the authors' code: `power_s` a0, a1, a2 of `_add_thomson_constraint`.
 */
function angularRiesz(s: number): PotentialFunction {
  return (u, v, out) => {
    const theta = 2 * Math.atan2(Math.sqrt(u), Math.sqrt(v));
    const sine = 0.5 * Math.sqrt(u * v);
    const cotangent = (v - u) / (4 * sine);
    const value = s === 0 ? -Math.log(theta) : theta ** -s;
    const slope = s === 0 ? 1 / (theta * sine) : (s * value) / (theta * sine);
    out.value = value;
    out.slope = slope;
    out.curvature = (slope / sine) * ((s + 1) / theta + cotangent);
    return out;
  };
}

/** φ = exp(−t·u), κ = 2t·φ, φ″ = 4t²·φ. Wang & Isola 2020, the uniformity loss. */
function gaussian(t: number): PotentialFunction {
  return (u, _v, out) => {
    const value = Math.exp(-t * u);
    out.value = value;
    out.slope = 2 * t * value;
    out.curvature = 4 * t * t * value;
    return out;
  };
}

/** A potential with its first two derivatives, as a function of the squared chords. The bare formula: it diverges at u = 0. */
export function potentialFunction(potential: Potential): PotentialFunction {
  if (potential.kind === "gaussian") return gaussian(potential.t);
  return potential.distance === "angular" ? angularRiesz(potential.s) : chordalRiesz(potential.s);
}

/** Whether φ diverges at c = −1 too, so that v must be kept from 0 even in full space. */
export function dependsOnAntipode(potential: Potential): boolean {
  return potential.kind === "riesz" && potential.distance === "angular";
}

/** φ(−1), the potential of an antipodal pair: the constant self term of half space for unit rows. */
export function antipodalValue(potential: Potential): number {
  if (potential.kind === "gaussian") return Math.exp(-4 * potential.t);
  const distance = potential.distance === "angular" ? Math.PI : 2;
  return potential.s === 0 ? -Math.log(distance) : distance ** -potential.s;
}
