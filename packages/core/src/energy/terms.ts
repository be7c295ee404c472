/** What loops over pairs on the host compute for each pair, in float64. */

/** A function of one pair's cosine c, the potential φ say, with its first two derivatives. */
export interface PotentialTerms {
  /** The function itself. */
  value: number;
  /** Its first derivative in c; κ for a potential. */
  slope: number;
  /** Its second derivative in c. */
  curvature: number;
}

/** Writes φ, κ = dφ/dc and φ″ = d²φ/dc² at the squared chords u = ‖x_i − x_j‖² and v = ‖x_i + x_j‖² into `out`, and returns it. */
export type PotentialFunction = (u: number, v: number, out: PotentialTerms) => PotentialTerms;

/** Writes ψ, ψ′ and ψ″ at the squared chords u = ‖x_i − x_j‖² and v = ‖x_i + x_j‖² into `out`, and returns it. */
export type PairFunction = (u: number, v: number, out: PotentialTerms) => PotentialTerms;
