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
  /** `[batch, N, d]`; x_i = w_i/ρ_i. A zero row has no direction and stays zero. */
  readonly unit: A;
  /** The ε of ρ_i = √(‖w_i‖² + ε) these directions were made with. */
  readonly normEpsilon: number;
}

/** How the angles of two sets are compared. */
export interface MismatchSpec {
  readonly measure: MismatchMeasure;
  readonly form: MismatchForm;
  /** As in {@link PairSpec}: the angle is continued linearly past this chord. */
  readonly separationFloor: number;
}

/** One of the objectives of others, and what it needs. */
export interface ObjectiveTask {
  readonly objective: Objective;
  /** Ignored by objectives of the raw rows, as ε and the floor are. */
  readonly space: Space;
  readonly separationFloor: number;
  readonly normEpsilon: number;
  /** The vector that a power iteration begins with: the same for every call at one step. */
  readonly start: (length: number) => ArrayLike<number>;
  /** Core's own computation of it, in float64, for backends that read their arrays for next to nothing. */
  readonly host?: (rows: FloatArray, shape: Shape) => { readonly value: Float64Array; readonly gradient: Float64Array };
}

/** An objective's value and gradient, as handles. */
export interface ObjectiveResult<A> {
  /** `[batch]` */
  readonly value: A;
  /** `[batch, N, d]`, with respect to the raw rows. */
  readonly gradient: A;
}

/** Whatever a backend needs for the Hessian product of an earlier call. Opaque to core. */
export type Saved = unknown;

/** How {@link Backend.matmul} takes its operands. */
export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Σ_c A_c B_c as a batch of 1, without C products in memory. */
  readonly sumBatch?: boolean;
}

/** What is wanted of the pairs. */
export interface PairwiseOptions {
  /** False: the energy alone. */
  readonly gradient?: boolean | undefined;
}

/** How a set of neurons lies in memory. */
export interface KernelSet {
  /** N */
  readonly count: number;
  /** d */
  readonly dim: number;
  /** `"rows"`: `[N, d]`; `"columns"`: `[d, N]`, as in a Dense kernel of tfjs. */
  readonly neurons: "rows" | "columns";
  readonly normEpsilon: number;
}

/**
 * Energy of a set's numbers; ∂E/∂numbers times `times` ≥ 0 is written into `gradient`, as the numbers lie. Both arrays have N·d numbers, and
 * none of them in common.
 */
export type KernelPairs = (numbers: Float32Array, times: number, gradient: Float32Array) => number;

/** An energy of pairs alone, as a handle. */
export interface PairwiseEnergy<A> {
  /** `[batch]` */
  readonly energy: A;
}

/** An energy of pairs and its gradient, as handles. */
export interface PairwiseResult<A> extends PairwiseEnergy<A> {
  /** `[batch, N, d]`, with respect to the raw rows. */
  readonly gradient: A;
  /** For {@link Backend.pairwiseProduct}. */
  readonly saved: Saved;
}

/** How far the angles of two sets are apart, and the gradient, as handles. */
export interface MismatchResult<A> {
  /** `[batch]` */
  readonly loss: A;
  /** `[batch, N, k]`, with respect to the raw projected rows. */
  readonly gradient: A;
  /** For {@link Backend.mismatchProduct}. */
  readonly saved: Saved;
}

/**
 * What computes: some twenty operations on arrays of its own, of which core composes every energy and projection. `A` is the handle of
 * an array: a tensor, a value in a graph being traced, a texture, a region of WebAssembly memory, or a host array.
 *
 * Every operation but `download` is synchronous: it computes, queues or traces. Arrays are `[batch, rows, columns]`; the batch is 1 or
 * C, and a batch of 1 broadcasts. Energies and weights are `[batch]`. Gradients are with respect to the raw rows. Handles belong to the
 * backend, which frees those made within a `scope`. Host arrays are only read, and must stay as they are until the results are there.
 *
 * `@comhe/conformance` has the tests that a backend passes.
 */
export interface Backend<A> {
  /** Of this contract. */
  readonly specification: "v1";
  /** Short, for messages and tables: `"reference"`, `"tfjs-wasm"`. */
  readonly name: string;
  readonly precision: "float32" | "float64";
  /** Whether `separationFloor: 0` is computed, with an error for a coincidence; `false`: core refuses it. */
  readonly bareFormula: boolean;

  /** Host data to a handle; when tracing a graph this is an input, called `name`, never a constant. */
  upload(data: FloatArray, shape: Shape, name?: string): A;
  /** Reads all at once (one run of a graph) and frees what it read. The arrays it gives belong to the caller. */
  download<R extends Record<string, A>>(arrays: R): MaybePromise<{ [K in keyof R]: FloatArray }>;
  /** Runs `body` and frees what it made and did not return (also inside objects and arrays). */
  scope<R>(body: () => R): R;

  /** A_c B_c for each c, `[C, n, m]` of `[C, n, k]` and `[C, k, m]`; either may be transposed. A batch of 1 broadcasts. */
  matmul(a: A, b: A, options?: MatmulOptions): A;
  /** Σ scale·array, for at least one term; all have one shape, but that a batch of 1 broadcasts. */
  combine(terms: readonly (readonly [scale: number, array: A])[]): A;
  /** Each batch entry times its weight, weights `[batch]`. */
  scaleBatch(array: A, weights: A): A;
  /** Over `[batch]` energies. `weights` `[batch]` is d energy / d energies; `max` takes the first maximum. */
  reduce(energies: A, how: "mean" | "max"): { energy: A; weights: A };
  /**
   * `[1, N, d]` → `[C, N, columns]`: batch entry c, column j is column `index[c·columns + j]`; −1 gives a zero column.
   */
  gatherColumns(array: A, index: Int32Array, columns: number): A;
  /** The adjoint: `[C, N, columns]` → `[1, N, dim]`, adding up. */
  scatterColumns(array: A, index: Int32Array, dim: number): A;

  /**
   * Y_c = W P_cᵀ under a structured projection, `[1, N, d]` → `[C, N, k]`. Fast where the backend computes on the host; without it core
   * makes the matrices dense.
   */
  sketch?(rows: A, sketch: Sketch): A;
  /** The adjoint of `sketch`: Σ_c Y_c P_c, `[C, N, k]` → `[1, N, d]`. Present where `sketch` is. */
  sketchBack?(projected: A, sketch: Sketch): A;

  /**
   * Random matrices `[C, k, d]` from core's stream, bit for bit what core draws on the host. Where the backend can do it faster
   * than core draws and `upload` copies.
   */
  random?(draw: RandomDraw): A;

  /** x_i = w_i/√(‖w_i‖² + ε) for rows of any norm from 1e-30 to 1e30; a zero row stays zero. */
  directions(rows: A, normEpsilon: number): Directions<A>;
  /**
   * The energy alone: the cosines of the pairs i < j, N²d operations, a third of what the gradient takes with it. Callers look at `energy`
   * and nothing else, so that a backend that gives the gradient too is right, and slow.
   */
  pairwise(directions: Directions<A>, pair: PairSpec, options: { readonly gradient: false }): PairwiseEnergy<A>;
  /**
   * Energy of all pairs of each batch entry, and its gradient with respect to the raw rows that `directions` was made of. Keeps no N×N
   * array.
   */
  pairwise(directions: Directions<A>, pair: PairSpec, options?: PairwiseOptions): PairwiseResult<A>;
  /**
   * {@link pairwise} of single sets of one size, read and written where they lie: no handles, no copies, nothing to free. The same numbers, to
   * the last bit. Optional, for backends that compute at once and in place: many small layers, step by step, cost more to call for than to compute.
   */
  pairwiseOfKernel?(set: KernelSet, pair: PairSpec): KernelPairs;
  /** Hessian product of {@link pairwise} with `vector`, shaped as the rows. */
  pairwiseProduct(saved: Saved, vector: A): A;
  /** How far the angles, or cosines, of the projected pairs are from those of the reference, `[1, N, d]` or `[C, N, d]`. */
  mismatch(reference: Directions<A>, projected: Directions<A>, spec: MismatchSpec): MismatchResult<A>;
  /** Hessian product of {@link mismatch} with a change of the projected rows: its share on them, and across on the reference set. */
  mismatchProduct(saved: Saved, vector: A): { rows: A; reference: A };

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
