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

/** What a projection needs on the backend at one step. */
export interface Prepared {
  /**
   * Arrays, by name, that are uploaded before `compose`. Return the *same objects* where nothing has changed: adapters that keep uploaded copies
   * recognize them by identity.
   */
  readonly arrays: HostArrays;
  /** Column indices, by name, for `gatherColumns` and `scatterColumns`. They stay on the host. */
  readonly indices?: Readonly<Record<string, Int32Array>>;
  /** A structured random projection, for the backend's `sketch` and `sketchBack`. */
  readonly sketch?: Sketch;
}

/** What {@link Projection.prepare} receives. */
export interface PrepareContext {
  /** N, the number of neurons; all of them, even if the energy is that of a sample. */
  readonly count: number;
  /** d: the length of a neuron. */
  readonly dim: number;
  /** How many steps have ended. */
  readonly step: number;
  /**
   * Gives a stream of random numbers that depends on the seed, the evaluator's name and `refreshIndex` alone: the same on every
   * backend and platform. With share "shape" the name is the neurons' shape, so that layers of one shape draw alike.
   */
  readonly random: (refreshIndex: number, share?: Share) => RandomStream;
  /** Returns the neurons' rows on the host, `[N, d]`. If they are on a device, calling this downloads them. */
  readonly rows: () => FloatArray;
  /** What `prepare` returned the last time; absent at the first time and after a restore. */
  readonly previous:
    | {
        /** What it returned. */
        readonly prepared: Prepared;
        /** The step it was for: the previous one, or this one where the energy alone was asked for before. */
        readonly step: number;
      }
    | undefined;
  /** What `compose` kept at the previous step, or what a saved state contains; absent at the first step, and where nothing was kept. */
  readonly kept: HostArrays | undefined;
}

/** What {@link Projection.compose} works with. */
export interface ComposeContext<A> {
  /** The backend whose operations are composed. */
  readonly backend: Backend<A>;
  /** The neurons, `[1, N, d]`; with `sample` only those that were drawn. */
  readonly rows: A;
  /** How many `rows` there are. */
  readonly count: number;
  /** d: the length of a row. */
  readonly dim: number;
  /** The arrays that `prepare` returned, uploaded, by the same names. */
  readonly arrays: Readonly<Record<string, A>>;
  /** The indices that `prepare` returned; empty where it returned none. */
  readonly indices: Readonly<Record<string, Int32Array>>;
  /** The sketch that `prepare` returned, if any. */
  readonly sketch: Sketch | undefined;
  /** Space and separation floor of the spec. {@link at} decides what is computed from rows: a potential of pairs, or an objective. */
  readonly pair: Pick<PairSpec, "space" | "separationFloor">;
  /**
   * `pairwise(directions(rows))` with the spec's ε and potential, or the spec's objective. Gradients are with respect to
   * `rows`. With an objective `saved` is `undefined`: it has no Hessian product.
   */
  at(rows: A, space?: PairSpec["space"]): PairwiseResult<A>;
  /** The energies of {@link at} alone, `[C]`, at a third of the cost where the energy is one of pairs. For {@link Projection.composeEnergy}. */
  energyAt(rows: A, space?: PairSpec["space"]): A;
  /** `backend.directions` with the spec's ε. */
  directions(rows: A): Directions<A>;
  /** Uploads an array, or has the backend draw it; an adapter that keeps uploaded copies returns the one of the same object. */
  upload(array: HostArray, name: string): A;
}

/** What {@link Projection.composeEnergy} returns. */
export interface ComposedEnergy<A> {
  /** The energy, `[1]`. */
  readonly energy: A;
}

/** What {@link Projection.compose} returns. */
export interface Composed<A> extends ComposedEnergy<A> {
  /** The gradient of the energy with respect to the rows, `[1, N, d]`. */
  readonly gradient: A;
  /** Arrays, by name, that the next step's `prepare` gets as `kept`; they are part of the evaluator's state. */
  readonly keep?: Readonly<
    Record<
      string,
      {
        /** The array's handle. */
        readonly array: A;
        /** The sizes of its axes. */
        readonly shape: Shape;
      }
    >
  >;
}

/**
 * A projection of your own, in place of a built-in one: an object with these members can be the `projection` of a config. It is
 * code, so such a config can't be stored as JSON.
 */
export interface Projection {
  /** Names the strategy in messages and in saved states, which only a projection of the same kind restores. */
  readonly kind: string;
  /**
   * The part on the host: draws or keeps what this step needs.
   * @throws EnergyError if N and d don't suit the projection
   */
  prepare(context: PrepareContext): Prepared;
  /** The part on the backend: composes the energy and its gradient with respect to the neurons. It must be synchronous. */
  compose<A>(context: ComposeContext<A>): Composed<A>;
  /** Composes the same energy without its gradient. Optional: without it `compose` is used, and its gradient ignored. */
  composeEnergy?<A>(context: ComposeContext<A>): ComposedEnergy<A>;
}
