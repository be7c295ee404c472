/** The projection strategies that are data. */
import type { Space } from "./potential-types.js";

/** How the energies under C matrices become one: their mean, or the largest (the first, where several are). */
export type Reduce = "mean" | "max";

/**
 * How the entries of a random projection are drawn.
 *
 * - `gaussian`: independent, N(0, 1). Lin et al. 2020 (CoMHE) and the authors' code.
 * - `orthogonal`: orthonormal rows, uniformly distributed; `dimension` ≤ d.
 * - `rademacher`: independent ±1.
 * - `sparse`: √3·{+1, 0, −1}, two thirds of them zeros. Achlioptas 2003.
 * - `hadamard`: subsampled randomized Hadamard transform, O(d log d) a row. Ailon & Chazelle 2009.
 * - `count-sketch`: each coordinate goes, with a random sign, to one of k sums, O(d) a row. Charikar et al. 2002.
 */
export type RandomDistribution = "gaussian" | "orthogonal" | "rademacher" | "sparse" | "hadamard" | "count-sketch";

/** Whether layers have random matrices of their own, or those of one shape share them (the authors' code). */
export type Share = "layer" | "shape";

/** Whether the gradient takes a projection found by inner steps as given, or flows back through the steps. */
export type Through = "stopped" | "unrolled";

/** What is compared before and after a projection: the angle of two neurons (Lin et al. 2020), or its cosine (the authors' code). */
export type MismatchMeasure = "angle" | "cosine";
/** `mean` of the squared differences over pairs; `root` of their sum, the diagonal included (the authors' code). */
export type MismatchForm = "mean" | "root";

/** A matrix k×d, or a batch of C of them, row major. `defineEnergy` copies `data` into plain numbers, which survive JSON. */
export interface MatrixBatch {
  readonly data: readonly number[] | Float32Array | Float64Array;
  readonly shape: readonly [dimension: number, dim: number] | readonly [count: number, dimension: number, dim: number];
}

/** The energy of the neurons themselves: MHE. */
export interface NoProjection {
  readonly kind: "none";
}

/** The energy of the neurons under C matrices of your own: the rows of W·P_cᵀ. */
export interface FixedProjection {
  readonly kind: "fixed";
  /** P, `[C, k, d]` or `[k, d]`. */
  readonly matrices: MatrixBatch;
  /** Default `"mean"`. */
  readonly reduce: Reduce;
}

/**
 * The energy of the neurons under C random matrices. Lin et al. 2020 (CoMHE), random projection. k ≤ s + 1 is refused, since the
 * mean energy is infinite; k ≤ 2s + 1 warns, since its variance is.
 */
export interface RandomProjection {
  readonly kind: "random";
  /** k, rows of each matrix. Default 30. */
  readonly dimension: number;
  /** C, matrices. Default 5. */
  readonly count: number;
  /** Default `"gaussian"`. */
  readonly distribution: RandomDistribution;
  /** New matrices every so many steps; 1 (default): every step, as in the authors' code; 0: never. */
  readonly refresh: number;
  /** Default `"mean"`. */
  readonly reduce: Reduce;
  /** Default `"layer"`. */
  readonly share: Share;
}

/** The mean energy of the neurons cut into groups of coordinates. */
export interface GroupProjection {
  readonly kind: "group";
  /** C groups of coordinates; the first d mod C are one longer. */
  readonly groups: number;
  /** `false` (default): contiguous groups; `true`: a new random partition at every refresh. */
  readonly shuffle: boolean;
  /** New partition every so many steps when shuffled; 0: never. Default 1. */
  readonly refresh: number;
}

/**
 * The energy under a projection that a few steps of gradient descent keep close to preserving the angles of all pairs; it is kept
 * from evaluation to evaluation. Lin et al. 2020 (CoMHE), angle-preserving projection.
 */
export interface AnglePreservingProjection {
  readonly kind: "angle-preserving";
  /** k, rows of each matrix. Default 30. */
  readonly dimension: number;
  /** C, matrices; the energy is their mean. Default 1. */
  readonly count: number;
  /** Descent steps on the mismatch at each evaluation. Default 1. */
  readonly steps: number;
  /** Of those steps. Default 0.01. */
  readonly learningRate: number;
  /** Default `"angle"`. */
  readonly measure: MismatchMeasure;
  /** Default `"mean"`. */
  readonly form: MismatchForm;
  /** Default `"stopped"`. */
  readonly through: Through;
  /** The first projection, `[C, k, d]` or `[k, d]`, instead of a drawn one. */
  readonly initial?: MatrixBatch | undefined;
}

/**
 * The energy under a projection that a few steps of gradient ascent move towards the largest energy; it is kept from evaluation to
 * evaluation. Lin et al. 2020 (CoMHE), adversarial projection.
 */
export interface AdversarialProjection {
  readonly kind: "adversarial";
  /** k, rows of each matrix. Default 30. */
  readonly dimension: number;
  /** C, matrices; the energy is their mean. Default 1. */
  readonly count: number;
  /** Ascent steps on the energy at each evaluation. Default 1. */
  readonly steps: number;
  /** Of those steps. Default 0.01. */
  readonly learningRate: number;
  /** Default `"stopped"`. */
  readonly through: Through;
  /** Space of the energy that is ascended. Default: the energy's own. */
  readonly ascentSpace?: Space | undefined;
  /** The first projection, `[C, k, d]` or `[k, d]`, instead of a drawn one. */
  readonly initial?: MatrixBatch | undefined;
}

/**
 * The mean of two energies: that of the rows of W·P₁ᵀ, N points in ℝʳ, and that of the rows of P₂ᵀ·W, r points in ℝᵈ. Lin et al.
 * 2020 (CoMHE), bilateral projection. See {@link bilateralFactors}.
 */
export interface BilateralProjection {
  readonly kind: "bilateral";
  /** r */
  readonly rank: number;
  /** New matrices every so many steps; 0: never. Default 1. */
  readonly refresh: number;
  /** P₁, `[r, d]`, instead of a drawn one. */
  readonly right?: MatrixBatch | undefined;
  /** P₂, `[N, r]`, instead of a drawn one. */
  readonly left?: MatrixBatch | undefined;
}

/** The energy in the subspace in which the neurons' directions lie most: that of their first right singular vectors. */
export interface PcaProjection {
  readonly kind: "pca";
  /** k, number of singular vectors. Default 30. */
  readonly dimension: number;
  /** Found anew every so many steps; 0: never. Default 1. */
  readonly refresh: number;
}

/** What stands between the neurons and their energy: the strategies that are data. The other ones are a {@link Projection}. */
export type ProjectionConfig =
  | NoProjection
  | FixedProjection
  | RandomProjection
  | GroupProjection
  | AnglePreservingProjection
  | AdversarialProjection
  | BilateralProjection
  | PcaProjection;
