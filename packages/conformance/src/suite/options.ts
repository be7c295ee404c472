/** Options, and their defaults. */
import type { Backend, MaybePromise } from "@comhe/core";

/**
 * Allowed errors, stated without dimension: energies relative to |E| (1 at least for the logarithm), gradients as ρ_i·g_i
 * (ρ_i the row's norm) relative to max(‖ρ·g‖∞, |E|), Hessian products with V likewise to max(‖ρ·H‖∞, |E|·‖V/ρ‖∞).
 */
export interface Tolerance {
  readonly energy: number;
  readonly gradient: number;
  /** Of Hessian products. Default: 5 × `gradient`. */
  readonly product?: number;
  /**
   * Of gradients through inner steps, each of which multiplies the rounding of the one before; energies after such steps
   * get as many times their tolerance. Default: 5 × `gradient`.
   */
  readonly unrolled?: number;
  /** Of anything where two rows are nearer than a chord of 0.1: there 2 − 2c loses digits. Default: 20 × `gradient`. */
  readonly near?: number;
  /**
   * Of anything where two rows are nearer than the separation floor: this much, relative to κ₀ (the slope at the floor)
   * times the weight of a pair, is allowed on top. Default: 8 roundoffs of the backend's precision.
   */
  readonly coincident?: number;
  /** Of linear operations, relative to the largest entry. Default: 32 roundoffs of the backend's precision. */
  readonly linear?: number;
}

/** Something the backend can't do. */
export interface Skip {
  /** Part of a check's or case's name, as reported: `"hadamard"`, `"pairwise: angular s=1"`. */
  readonly what: string;
  /** Printed with the results. */
  readonly why: string;
}

/** Some of the checks, where another run has them all: a second engine under the same operations, a slower device. */
export interface Part {
  /** Of the checks that run, as reported. */
  readonly names: RegExp;
  /** Printed with the results: where the others run. */
  readonly why: string;
}

/** What the author of a backend says about it. */
export interface ConformanceOptions<A> {
  /** The backend's, in the report. */
  readonly name: string;
  /** A backend of its own at each call; called three times. */
  readonly create: () => MaybePromise<Backend<A>>;
  readonly tolerance: Tolerance;
  /** Whether the large shape takes more than a few seconds: checks get ten minutes instead of one. Default: false. */
  readonly slow?: boolean;
  /** What it can't do; an error where a skip names no case. */
  readonly skip?: readonly Skip[];
  /** Runs these checks only; an error where it names none. {@link oneOfEachKind} is such a part. Default: all. */
  readonly part?: Part | undefined;
  /** How many handles are alive, where the engine counts them: `() => tf.memory().numTensors`. */
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
