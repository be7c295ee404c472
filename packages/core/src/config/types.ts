/**
 * The mathematics as data: what `defineEnergy` takes and returns. Everything here survives a round trip through JSON,
 * except a projection of your own.
 */
import type { Projection } from "../projection/projection.js";

/** Riesz potential of the distance between two directions; s = 0 is the logarithmic one. Liu et al. 2018, eq. 1. */
export interface RieszPotential {
  readonly kind: "riesz";
  /** Exponent s ≥ 0. */
  readonly s: number;
  /** `chordal`: ‖x_i − x_j‖; `angular`: the angle in radians. */
  readonly distance: "chordal" | "angular";
}

/** exp(−t·‖x_i − x_j‖²): the potential of Wang & Isola 2020. */
export interface GaussianPotential {
  readonly kind: "gaussian";
  /** t > 0. */
  readonly t: number;
}

export type Potential = RieszPotential | GaussianPotential;

/** `full`: N points. `half`: every neuron stands for its line, so −w_i is there too. */
export type Space = "full" | "half";

export type Reduce = "mean" | "max";

export type RandomDistribution = "gaussian" | "orthogonal" | "rademacher" | "sparse" | "hadamard" | "count-sketch";

/** Whether layers have random matrices of their own, or those of one shape share them (the authors' code). */
export type Share = "layer" | "shape";

/** Whether the gradient takes a projection found by inner steps as given, or flows back through the steps. */
export type Through = "stopped" | "unrolled";

export type MismatchMeasure = "angle" | "cosine";
export type MismatchForm = "mean" | "root";

/** A matrix k×d, or a batch of C of them. `data` is row major, typed or plain. */
export interface MatrixBatch {
  readonly data: readonly number[] | Float32Array | Float64Array;
  readonly shape: readonly [dimension: number, dim: number] | readonly [count: number, dimension: number, dim: number];
}

export interface NoProjection {
  readonly kind: "none";
}

export interface FixedProjection {
  readonly kind: "fixed";
  readonly matrices: MatrixBatch;
  readonly reduce: Reduce;
}

export interface RandomProjection {
  readonly kind: "random";
  /** k, rows of each matrix. */
  readonly dimension: number;
  /** C, matrices. */
  readonly count: number;
  readonly distribution: RandomDistribution;
  /** New matrices every so many steps; 1: every step (the authors' code), 0: never. */
  readonly refresh: number;
  readonly reduce: Reduce;
  readonly share: Share;
}

export interface GroupProjection {
  readonly kind: "group";
  /** C groups of coordinates; the first d mod C are one longer. */
  readonly groups: number;
  /** Contiguous groups, or a new random partition at every refresh. */
  readonly shuffle: boolean;
  /** New partition every so many steps when shuffled; 0: never. */
  readonly refresh: number;
}

export interface AnglePreservingProjection {
  readonly kind: "angle-preserving";
  /** k, rows of each matrix. */
  readonly dimension: number;
  /** C, matrices; the energy is their mean. */
  readonly count: number;
  /** Descent steps on the mismatch at each evaluation. */
  readonly steps: number;
  readonly learningRate: number;
  /** `angle`: the paper; `cosine`: the authors' code. */
  readonly measure: MismatchMeasure;
  /** `mean` of the squared differences over pairs; `root` of their sum, the diagonal included (the authors' code). */
  readonly form: MismatchForm;
  readonly through: Through;
  /** The first projection, instead of a drawn one. */
  readonly initial?: MatrixBatch | undefined;
}

export interface AdversarialProjection {
  readonly kind: "adversarial";
  readonly dimension: number;
  readonly count: number;
  /** Ascent steps on the energy at each evaluation. */
  readonly steps: number;
  readonly learningRate: number;
  readonly through: Through;
  /** Space of the energy that is ascended. Default: the energy's own. */
  readonly ascentSpace?: Space | undefined;
  readonly initial?: MatrixBatch | undefined;
}

export interface BilateralProjection {
  readonly kind: "bilateral";
  /** r */
  readonly rank: number;
  readonly refresh: number;
  /** P₁, r×d, and P₂, N×r, instead of drawn ones. */
  readonly right?: MatrixBatch | undefined;
  readonly left?: MatrixBatch | undefined;
}

export interface PcaProjection {
  readonly kind: "pca";
  /** k, number of right singular vectors of the directions. */
  readonly dimension: number;
  readonly refresh: number;
}

/** The strategies that are data. */
export type ProjectionConfig =
  | NoProjection
  | FixedProjection
  | RandomProjection
  | GroupProjection
  | AnglePreservingProjection
  | AdversarialProjection
  | BilateralProjection
  | PcaProjection;

/**
 * Deviation of the raw rows from orthonormality: `rows` ‖WWᵀ − I‖²_F (SO), `columns` ‖WᵀW − I‖²_F, `double` their sum
 * (DSO). Bansal et al. 2018, sections 3.1 and 3.2.
 */
export interface OrthogonalityObjective {
  readonly kind: "orthogonality";
  readonly side: "rows" | "columns" | "double";
}

/**
 * Mutual coherence. `max`: the largest entry of |WWᵀ − I|; `row-sum`: its largest row sum, the norm induced by ‖·‖_∞
 * (Bansal et al. 2018, section 3.3); `cosine`: the largest |cos| of two neurons, whatever their norms.
 */
export interface CoherenceObjective {
  readonly kind: "coherence";
  readonly norm: "max" | "row-sum" | "cosine";
}

/**
 * Spectral restricted isometry property: σ, the spectral norm of WWᵀ − I (`rows`) or WᵀW − I (`columns`, the authors'
 * code). Bansal et al. 2018, section 3.4.
 */
export interface RestrictedIsometryObjective {
  readonly kind: "restricted-isometry";
  readonly side: "rows" | "columns";
  /** `power`: a few power iterations from a drawn vector, a lower bound of σ; `exact`: an eigenvalue decomposition. */
  readonly estimate: "power" | "exact";
  /** Products with the matrix that the power iteration takes; the gradient flows through them all. */
  readonly iterations: number;
  /** σ² rather than σ, as published. */
  readonly squared: boolean;
}

/**
 * Maximum hyperspherical separation: minus the distance of the two closest neurons, Tammes' problem. Liu et al. 2021;
 * angular: Wang et al. 2020 (MMA), who average over neurons.
 */
export interface MaximumSeparationObjective {
  readonly kind: "maximum-separation";
  readonly distance: "chordal" | "angular";
}

/** Maximum Gram determinant: −log det of the kernel exp(−γ‖x_i − x_j‖²). Liu et al. 2021. */
export interface GramDeterminantObjective {
  readonly kind: "gram-determinant";
  /** γ > 0 */
  readonly gamma: number;
  /** Added to the kernel's diagonal, so that coincident neurons stay finite; 0: the bare formula. */
  readonly ridge: number;
}

/** log of the mean of exp(−t‖x_i − x_j‖²) over pairs. Wang & Isola 2020, eq. 2. */
export interface UniformityObjective {
  readonly kind: "uniformity";
  /** t > 0 */
  readonly t: number;
}

/** What others minimize for the same end, to compare with. It takes the place of the pairwise potential. */
export type Objective =
  | OrthogonalityObjective
  | CoherenceObjective
  | RestrictedIsometryObjective
  | MaximumSeparationObjective
  | GramDeterminantObjective
  | UniformityObjective;

interface CommonSpec<P extends ProjectionConfig | Projection> {
  readonly space: Space;
  readonly projection: P;
  /** δ ≥ 0, a chord: pairs closer than this continue along the tangent. */
  readonly separationFloor: number;
  /** ε ≥ 0 of ρ_i = √(‖w_i‖² + ε). */
  readonly normEpsilon: number;
  /**
   * m ≥ 2: every evaluation takes m of the N rows, drawn anew, and estimates the energy of all without bias. Absent, or at
   * least N: all rows.
   */
  readonly sample?: number | undefined;
}

/** A validated energy of pairs. */
export interface PotentialSpec<P extends ProjectionConfig | Projection = ProjectionConfig | Projection>
  extends CommonSpec<P> {
  readonly potential: Potential;
  readonly objective?: undefined;
}

/** A validated objective of others. */
export interface ObjectiveSpec<P extends ProjectionConfig | Projection = ProjectionConfig | Projection>
  extends CommonSpec<P> {
  readonly objective: Objective;
  readonly potential?: undefined;
}

/** What `defineEnergy` makes: every default filled in. */
export type EnergySpec<P extends ProjectionConfig | Projection = ProjectionConfig | Projection> =
  | PotentialSpec<P>
  | ObjectiveSpec<P>;

/** `T` with every default left out at will, one level deep. */
type Loose<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]?: T[P] | undefined };

export type PotentialInput = Loose<RieszPotential, "distance"> | GaussianPotential;

export type ProjectionInput =
  | NoProjection
  | Loose<FixedProjection, "reduce">
  | Loose<RandomProjection, "dimension" | "count" | "distribution" | "refresh" | "reduce" | "share">
  | Loose<GroupProjection, "shuffle" | "refresh">
  | Loose<AnglePreservingProjection, "dimension" | "count" | "steps" | "learningRate" | "measure" | "form" | "through">
  | Loose<AdversarialProjection, "dimension" | "count" | "steps" | "learningRate" | "through">
  | Loose<BilateralProjection, "refresh">
  | Loose<PcaProjection, "dimension" | "refresh">
  | Projection;

export type ObjectiveInput =
  | Loose<OrthogonalityObjective, "side">
  | Loose<CoherenceObjective, "norm">
  | Loose<RestrictedIsometryObjective, "side" | "estimate" | "iterations" | "squared">
  | Loose<MaximumSeparationObjective, "distance">
  | Loose<GramDeterminantObjective, "gamma" | "ridge">
  | Loose<UniformityObjective, "t">;

/** What a user writes. */
export interface EnergyConfig {
  readonly potential?: PotentialInput | undefined;
  /** Instead of a potential. */
  readonly objective?: ObjectiveInput | undefined;
  readonly space?: Space | undefined;
  readonly projection?: ProjectionInput | undefined;
  readonly separationFloor?: number | undefined;
  readonly normEpsilon?: number | undefined;
  readonly sample?: number | undefined;
}
