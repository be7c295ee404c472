/**
 * The contract every backend fulfils. Strategies are written once, in core, over opaque array handles `A`: a tensor, a
 * value in a graph being traced, a texture, a region of WebAssembly memory, or a host array.
 *
 * Composition (every member but `download`) is synchronous: a backend computes, queues or traces. Arrays are rank 3,
 * `[batch, rows, columns]`; the batch is 1 or C, and a batch of 1 broadcasts. Energies and weights are `[batch]`.
 * Gradients and Hessian products are stated with respect to the *raw* rows, so that each operation can be checked by
 * finite differences on its own and the normalization's derivatives stay inside the backend.
 */

import type { Objective } from "../config/objective-types.js";
import type { Space } from "../config/potential-types.js";
import type { MismatchForm, MismatchMeasure } from "../config/projection-types.js";
import type { RandomDraw } from "../random/random-draw.js";
import type { Sketch } from "../random/sketch.js";
import type { FloatArray, MaybePromise, Shape } from "./arrays.js";
import type { PairSpec } from "./pair-spec.js";
import type { PairStatistics, StatisticsRequest } from "./statistics.js";

export type { FloatArray, MaybePromise, Shape } from "./arrays.js";
export type { PairSpec } from "./pair-spec.js";
export type { CosinesAbout, PairStatistics, SimilarPair, StatisticsRequest } from "./statistics.js";

/** Unit directions of rows, with whatever the backend keeps to pull a gradient back to the raw rows. */
export interface Directions<A> {
  /** The directions x_i = w_i/ρ_i, `[batch, N, d]`. A zero row has no direction and stays zero. */
  readonly unit: A;
  /** The ε of ρ_i = √(‖w_i‖² + ε) that these directions were made with. */
  readonly normEpsilon: number;
}

/** How the angles between neurons are compared before and after a projection. */
export interface MismatchSpec {
  /** What of two neurons is compared: their angle or its cosine. */
  readonly measure: MismatchMeasure;
  /** How the differences of all pairs become one number. */
  readonly form: MismatchForm;
  /** δ, a chord: for pairs closer than this the angle is continued linearly. */
  readonly separationFloor: number;
}

/** An objective of another paper, and what computing it needs. */
export interface ObjectiveTask {
  /** Which objective, with its settings. */
  readonly objective: Objective;
  /** Whether rows stand for points or for lines. Objectives of the raw rows don't look at it. */
  readonly space: Space;
  /** δ, a chord: pairs closer than this are continued along the tangent. Objectives of the raw rows don't look at it. */
  readonly separationFloor: number;
  /** ε ≥ 0 of ρ_i = √(‖w_i‖² + ε). Objectives of the raw rows don't look at it. */
  readonly normEpsilon: number;
  /** Gives the vector, of that length, which a power iteration begins with: the same for every call at one step. */
  readonly start: (length: number) => ArrayLike<number>;
  /** Computes the objective in core, in float64 on the host, for backends that read their arrays back for next to nothing. */
  readonly host?: (
    rows: FloatArray,
    shape: Shape,
  ) => {
    /** The objective of each batch entry, `[batch]`. */
    readonly value: Float64Array;
    /** Its gradient with respect to the raw rows, `[batch, N, d]`. */
    readonly gradient: Float64Array;
  };
}

/** An objective's value and gradient, as handles. */
export interface ObjectiveResult<A> {
  /** The objective of each batch entry, `[batch]`. */
  readonly value: A;
  /** Its gradient with respect to the raw rows, `[batch, N, d]`. */
  readonly gradient: A;
}

/** Whatever a backend needs for the Hessian product of an earlier call. Opaque to core. */
export type Saved = unknown;

/** How {@link Backend.matmul} takes its operands. */
export interface MatmulOptions {
  /** Multiplies by the transpose of each A_c. Default false. */
  readonly transposeA?: boolean;
  /** Multiplies by the transpose of each B_c. Default false. */
  readonly transposeB?: boolean;
  /** Gives the sum Σ_c A_c B_c, as a batch of 1, without C products in memory. Default false. */
  readonly sumBatch?: boolean;
}

/** What {@link Backend.pairwise} is to compute. */
export interface PairwiseOptions {
  /** `false`: the energy alone. Default `true`: the gradient with it. */
  readonly gradient?: boolean | undefined;
}

/** How a set of neurons lies in memory, for {@link Backend.pairwiseOfKernel}. */
export interface KernelSet {
  /** N: the number of neurons. */
  readonly count: number;
  /** d: the length of a neuron. */
  readonly dim: number;
  /** `"rows"`: `[N, d]`; `"columns"`: `[d, N]`, as in a Dense kernel of tfjs. */
  readonly neurons: "rows" | "columns";
  /** ε ≥ 0 of ρ_i = √(‖w_i‖² + ε), by which each neuron w_i is divided to give its direction. */
  readonly normEpsilon: number;
}

/**
 * Returns the energy E of a set of neurons, and writes `times` ≥ 0 times its gradient ∂E/∂numbers into `gradient`, in the order in which the
 * numbers lie. Both arrays have N·d numbers, and must not overlap in memory.
 */
export type KernelPairs = (numbers: Float32Array, times: number, gradient: Float32Array) => number;

/** An energy of pairs without its gradient, as a handle. */
export interface PairwiseEnergy<A> {
  /** The energy of each batch entry, `[batch]`. */
  readonly energy: A;
}

/** An energy of pairs and its gradient, as handles. */
export interface PairwiseResult<A> extends PairwiseEnergy<A> {
  /** The gradient of each entry's energy with respect to the raw rows, `[batch, N, d]`. */
  readonly gradient: A;
  /** What {@link Backend.pairwiseProduct} takes. */
  readonly saved: Saved;
}

/** How far the angles of two sets of neurons are apart, and the gradient of that, as handles. */
export interface MismatchResult<A> {
  /** The mismatch of each batch entry, `[batch]`. */
  readonly loss: A;
  /** Its gradient with respect to the raw projected rows, `[batch, N, k]`. */
  readonly gradient: A;
  /** What {@link Backend.mismatchProduct} takes. */
  readonly saved: Saved;
}

/**
 * What computes: some twenty operations on arrays of its own, of which core composes every energy and projection. `A` is the handle of
 * an array: a tensor, a value in a graph being traced, a texture, a region of WebAssembly memory, or a host array.
 *
 * Every operation is synchronous: it computes, queues or traces. Only what reads results back, `download` and `statistics`, may give a promise,
 * and `dispose`. Arrays are `[batch, rows, columns]`; the batch is 1 or
 * C, and a batch of 1 broadcasts. Energies and weights are `[batch]`. Gradients are with respect to the raw rows. Handles belong to the
 * backend, which frees those made within a `scope`. Host arrays are only read, and must stay as they are until the results are there.
 *
 * `@comhe/conformance` has the tests that a backend passes.
 */
export interface Backend<A> {
  /** The version of this contract. */
  readonly specification: "v1";
  /** A short name for messages and tables: `"reference"`, `"tfjs-wasm"`. */
  readonly name: string;
  /** The precision that it computes in. core gives float64 weights to a float64 backend only. */
  readonly precision: "float32" | "float64";
  /** Whether `separationFloor: 0` is computed, with an error where rows coincide. `false`: core refuses it. */
  readonly bareFormula: boolean;

  /** Makes a handle of host data. When tracing a graph this is an input, called `name`, never a constant. */
  upload(data: FloatArray, shape: Shape, name?: string): A;
  /** Reads all of these arrays at once (one run of a graph) and frees them. The host arrays it gives belong to the caller. */
  download<R extends Record<string, A>>(arrays: R): MaybePromise<{ [K in keyof R]: FloatArray }>;
  /** Runs `body` and frees what it made and did not return (also inside objects and arrays). */
  scope<R>(body: () => R): R;

  /** The products A_c B_c for each c, `[C, n, m]` of `[C, n, k]` and `[C, k, m]`; either may be transposed. A batch of 1 broadcasts. */
  matmul(a: A, b: A, options?: MatmulOptions): A;
  /** The sum of scale·array over the terms, of which there is at least one; all have one shape, but that a batch of 1 broadcasts. */
  combine(terms: readonly (readonly [scale: number, array: A])[]): A;
  /** Each batch entry of the array times its weight; weights are `[batch]`. */
  scaleBatch(array: A, weights: A): A;
  /** Makes one energy of several, `[batch]`: their mean, or the first largest. */
  reduce(
    energies: A,
    how: "mean" | "max",
  ): {
    /** The mean or the largest of the energies, `[1]`. */
    energy: A;
    /** The derivative of that with respect to each energy, `[batch]`. */
    weights: A;
  };
  /**
   * Picks columns, `[1, N, d]` → `[C, N, columns]`: column j of batch entry c is column `index[c·columns + j]` of the array, or zeros where that
   * is −1.
   */
  gatherColumns(array: A, index: Int32Array, columns: number): A;
  /** The adjoint of `gatherColumns`, `[C, N, columns]` → `[1, N, dim]`: adds up the columns that were picked from the same one. */
  scatterColumns(array: A, index: Int32Array, dim: number): A;

  /**
   * Y_c = W P_cᵀ under a structured projection, `[1, N, d]` → `[C, N, k]`. Optional: without it core makes the matrices dense. It is fast where
   * the backend computes on the host.
   */
  sketch?(rows: A, sketch: Sketch): A;
  /** The adjoint of `sketch`: Σ_c Y_c P_c, `[C, N, k]` → `[1, N, d]`. Present where `sketch` is. */
  sketchBack?(projected: A, sketch: Sketch): A;

  /**
   * Random matrices `[C, k, d]` from core's stream, bit for bit what core draws on the host. Optional, for backends that draw faster
   * than core draws and `upload` copies.
   */
  random?(draw: RandomDraw): A;

  /** Directions x_i = w_i/√(‖w_i‖² + ε) of rows of any norm from 1e-30 to 1e30; a zero row stays zero. */
  directions(rows: A, normEpsilon: number): Directions<A>;
  /**
   * The energy alone, from the cosines of the pairs i < j: N²d operations, a third of what energy and gradient take together. Callers look at
   * `energy` and nothing else, so that a backend which computes the gradient as well is right, and slow.
   */
  pairwise(
    directions: Directions<A>,
    pair: PairSpec,
    options: {
      /** `false`: no gradient is wanted. */
      readonly gradient: false;
    },
  ): PairwiseEnergy<A>;
  /**
   * Energy of all pairs of each batch entry, and its gradient with respect to the raw rows that `directions` was made of. Keeps no N×N
   * array.
   */
  pairwise(directions: Directions<A>, pair: PairSpec, options?: PairwiseOptions): PairwiseResult<A>;
  /**
   * Returns a function that computes {@link pairwise} of one set of rows at a time, read and written where it lies in memory: no handles, no
   * copies, nothing to free. The energies are the same to the last bit. Optional, for backends that compute at once and in place: with many small
   * layers, calls cost more than what they compute.
   */
  pairwiseOfKernel?(set: KernelSet, pair: PairSpec): KernelPairs;
  /** The product of the Hessian of {@link pairwise} with `vector`; both are shaped as the rows. */
  pairwiseProduct(saved: Saved, vector: A): A;
  /**
   * How far the angles, or cosines, of the projected pairs, `[C, N, k]`, are from those of the reference, `[1, N, d]` or `[C, N, d]`, with the
   * gradient.
   */
  mismatch(reference: Directions<A>, projected: Directions<A>, spec: MismatchSpec): MismatchResult<A>;
  /** The product of the Hessian of {@link mismatch} with a change `vector` of the projected rows, `[C, N, k]`. */
  mismatchProduct(
    saved: Saved,
    vector: A,
  ): {
    /** The product's share on the projected rows, shaped as they are. */
    rows: A;
    /** The product's share on the reference rows, `[1, N, d]` or `[C, N, d]`. */
    reference: A;
  };

  /**
   * Whether all of a host array's numbers are finite. Optional, and synchronous: for backends that look faster than JavaScript does, since weights
   * and gradients are looked through at every step.
   */
  allFinite?(data: FloatArray): boolean;

  /**
   * An objective that isn't a sum over pairs, of raw rows. Optional: without it core refuses objectives.
   * @throws EnergyError `unsupported` for a kind it doesn't have
   */
  objective?(rows: A, task: ObjectiveTask): ObjectiveResult<A>;

  /**
   * Statistics of all pairs of each batch entry, in one pass over their cosines, without an array of all pairs. Reads its results back, so
   * that it may give a promise as `download` does, and runs `request.tick` now and then. `directions` must stay alive until then.
   *
   * Optional: without it core collects the same from the products of blocks of rows (`pairStatistics`), which costs reading them back.
   */
  statistics?(directions: Directions<A>, request: StatisticsRequest): MaybePromise<readonly PairStatistics[]>;

  /** Frees what the backend itself holds: workers, sessions, caches. */
  dispose?(): MaybePromise<void>;
}
