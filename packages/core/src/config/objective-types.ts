/** Objectives of others, in place of the potential of pairs. */

/**
 * Deviation of the raw rows from orthonormality: `rows` ‖WWᵀ − I‖²_F (SO), `columns` ‖WᵀW − I‖²_F, `double` their sum
 * (DSO). Bansal et al. 2018.
 */
export interface OrthogonalityObjective {
  readonly kind: "orthogonality";
  /** Default `"rows"`. */
  readonly side: "rows" | "columns" | "double";
}

/**
 * Mutual coherence. `max`: the largest entry of |WWᵀ − I|; `row-sum`: its largest row sum, the norm induced by ‖·‖_∞
 * (Bansal et al. 2018); `cosine`: the largest |cos| of two neurons, whatever their norms.
 */
export interface CoherenceObjective {
  readonly kind: "coherence";
  /** Default `"max"`. */
  readonly norm: "max" | "row-sum" | "cosine";
}

/**
 * Spectral restricted isometry property: σ, the spectral norm of WWᵀ − I (`rows`) or WᵀW − I (`columns`, the authors'
 * code). Bansal et al. 2018.
 */
export interface RestrictedIsometryObjective {
  readonly kind: "restricted-isometry";
  /** Default `"rows"`. */
  readonly side: "rows" | "columns";
  /** `power` (default): a few power iterations from a drawn vector, a lower bound of σ; `exact`: an eigenvalue decomposition. */
  readonly estimate: "power" | "exact";
  /** Products with the matrix that the power iteration takes; the gradient flows through them all. Default 2. */
  readonly iterations: number;
  /** σ² rather than σ, as published. Default true. */
  readonly squared: boolean;
}

/**
 * Maximum hyperspherical separation: minus the distance of the two closest neurons, Tammes' problem. Liu et al. 2021;
 * angular: Wang et al. 2020 (MMA), who average over neurons.
 */
export interface MaximumSeparationObjective {
  readonly kind: "maximum-separation";
  /** Default `"chordal"`. */
  readonly distance: "chordal" | "angular";
}

/** Maximum Gram determinant: −log det of the kernel exp(−γ‖x_i − x_j‖²). Liu et al. 2021. At most 4096 neurons. */
export interface GramDeterminantObjective {
  readonly kind: "gram-determinant";
  /** γ > 0. Default 1. */
  readonly gamma: number;
  /** Added to the kernel's diagonal, so that coincident neurons stay finite; 0: the bare formula. Default 1e-6. */
  readonly ridge: number;
}

/** log of the mean of exp(−t‖x_i − x_j‖²) over pairs. Wang & Isola 2020, the uniformity loss. */
export interface UniformityObjective {
  readonly kind: "uniformity";
  /** t > 0. Default 2. */
  readonly t: number;
}

/** What others minimize for the same end, to compare with, in place of the mean potential of pairs. */
export type Objective =
  | OrthogonalityObjective
  | CoherenceObjective
  | RestrictedIsometryObjective
  | MaximumSeparationObjective
  | GramDeterminantObjective
  | UniformityObjective;
