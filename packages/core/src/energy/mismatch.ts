/**
 * How much a projection distorts the angles: m(a) − m(b) over pairs, a the cosine before and b the cosine after.
 * m is the angle θ (Lin et al. 2020, "Angle-preserving projection") or the cosine (the authors' code, `p_loss` of
 * angle_projection/architecture.py).
 */
import type { PotentialTerms } from "./terms.js";

/**
 * What one pair adds to a mismatch, f = (m(a) − m(b))², with the derivatives that gradient and Hessian product need. a is the pair's cosine before
 * the projection, b its cosine after it, and e = m(a) − m(b).
 */
export interface MismatchTerms {
  /** f = e² */
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
 * @param a m and its derivatives at the reference pair, by `measureFunction`
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
