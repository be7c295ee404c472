/**
 * How much a projection distorts the angles: m(a) − m(b) over pairs, a the cosine before and b the cosine after.
 * m is the angle θ (Lin et al. 2020, "Angle-preserving projection") or the cosine (the authors' code, `p_loss` of
 * angle_projection/architecture.py).
 */
import type { MismatchSpec } from "../backend/backend.js";
import type { PotentialTerms } from "./potential.js";
import type { PairFunction } from "./separation.js";

/**
 * What a mismatch compares: m, m′ = dm/dc and m″ at the squared chords (u, v), where m is the angle or the cosine. The angle is continued
 * linearly past the floor.
 */
export function measureFunction({ measure, separationFloor }: MismatchSpec): PairFunction {
  if (measure === "cosine") {
    return (u, v, out) => {
      // Whichever chord is the shorter holds the digits.
      out.value = u < v ? 1 - u / 2 : v / 2 - 1;
      out.slope = 1;
      out.curvature = 0;
      return out;
    };
  }
  const floor = separationFloor * separationFloor;
  const ceiling = 4 - floor;
  return (u, v, out) => {
    const uRaised = Math.max(u, floor);
    const vRaised = Math.max(v, floor);
    const uHat = Math.min(uRaised, ceiling);
    const vHat = Math.min(vRaised, ceiling);
    const sine = 0.5 * Math.sqrt(uHat * vHat);
    const inside = uRaised === u && vRaised === v;
    out.slope = -1 / sine;
    out.curvature = inside ? (uHat - vHat) / (4 * sine * sine * sine) : 0;
    out.value = 2 * Math.atan2(Math.sqrt(uHat), Math.sqrt(vHat));
    if (!inside) out.value += out.slope * 0.5 * (uRaised - u - (vRaised - v));
    return out;
  };
}

/** One pair of f = (m(a) − m(b))² with the derivatives the gradient and the Hessian product need. */
export interface MismatchTerms {
  /** f */
  value: number;
  /** ∂f/∂a */
  fa: number;
  /** ∂f/∂b = −2e·m′(b) */
  fb: number;
  /** ∂²f/∂b² = 2m′(b)² − 2e·m″(b) */
  fbb: number;
  /** ∂²f/∂a∂b = −2m′(a)m′(b) */
  fab: number;
}

/**
 * Writes f and its derivatives for one pair into `out`, and returns it.
 *
 * @param a m and its derivatives at the reference pair, by {@link measureFunction}
 * @param b the same at the projected pair
 */
export function mismatchTerms(a: PotentialTerms, b: PotentialTerms, out: MismatchTerms): MismatchTerms {
  const error = a.value - b.value;
  out.value = error * error;
  out.fa = 2 * error * a.slope;
  out.fb = -2 * error * b.slope;
  out.fbb = 2 * b.slope * b.slope - 2 * error * b.curvature;
  out.fab = -2 * a.slope * b.slope;
  return out;
}
