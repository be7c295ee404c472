/**
 * A projection strategy computes the energy of projected neurons. Strategies compose the coarse
 * operations of a backend, chain rule included, and know nothing about the arrays behind the handles.
 *
 * An evaluation has two parts. `prepare` runs on the host: it draws or keeps the arrays that the strategy needs at this
 * step. `compose` runs over the backend: it takes the uploaded arrays and the rows, and returns the energy, its gradient
 * and whatever must be kept for the next step. Any object with these members can be the `projection` of a config.
 */
import type { FloatArray, HostArray, HostArrays, Shape } from "../backend/arrays.js";
import type { Backend, Directions, PairSpec, PairwiseResult } from "../backend/backend.js";
import type { Share } from "../config/projection-types.js";
import type { RandomStream } from "../random/random-stream.js";
import type { Sketch } from "../random/sketch.js";

export type { HostArray, HostArrays } from "../backend/arrays.js";

/** What a strategy needs on the backend at one step. */
export interface Prepared {
  /** Uploaded before `compose`. Return the *same objects* if nothing has changed: uploaded copies are recognized by identity. */
  readonly arrays: HostArrays;
  /** Column indices for `gatherColumns` and `scatterColumns`, which stay on the host. */
  readonly indices?: Readonly<Record<string, Int32Array>>;
  /** A structured random projection, for `project` and `projectBack`. */
  readonly sketch?: Sketch;
}

/** What {@link Projection.prepare} receives. */
export interface PrepareContext {
  /** N, the number of neurons; all of them, even if the energy is that of a sample. */
  readonly count: number;
  /** d, their dimension. */
  readonly dim: number;
  /** Evaluations so far of this evaluator. */
  readonly step: number;
  /**
   * A stream of random numbers that depends on the seed, the stream's name and `refreshIndex` alone: the same on every
   * backend and platform. With share "shape" the name is the neurons' shape, so that layers of one shape draw alike.
   */
  readonly random: (refreshIndex: number, share?: Share) => RandomStream;
  /** The neurons' rows on the host, `[N, d]`. If they are on a device, calling this downloads them. */
  readonly rows: () => FloatArray;
  /** What `prepare` returned at the previous step of this evaluator; absent at the first step and after a restore. */
  readonly previous: { readonly prepared: Prepared; readonly step: number } | undefined;
  /** What `compose` kept at the previous step, or what a saved state contains; absent at the first step. */
  readonly kept: HostArrays | undefined;
}

/** What {@link Projection.compose} works with. */
export interface ComposeContext<A> {
  /** The backend whose operations are composed. */
  readonly backend: Backend<A>;
  /** The neurons, `[1, N, d]`; with `sample` only those that were drawn. */
  readonly rows: A;
  /** The number of `rows`. */
  readonly count: number;
  /** d */
  readonly dim: number;
  /** The prepared arrays, uploaded. */
  readonly arrays: Readonly<Record<string, A>>;
  /** The prepared indices. */
  readonly indices: Readonly<Record<string, Int32Array>>;
  /** The prepared sketch. */
  readonly sketch: Sketch | undefined;
  /** That of the spec. {@link at} decides what is computed from the rows: a potential of pairs, or an objective. */
  readonly pair: Pick<PairSpec, "space" | "separationFloor">;
  /**
   * `pairwise(directions(rows))` with the spec's ε and potential, or the spec's objective. Gradients are with respect to
   * `rows`. With an objective `saved` is `undefined`: it has no Hessian product.
   */
  at(rows: A, space?: PairSpec["space"]): PairwiseResult<A>;
  /** The energies of {@link at} alone, `[C]`, which cost a third. For {@link Projection.composeEnergy}. */
  energyAt(rows: A, space?: PairSpec["space"]): A;
  /** `backend.directions` with the spec's ε. */
  directions(rows: A): Directions<A>;
  /** Uploads an array, or returns the copy of the same object if it was uploaded before. */
  upload(array: HostArray, name: string): A;
}

/** What {@link Projection.composeEnergy} returns. */
export interface ComposedEnergy<A> {
  /** `[1]` */
  readonly energy: A;
}

/** What {@link Projection.compose} returns. */
export interface Composed<A> extends ComposedEnergy<A> {
  /** `[1, N, d]`, with respect to the rows. */
  readonly gradient: A;
  /** Arrays for the next step's `prepare`, with their shapes; part of the evaluator's state. */
  readonly keep?: Readonly<Record<string, { readonly array: A; readonly shape: Shape }>>;
}

/**
 * A projection of your own, in place of a strategy's config: an object with these members can be the `projection` of a config. It is
 * code, so such a config can't be stored as JSON.
 */
export interface Projection {
  /** Names the strategy in messages and in saved states, which only a projection of the same kind restores. */
  readonly kind: string;
  /**
   * The part on the host: draws or keeps what this step needs.
   * @throws EnergyError if N and d don't suit the strategy.
   */
  prepare(context: PrepareContext): Prepared;
  /** The part on the backend: the energy and its gradient with respect to the neurons, from the prepared arrays. Must be synchronous. */
  compose<A>(context: ComposeContext<A>): Composed<A>;
  /** The same energy without its gradient. Optional: without it `compose` is used, and its gradient ignored. */
  composeEnergy?<A>(context: ComposeContext<A>): ComposedEnergy<A>;
}
