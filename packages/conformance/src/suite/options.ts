/** Options, and their defaults. */
import type { Backend, MaybePromise } from "@comhe/core";

/**
 * The errors that a backend is allowed, against the float64 reference, without dimension.
 */
export interface Tolerance {
  /** The allowed error of energies E, relative to |E|; for logarithmic potentials relative to max(1, |E|). */
  readonly energy: number;
  /** The allowed error of gradients g, taken as ρ_i·g_i with the row's norm ρ_i, relative to max(‖ρ·g‖∞, |E|). */
  readonly gradient: number;
  /** The allowed error of Hessian products H with a vector V, taken as ρ_i·H_i, relative to max(‖ρ·H‖∞, |E|·‖V/ρ‖∞). Default: 5 × `gradient`. */
  readonly product?: number;
  /**
   * The allowed error of gradients through inner steps of a projection, each of which multiplies the rounding of the one before; energies after
   * such steps are allowed as many times their own error. Default: 5 × `gradient`.
   */
  readonly unrolled?: number;
  /** The allowed error where two rows are nearer than a chord of 0.1, where 2 − 2c loses digits. Default: 20 × `gradient`. */
  readonly near?: number;
  /**
   * What is allowed on top where two rows are nearer than the separation floor, relative to κ₀ (the slope at the floor) times the weight of a
   * pair. Default: 8 roundoffs of the backend's precision.
   */
  readonly coincident?: number;
  /** The allowed error of linear operations, relative to the largest entry. Default: 32 roundoffs of the backend's precision. */
  readonly linear?: number;
}

/** Something the backend can't do, so that the cases about it are left out. */
export interface Skip {
  /** Part of the name of a check or a case, as the report has it: `"hadamard"`, `"pairwise: angular s=1"`. */
  readonly what: string;
  /** The reason, which is printed with the results. */
  readonly why: string;
}

/** Some of the checks, where another run has them all: a second engine under the same operations, a slower device. */
export interface Part {
  /** Matches the names of the checks that run, as the report has them. */
  readonly names: RegExp;
  /** Where the other checks run; it is printed with the results. */
  readonly why: string;
}

/** What the author of a backend says about it. */
export interface ConformanceOptions<A> {
  /** The backend's name in the report. */
  readonly name: string;
  /** Makes a new backend at each call. It is called three times. */
  readonly create: () => MaybePromise<Backend<A>>;
  /** The errors that the backend is allowed. */
  readonly tolerance: Tolerance;
  /** Whether the large shape takes more than a few seconds, so that checks get ten minutes instead of one. Default false. */
  readonly slow?: boolean;
  /** What the backend can't do. One that names no case is an error. Default: nothing. */
  readonly skip?: readonly Skip[];
  /** Which checks run, where not all of them do; one that names no check is an error. {@link oneOfEachKind} names such checks. Default: all. */
  readonly part?: Part | undefined;
  /** Counts the handles that are alive, where the engine can: `() => tf.memory().numTensors`. Default: leaks aren't looked for. */
  readonly handles?: () => number;
}

/** {@link Tolerance} with its defaults. */
export interface Tolerances {
  readonly energy: number;
  readonly gradient: number;
  readonly product: number;
  readonly unrolled: number;
  readonly near: number;
  coincident(precision: Precision): number;
  linear(precision: Precision): number;
}

type Precision = Backend<unknown>["precision"];

const roundoff: Record<Precision, number> = { float32: 2 ** -24, float64: 2 ** -53 };

export function withDefaults({
  energy,
  gradient,
  product = 5 * gradient,
  unrolled = 5 * gradient,
  near = 20 * gradient,
  coincident,
  linear,
}: Tolerance): Tolerances {
  return {
    energy,
    gradient,
    product,
    unrolled,
    near,
    coincident: (precision) => coincident ?? 8 * roundoff[precision],
    linear: (precision) => linear ?? 32 * roundoff[precision],
  };
}
