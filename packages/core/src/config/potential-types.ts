/** The potential of a pair, and the space its neurons live in. */

/** Riesz potential of the distance r between two directions: r^(−s), or −log r at s = 0. Liu et al. 2018 (MHE), eq. 1. */
export interface RieszPotential {
  readonly kind: "riesz";
  /** Exponent s ≥ 0. The paper's energies have s = 0, 1, 2. */
  readonly s: number;
  /** `chordal` (default): ‖x_i − x_j‖; `angular`: the angle in radians. */
  readonly distance: "chordal" | "angular";
}

/** exp(−t·‖x_i − x_j‖²). Wang & Isola 2020, whose uniformity is the logarithm of its mean. */
export interface GaussianPotential {
  readonly kind: "gaussian";
  /** t > 0. */
  readonly t: number;
}

/** What two neurons add to the energy, as a function of the distance between their directions. */
export type Potential = RieszPotential | GaussianPotential;

/**
 * What the neurons stand for. `full`: N points on the sphere. `half`: every neuron stands for its line, so −w_i is there too, and
 * the energy is the mean over the pairs of 2N points. Liu et al. 2018, half-space MHE.
 */
export type Space = "full" | "half";
