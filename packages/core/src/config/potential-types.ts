/** The potential of a pair, and the space its neurons live in. */

/**
 * Riesz potential of the distance r between two directions: r^(−s), or −log r at s = 0 (Liu et al. 2018, MHE, eq. 1); −r^|s| for
 * −2 < s < 0, minus the mean distance at s = −1, which is bounded.
 */
export interface RieszPotential {
  /** Names the potential. */
  readonly kind: "riesz";
  /** Exponent s > −2; the energies of the paper have s = 0, 1 or 2. The larger s is, the more the nearest pairs count. */
  readonly s: number;
  /** The distance r. `chordal` (default): the straight line ‖x_i − x_j‖, from 0 to 2; `angular`: the angle, from 0 to π radians. */
  readonly distance: "chordal" | "angular";
}

/** The Gaussian potential exp(−t·‖x_i − x_j‖²), bounded by 1. Wang & Isola 2020, whose uniformity loss is the logarithm of its mean. */
export interface GaussianPotential {
  /** Names the potential. */
  readonly kind: "gaussian";
  /** t > 0: the larger, the shorter the distance at which two neurons still feel each other. It has no default. */
  readonly t: number;
}

/**
 * The p-frame potential |c|^p of the cosine c: squared coherence at p = 2, whose minima are the tight frames (Benedetto & Fickus 2003). It
 * doesn't tell a neuron from its opposite, and has no singularity.
 */
export interface FramePotential {
  /** Names the potential. */
  readonly kind: "frame";
  /** Exponent p ≥ 2. It has no default. */
  readonly p: number;
}

/** What two neurons add to the energy, as a function of the distance between their directions. */
export type Potential = RieszPotential | GaussianPotential | FramePotential;

/**
 * What the neurons stand for. `full`: N points on the sphere. `half`: every neuron stands for its line, so −w_i is there too, and
 * the energy is the mean over the pairs of 2N points. Liu et al. 2018, half-space MHE.
 */
export type Space = "full" | "half";
