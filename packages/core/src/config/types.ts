/**
 * The mathematics as data: what `defineEnergy` takes and returns. Everything here survives a round trip through JSON,
 * except a projection of your own.
 */
import type { Projection } from "../projection/projection.js";
import type {
  CoherenceObjective,
  GramDeterminantObjective,
  MaximumSeparationObjective,
  Objective,
  OrthogonalityObjective,
  RestrictedIsometryObjective,
  UniformityObjective,
} from "./objective-types.js";
import type { Potential, RieszPotential, Space } from "./potential-types.js";
import type {
  AdversarialProjection,
  AnglePreservingProjection,
  BilateralProjection,
  FixedProjection,
  GroupProjection,
  NoProjection,
  PcaProjection,
  ProjectionConfig,
  RandomProjection,
} from "./projection-types.js";

export type {
  CoherenceObjective,
  GramDeterminantObjective,
  MaximumSeparationObjective,
  Objective,
  OrthogonalityObjective,
  RestrictedIsometryObjective,
  UniformityObjective,
} from "./objective-types.js";
export type { FramePotential, GaussianPotential, Potential, RieszPotential, Space } from "./potential-types.js";
export type {
  AdversarialProjection,
  AnglePreservingProjection,
  BilateralProjection,
  FixedProjection,
  GroupProjection,
  MatrixBatch,
  MismatchForm,
  MismatchMeasure,
  NoProjection,
  PcaProjection,
  ProjectionConfig,
  RandomDistribution,
  RandomProjection,
  Reduce,
  Share,
  Through,
} from "./projection-types.js";

/** What every validated energy has, whether it is one of pairs or an objective of another paper. */
export interface CommonSpec<P extends ProjectionConfig | Projection> {
  /** Whether neurons stand for points (`full`) or for lines through the origin (`half`). */
  readonly space: Space;
  /** What stands between the neurons and their energy. */
  readonly projection: P;
  /** δ, a chord from 0 to 1: pairs closer than this continue along the tangent of the potential, so that energies stay finite. */
  readonly separationFloor: number;
  /** ε ≥ 0 of ρ_i = √(‖w_i‖² + ε), by which each neuron w_i is divided to give its direction. */
  readonly normEpsilon: number;
  /**
   * m ≥ 2: every evaluation takes m of the N rows, drawn anew, and estimates the energy of all without bias. Absent, or at
   * least N: all rows.
   */
  readonly sample?: number | undefined;
}

/** A validated energy of pairs: the mean of a potential over all pairs of neurons. */
export interface PotentialSpec<P extends ProjectionConfig | Projection = ProjectionConfig | Projection>
  extends CommonSpec<P> {
  /** What each pair of neurons adds to the energy. */
  readonly potential: Potential;
  /** Never there: an energy has either a potential or an objective. */
  readonly objective?: undefined;
}

/** A validated objective of another paper, which is minimized in place of an energy of pairs. */
export interface ObjectiveSpec<P extends ProjectionConfig | Projection = ProjectionConfig | Projection>
  extends CommonSpec<P> {
  /** What is computed from the neurons. */
  readonly objective: Objective;
  /** Never there: an energy has either a potential or an objective. */
  readonly potential?: undefined;
}

/** What `defineEnergy` makes: every default filled in. */
export type EnergySpec<P extends ProjectionConfig | Projection = ProjectionConfig | Projection> =
  | PotentialSpec<P>
  | ObjectiveSpec<P>;

/** `T`, of which the keys `K` may be left out: they have defaults. */
export type Optional<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]?: T[P] | undefined };

/** A {@link Potential} as users write it; `distance` may be left out. */
export type PotentialInput = Optional<RieszPotential, "distance"> | Exclude<Potential, RieszPotential>;

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

/** Which energy is meant, as a user writes it: everything may be left out. `defineEnergy` checks it and fills in the defaults. */
export interface EnergyConfig {
  /** What a pair of neurons adds to the energy, as a function of their distance. Default `{ kind: "riesz", s: 2, distance: "chordal" }`. */
  readonly potential?: PotentialInput | undefined;
  /** What another paper minimizes to spread neurons, instead of a potential; not both. */
  readonly objective?: ObjectiveInput | undefined;
  /** Whether neurons stand for points (`full`) or for lines through the origin (`half`). Default `"full"`. */
  readonly space?: Space | undefined;
  /** The projection to few dimensions in which the energy is taken. Default `{ kind: "none" }`: the energy of the neurons themselves. */
  readonly projection?: ProjectionInput | undefined;
  /**
   * δ, a chord from 0 to 1: pairs closer than this continue along the tangent of the potential, so that energy and gradient stay
   * finite. 0: the bare formula, and an error that names two coincident neurons. Default 0.01.
   */
  readonly separationFloor?: number | undefined;
  /** ε ≥ 0 of ρ_i = √(‖w_i‖² + ε), by which each neuron w_i is divided to give its direction. Default 0; the authors' code has 1e-4. */
  readonly normEpsilon?: number | undefined;
  /**
   * m ≥ 2: every evaluation takes m of the N neurons, drawn anew, and estimates the energy of all without bias. Default: all neurons. Not with an
   * objective, nor with the projection `bilateral`.
   */
  readonly sample?: number | undefined;
}
