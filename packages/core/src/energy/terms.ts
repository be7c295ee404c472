/** What loops over pairs on the host compute for each pair, in float64. */

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

/** Writes ψ, ψ′ and ψ″ at the squared chords u = ‖x_i − x_j‖² and v = ‖x_i + x_j‖² into `out`, and returns it. */
export type PairFunction = (u: number, v: number, out: PotentialTerms) => PotentialTerms;
