/**
 * The mathematics as data: what `defineEnergy` takes and returns. Everything here survives a round trip through JSON,
 * except a projection of your own.
 */
import type { Projection } from "../projection/projection.js";

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

/** What every validated energy has. */
export interface CommonSpec<P extends ProjectionConfig | Projection> {
  readonly space: Space;
  readonly projection: P;
  /** δ ≥ 0, a chord: pairs closer than this continue along the tangent of the potential. */
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

/** `T`, of which the keys `K` may be left out: they have defaults. */
export type Optional<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]?: T[P] | undefined };

/** A {@link Potential} as users write it; `distance` may be left out. */
export type PotentialInput = Optional<RieszPotential, "distance"> | GaussianPotential;

/** A projection as users write it: a strategy by its `kind`, keys with a default left out at will, or an object of one's own. */
export type ProjectionInput =
  | NoProjection
  | Optional<FixedProjection, "reduce">
  | Optional<RandomProjection, "dimension" | "count" | "distribution" | "refresh" | "reduce" | "share">
  | Optional<GroupProjection, "shuffle" | "refresh">
  | Optional<
      AnglePreservingProjection,
      "dimension" | "count" | "steps" | "learningRate" | "measure" | "form" | "through"
    >
  | Optional<AdversarialProjection, "dimension" | "count" | "steps" | "learningRate" | "through">
  | Optional<BilateralProjection, "refresh">
  | Optional<PcaProjection, "dimension" | "refresh">
  | Projection;

/** An {@link Objective} as users write it; keys with a default may be left out. */
export type ObjectiveInput =
  | Optional<OrthogonalityObjective, "side">
  | Optional<CoherenceObjective, "norm">
  | Optional<RestrictedIsometryObjective, "side" | "estimate" | "iterations" | "squared">
  | Optional<MaximumSeparationObjective, "distance">
  | Optional<GramDeterminantObjective, "gamma" | "ridge">
  | Optional<UniformityObjective, "t">;

/** What a user writes: everything may be left out. `defineEnergy` checks it and fills in the defaults. */
export interface EnergyConfig {
  /** Default `{ kind: "riesz", s: 2, distance: "chordal" }`. */
  readonly potential?: PotentialInput | undefined;
  /** Instead of a potential. */
  readonly objective?: ObjectiveInput | undefined;
  /** Default `"full"`. */
  readonly space?: Space | undefined;
  /** Default `{ kind: "none" }`. */
  readonly projection?: ProjectionInput | undefined;
  /**
   * δ, a chord from 0 to 1: pairs closer than this continue along the tangent of the potential, so that energy and gradient stay
   * finite. 0: the bare formula, and an error that names two coincident neurons. Default 0.01.
   */
  readonly separationFloor?: number | undefined;
  /** ε ≥ 0 of ρ_i = √(‖w_i‖² + ε), by which neurons are divided. Default 0; the authors' code has 1e-4. */
  readonly normEpsilon?: number | undefined;
  /** m ≥ 2: every evaluation takes m of the N rows, drawn anew, and estimates the energy of all without bias. Default: all rows. */
  readonly sample?: number | undefined;
}
