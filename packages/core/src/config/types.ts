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

/** A validated energy: every default filled in. Made by `defineEnergy`. */
export interface EnergySpec<P extends ProjectionConfig | Projection = ProjectionConfig | Projection> {
  readonly potential: Potential;
  readonly space: Space;
  readonly projection: P;
  /** δ ≥ 0, a chord: pairs closer than this continue along the tangent. */
  readonly separationFloor: number;
  /** ε ≥ 0 of ρ_i = √(‖w_i‖² + ε). */
  readonly normEpsilon: number;
}

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

/** What a user writes. */
export interface EnergyConfig {
  readonly potential?: PotentialInput | undefined;
  readonly space?: Space | undefined;
  readonly projection?: ProjectionInput | undefined;
  readonly separationFloor?: number | undefined;
  readonly normEpsilon?: number | undefined;
}
