/**
 * A projection strategy: what stands between the neurons' matrix and the pairwise energy. Strategies compose the coarse
 * operations of a backend, chain rule included, and know nothing of the arrays behind the handles.
 *
 * An evaluation has two halves. `prepare` runs on the host: it draws or keeps the arrays the strategy needs at this
 * step. `compose` runs over the backend: it takes the uploaded arrays and the rows, and returns the energy, its gradient
 * and whatever must be kept for the next step. Any object with this shape can stand as `projection` in a config.
 */
import type { FloatArray, HostArray, HostArrays, Shape } from "../backend/arrays.js";
import type { Backend, Directions, PairSpec, PairwiseResult } from "../backend/backend.js";
import type { Share } from "../config/projection-types.js";
import type { RandomStream } from "../random/random-stream.js";
import type { Sketch } from "../random/sketch.js";

export type { HostArray, HostArrays } from "../backend/arrays.js";

/** What a strategy needs on the backend at one step. */
export interface Prepared {
  /** Uploaded before `compose`. Hand over the *same objects* while nothing changed: callers keep uploads by identity. */
  readonly arrays: HostArrays;
  /** Column indices for `gatherColumns` and `scatterColumns`, which stay on the host. */
  readonly indices?: Readonly<Record<string, Int32Array>>;
  /** A structured random projection, for `project` and `projectBack`. */
  readonly sketch?: Sketch;
}

/** What {@link Projection.prepare} is told. */
export interface PrepareContext {
  /** N, neurons: all, where the energy is of a sample of them. */
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
  /** The neurons' rows on the host, `[N, d]`. Costs a read from the device where they live on one. */
  readonly rows: () => FloatArray;
  /** What `prepare` returned at the previous step of this evaluator; absent at the first step and after a restore. */
  readonly previous: { readonly prepared: Prepared; readonly step: number } | undefined;
  /** What `compose` kept at the previous step, or what a saved state holds; absent at the first step. */
  readonly kept: HostArrays | undefined;
}

/** What {@link Projection.compose} works with. */
export interface ComposeContext<A> {
  /** Whose operations to compose. */
  readonly backend: Backend<A>;
  /** The neurons, `[1, N, d]`; with `sample` those that were drawn. */
  readonly rows: A;
  /** How many `rows` are. */
  readonly count: number;
  /** d */
  readonly dim: number;
  /** The prepared arrays, uploaded. */
  readonly arrays: Readonly<Record<string, A>>;
  /** The prepared indices. */
  readonly indices: Readonly<Record<string, Int32Array>>;
  /** The prepared sketch. */
  readonly sketch: Sketch | undefined;
  /** The spec's. What is computed from rows is `at`'s business: a potential of pairs, or an objective. */
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
  /** Uploads an array, or finds the copy of the same object that is there already. */
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
 * A projection of your own, in place of a strategy's config: an object with these members can stand as `projection` in a config. It is
 * code, so that such a config doesn't survive JSON.
 */
export interface Projection {
  /** Names the strategy in messages and in saved states, which only a projection of the same kind restores. */
  readonly kind: string;
  /**
   * Host half: draws, or keeps, what this step needs.
   * @throws EnergyError where N and d don't fit the strategy.
   */
  prepare(context: PrepareContext): Prepared;
  /** Backend half: the energy and its gradient with respect to the neurons, from the prepared arrays. Must be synchronous. */
  compose<A>(context: ComposeContext<A>): Composed<A>;
  /** The same energy without its gradient. Optional: without it `compose` stands in, whose gradient nobody looks at. */
  composeEnergy?<A>(context: ComposeContext<A>): ComposedEnergy<A>;
}
