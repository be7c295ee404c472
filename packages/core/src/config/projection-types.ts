/** The projection strategies that are data. */
import type { Space } from "./potential-types.js";

/** How the energies under C projection matrices become one: their mean, or the largest of them (the first, where several are largest). */
export type Reduce = "mean" | "max";

/**
 * How the entries of a random projection are drawn.
 *
 * - `gaussian`: independent, N(0, 1). Lin et al. 2020 (CoMHE) and the authors' code.
 * - `orthogonal`: orthonormal rows, uniformly distributed; `dimension` is at most d, the length of a neuron.
 * - `rademacher`: independent ±1.
 * - `sparse`: √3·{+1, 0, −1}, two thirds of them zeros. Achlioptas 2003.
 * - `hadamard`: subsampled randomized Hadamard transform, O(d log d) a row; `dimension` is at most the power of two that follows d. Ailon & Chazelle 2009.
 * - `count-sketch`: each coordinate goes, with a random sign, to one of k sums, O(d) a row. Charikar et al. 2002.
 */
export type RandomDistribution = "gaussian" | "orthogonal" | "rademacher" | "sparse" | "hadamard" | "count-sketch";

/** Whether each layer draws random matrices of its own, or all layers of one shape share them (as in the authors' code). */
export type Share = "layer" | "shape";

/** Whether the gradient takes a projection that was found by inner steps as given (`stopped`), or flows back through those steps (`unrolled`). */
export type Through = "stopped" | "unrolled";

/** What of two neurons is compared before and after a projection: their angle (Lin et al. 2020), or its cosine (the authors' code). */
export type MismatchMeasure = "angle" | "cosine";
/**
 * How the differences of all pairs become one mismatch. `mean`: the mean of their squares over unordered pairs; `root`: the root of the sum of
 * their squares over ordered pairs and the diagonal (the authors' code).
 */
export type MismatchForm = "mean" | "root";

/** A matrix k×d, or a batch of C of them, row major. */
export interface MatrixBatch {
  /** The numbers, row by row and matrix by matrix. `defineEnergy` copies them into a plain array, which survives JSON. */
  readonly data: readonly number[] | Float32Array | Float64Array;
  /** `[k, d]` for one matrix, `[C, k, d]` for C of them; the product of the sizes is the length of `data`. */
  readonly shape: readonly [dimension: number, dim: number] | readonly [count: number, dimension: number, dim: number];
}

/** The energy of the neurons themselves, without a projection: minimum hyperspherical energy (MHE), Liu et al. 2018. */
export interface NoProjection {
  /** Names the strategy. */
  readonly kind: "none";
}

/** The energy of the neurons under C matrices of your own: the rows of W·P_cᵀ. */
export interface FixedProjection {
  /** Names the strategy. */
  readonly kind: "fixed";
  /** The projection matrices P: `[C, k, d]`, or `[k, d]` for one; d is the length of a neuron. */
  readonly matrices: MatrixBatch;
  /** How the C energies become one. Default `"mean"`. */
  readonly reduce: Reduce;
}

/**
 * The energy of the neurons under C random matrices. Lin et al. 2020 (CoMHE), random projection. k ≤ s + 1 is refused, since the
 * mean energy is infinite; k ≤ 2s + 1 warns, since its variance is.
 */
export interface RandomProjection {
  /** Names the strategy. */
  readonly kind: "random";
  /** k: the number of dimensions that neurons are projected to, the rows of each matrix. Default 30. */
  readonly dimension: number;
  /** C: the number of matrices. Default 5. */
  readonly count: number;
  /** How the matrices are drawn. Default `"gaussian"`. */
  readonly distribution: RandomDistribution;
  /** New matrices are drawn every so many steps. 1 (default): at every step, as in the authors' code; 0: the first ones stay for ever. */
  readonly refresh: number;
  /** How the C energies become one. Default `"mean"`. */
  readonly reduce: Reduce;
  /** Whether layers of one shape share their matrices. Default `"layer"`: each layer has its own. */
  readonly share: Share;
}

/** The mean energy of the neurons cut into groups of coordinates. */
export interface GroupProjection {
  /** Names the strategy. */
  readonly kind: "group";
  /** C: the number of groups, at most d, the length of a neuron. Where d isn't a multiple of C, the first d mod C groups are one coordinate longer. */
  readonly groups: number;
  /** `false` (default): neighbouring coordinates form a group; `true`: groups are drawn at random, anew at every refresh. */
  readonly shuffle: boolean;
  /** With `shuffle`, groups are drawn anew every so many steps; 0: the first ones stay for ever. Default 1. */
  readonly refresh: number;
}

/**
 * The energy under a projection that a few steps of gradient descent keep close to preserving the angles of all pairs; it is kept
 * from evaluation to evaluation. Lin et al. 2020 (CoMHE), angle-preserving projection.
 */
export interface AnglePreservingProjection {
  /** Names the strategy. */
  readonly kind: "angle-preserving";
  /** k: the number of dimensions that neurons are projected to, the rows of each matrix. Default 30. */
  readonly dimension: number;
  /** C: the number of matrices; the energy is the mean of the energies under them. Default 1. */
  readonly count: number;
  /** How many descent steps on the mismatch each evaluation takes. Default 1. */
  readonly steps: number;
  /** The learning rate η > 0 of the descent steps. Default 0.01. */
  readonly learningRate: number;
  /** What the mismatch compares: angles or cosines. Default `"angle"`. */
  readonly measure: MismatchMeasure;
  /** How the differences of all pairs become one mismatch. Default `"mean"`. */
  readonly form: MismatchForm;
  /** Whether the gradient flows back through the steps. Default `"stopped"`: it takes the projection as given. */
  readonly through: Through;
  /** The matrices before the first step, `[C, k, d]` or `[k, d]`, instead of Gaussian ones drawn by the seed. */
  readonly initial?: MatrixBatch | undefined;
}

/**
 * The energy under a projection that a few steps of gradient ascent move towards the largest energy; it is kept from evaluation to
 * evaluation. Lin et al. 2020 (CoMHE), adversarial projection.
 */
export interface AdversarialProjection {
  /** Names the strategy. */
  readonly kind: "adversarial";
  /** k: the number of dimensions that neurons are projected to, the rows of each matrix. Default 30. */
  readonly dimension: number;
  /** C: the number of matrices; the energy is the mean of the energies under them. Default 1. */
  readonly count: number;
  /** How many ascent steps on the energy each evaluation takes. Default 1. */
  readonly steps: number;
  /** The learning rate η > 0 of the ascent steps. Default 0.01. */
  readonly learningRate: number;
  /** Whether the gradient flows back through the steps. Default `"stopped"`: it takes the projection as given. */
  readonly through: Through;
  /** The space, full or half, of the energy that the steps ascend. Default: the space of the energy itself. */
  readonly ascentSpace?: Space | undefined;
  /** The matrices before the first step, `[C, k, d]` or `[k, d]`, instead of Gaussian ones drawn by the seed. */
  readonly initial?: MatrixBatch | undefined;
}

/**
 * The mean of two energies: that of the rows of W·P₁ᵀ, N points in ℝʳ, and that of the rows of P₂ᵀ·W, r points in ℝᵈ. Lin et al.
 * 2020 (CoMHE), bilateral projection. See {@link bilateralFactors}.
 */
export interface BilateralProjection {
  /** Names the strategy. */
  readonly kind: "bilateral";
  /** r ≥ 1: the rank that the weights are projected to. It has no default. */
  readonly rank: number;
  /** New matrices are drawn every so many steps; 0: the first ones stay for ever. Default 1. */
  readonly refresh: number;
  /** The matrix P₁, `[r, d]`; given together with `left`, or not at all. Default: Gaussian, drawn by the seed. */
  readonly right?: MatrixBatch | undefined;
  /** The matrix P₂, `[N, r]`; given together with `right`, or not at all. Default: Gaussian, drawn by the seed. */
  readonly left?: MatrixBatch | undefined;
}

/**
 * The energy in the subspace in which the neurons' directions lie most: that of their first right singular vectors (principal component
 * analysis). Not from the paper.
 */
export interface PcaProjection {
  /** Names the strategy. */
  readonly kind: "pca";
  /** k: the number of singular vectors, at most the smaller of N and d. Default 30. */
  readonly dimension: number;
  /** The vectors are found anew every so many steps; 0: the first ones stay for ever. Default 1. */
  readonly refresh: number;
}

/**
 * What stands between the neurons and their energy: the strategies that are built in, each told by its `kind`. A strategy of your own is
 * a {@link Projection}.
 */
export type ProjectionConfig =
  | NoProjection
  | FixedProjection
  | RandomProjection
  | GroupProjection
  | AnglePreservingProjection
  | AdversarialProjection
  | BilateralProjection
  | PcaProjection;
