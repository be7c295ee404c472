/** Objectives of others, in place of the potential of pairs. */

/**
 * Deviation of the raw rows from orthonormality: `rows` ‖WWᵀ − I‖²_F (SO), `columns` ‖WᵀW − I‖²_F, `double` their sum
 * (DSO). Bansal et al. 2018.
 */
export interface OrthogonalityObjective {
  /** Names the objective. */
  readonly kind: "orthogonality";
  /** Whether the N rows, the d columns, or both are to become orthonormal. Default `"rows"`. */
  readonly side: "rows" | "columns" | "double";
}

/**
 * Mutual coherence. `max`: the largest entry of |WWᵀ − I|; `row-sum`: its largest row sum, the norm induced by ‖·‖_∞
 * (Bansal et al. 2018); `cosine`: the largest |cos| of two neurons, whatever their norms.
 */
export interface CoherenceObjective {
  /** Names the objective. */
  readonly kind: "coherence";
  /** Which number is taken for the coherence, see above. Default `"max"`. */
  readonly norm: "max" | "row-sum" | "cosine";
}

/**
 * Spectral restricted isometry property: σ, the spectral norm of WWᵀ − I (`rows`) or WᵀW − I (`columns`, the authors'
 * code). Bansal et al. 2018 (SRIP).
 */
export interface RestrictedIsometryObjective {
  /** Names the objective. */
  readonly kind: "restricted-isometry";
  /** Whether σ is that of WWᵀ − I (`rows`) or of WᵀW − I (`columns`). Default `"rows"`. */
  readonly side: "rows" | "columns";
  /**
   * How σ is found. `power` (default): a few power iterations from a vector drawn at each step, which give a lower bound of σ. `exact`: an eigenvalue
   * decomposition, for at most 1024 rows or columns, whichever are fewer.
   */
  readonly estimate: "power" | "exact";
  /** Products with the matrix that the power iteration takes, 1 to 100; the gradient flows through them all. Default 2. */
  readonly iterations: number;
  /** σ² rather than σ, as published. Default true. */
  readonly squared: boolean;
}

/**
 * Maximum hyperspherical separation: minus the distance of the two closest neurons, Tammes' problem. Liu et al. 2021;
 * angular: Wang et al. 2020 (MMA), who average over neurons.
 */
export interface MaximumSeparationObjective {
  /** Names the objective. */
  readonly kind: "maximum-separation";
  /** The distance of two directions: the straight line between them (`chordal`), or their angle in radians (`angular`). Default `"chordal"`. */
  readonly distance: "chordal" | "angular";
}

/** Maximum Gram determinant: −log det of the kernel exp(−γ‖x_i − x_j‖²). Liu et al. 2021. At most 4096 neurons. */
export interface GramDeterminantObjective {
  /** Names the objective. */
  readonly kind: "gram-determinant";
  /** γ > 0 in the kernel's exponent. Default 1. */
  readonly gamma: number;
  /** Added to the kernel's diagonal, so that coincident neurons stay finite; from 0, the bare formula, to 1. Default 1e-6. */
  readonly ridge: number;
}

/** The logarithm of the mean of exp(−t‖x_i − x_j‖²) over all pairs: the uniformity loss of Wang & Isola 2020. */
export interface UniformityObjective {
  /** Names the objective. */
  readonly kind: "uniformity";
  /** t, above 0 and at most 100, in the exponent. Default 2. */
  readonly t: number;
}

/** What other papers minimize to spread neurons, in place of the mean potential of pairs; here to compare with. */
export type Objective =
  | OrthogonalityObjective
  | CoherenceObjective
  | RestrictedIsometryObjective
  | MaximumSeparationObjective
  | GramDeterminantObjective
  | UniformityObjective;
