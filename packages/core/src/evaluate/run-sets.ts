/**
 * Several sets of rows at once. A model has many layers of one shape, and on a small layer what a call costs is more than what it computes:
 * where a step is nothing but the energy of all pairs, the steps of such layers are one call, of a batch.
 */
import type { Backend, FloatArray, KernelPairs, KernelSet, MaybePromise } from "../backend/backend.js";
import type { EnergyProgram } from "./program.js";

/** Energies and gradients of several sets of rows, read back to the host. */
export interface SetsResult {
  /** The energy of each of the B sets, `[B]`, without any weight. */
  readonly energies: FloatArray;
  /** The gradient of each set's energy with respect to its rows, `[B, N, d]`. */
  readonly gradient: FloatArray;
}

/**
 * A name of what each step of the program computes, where that is the energy of the pairs of all rows and nothing else: sets of rows of
 * programs with the same name may be given to {@link runSetsOn} together. `undefined` for every other program.
 */
export function plainPairs({ spec }: EnergyProgram): string | undefined {
  const { projection, potential, space, separationFloor, normEpsilon, sample } = spec;
  // A projection of the user's own may have any name; the bare formula is not for every backend.
  const isPlain = projection.kind === "none" && !("compose" in projection) && sample === undefined;
  if (!isPlain || !potential || separationFloor === 0) return undefined;
  return JSON.stringify([potential, space, separationFloor, normEpsilon]);
}

/**
 * Evaluates the step of a program that {@link plainPairs} has a name for on several sets of rows. Each has the numbers that `runProgramOn`
 * gives for it alone. A promise exactly where the backend's `download` gives one; no step is ended.
 *
 * @param rows the B sets, one after the other: `[B, N, d]`
 * @param shape B, N and d
 */
export function runSetsOn<A>(
  { spec }: EnergyProgram,
  backend: Backend<A>,
  rows: FloatArray,
  shape: readonly [sets: number, count: number, dim: number],
): MaybePromise<SetsResult> {
  const { space, separationFloor, normEpsilon } = spec;
  const { energy, gradient } = backend.scope(() => {
    const directions = backend.directions(backend.upload(rows, shape, "weights"), normEpsilon);
    const pair = { potential: spec.potential!, separationFloor, space };
    // Not `saved`, which would be kept with them.
    const { energy, gradient } = backend.pairwise(directions, pair);
    return { energy, gradient };
  });
  const read = backend.download({ energies: energy, gradient });
  const isPromise = typeof (read as Partial<Promise<unknown>>).then === "function";
  return isPromise ? (read as Promise<SetsResult>) : (read as SetsResult);
}

/**
 * A function that evaluates the step of a program that {@link plainPairs} has a name for on one set of rows at a time, reading and writing it
 * where it lies in memory. `undefined` on a backend without {@link Backend.pairwiseOfKernel}.
 *
 * @param set how many rows the sets have, of which length, and whether they lie as rows or as columns
 */
export function kernelPairs<A>(
  { spec }: EnergyProgram,
  backend: Backend<A>,
  set: Omit<KernelSet, "normEpsilon">,
): KernelPairs | undefined {
  const { space, separationFloor, normEpsilon } = spec;
  return backend.pairwiseOfKernel?.({ ...set, normEpsilon }, { potential: spec.potential!, separationFloor, space });
}
