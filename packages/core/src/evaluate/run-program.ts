/** One evaluation of neurons that lie on the host: composed on the backend, and everything wanted read back at once. */
import type { Backend, FloatArray, MaybePromise } from "../backend/backend.js";
import type { Neurons } from "../layout/layout.js";
import type { HostArrays } from "../projection/projection.js";
import { takeRows } from "../sample/sample-rows.js";
import type { EnergyProgram, NeuronSource } from "./program.js";

/** One evaluation, read back to the host. */
export interface ProgramResult {
  /** The energy, without any weight. */
  readonly energy: number;
  /** ∂energy/∂rows: `[N, d]`, or of a sample `[m, d]`, its rows in the order of `rows`. */
  readonly gradient: FloatArray;
  /** Which rows were sampled, in increasing order; the others have no gradient. `undefined`: all rows were taken. */
  readonly rows: Int32Array | undefined;
  /** What {@link EnergyProgram.advance} takes, to end the step. */
  readonly kept: HostArrays | undefined;
}

/**
 * Evaluates a program's step on neurons that lie on the host. Gives a promise exactly where the backend's `download` does. The step
 * isn't ended: that is {@link EnergyProgram.advance}.
 *
 * @throws EnergyError `unsupported`, `coincident-neurons`, and `invalid-shape` or `invalid-config` where N and d don't fit the strategy;
 *   the data itself isn't checked
 */
export function runProgram<A>(
  program: EnergyProgram,
  backend: Backend<A>,
  { data, count, dim }: Neurons,
): MaybePromise<ProgramResult> {
  const rows = program.sample(count);
  return runProgramOn(program, backend, { count, dim, rows: () => data }, rows ? takeRows(data, dim, rows) : data);
}

/**
 * Does what {@link runProgram} does, for a caller who has the rows of this step's sample at hand, and all rows only if a strategy asks for them.
 *
 * @param taken `[N, d]`, or with `sample` the `[m, d]` rows that {@link EnergyProgram.sample} names
 */
export function runProgramOn<A>(
  program: EnergyProgram,
  backend: Backend<A>,
  neurons: NeuronSource,
  taken: FloatArray,
): MaybePromise<ProgramResult> {
  const { count, dim } = neurons;
  const rows = program.sample(count);
  const shape = [1, rows?.length ?? count, dim];
  const composed = backend.scope(() => program.compose(backend, backend.upload(taken, shape, "weights"), neurons));
  const keep = Object.entries(composed.keep ?? {});
  const wanted: Record<string, A> = { energy: composed.energy, gradient: composed.gradient };
  for (const [name, { array }] of keep) wanted[`keep.${name}`] = array;
  const finish = (read: Record<string, FloatArray>): ProgramResult => {
    const kept = keep.map(([name, { shape }]) => [name, { data: read[`keep.${name}`]!, shape }] as const);
    return {
      energy: read.energy![0]!,
      gradient: read.gradient!,
      rows,
      kept: kept.length === 0 ? undefined : Object.fromEntries(kept),
    };
  };
  const read = backend.download(wanted);
  return isPromise(read) ? read.then(finish) : finish(read);
}

/**
 * The energy of a program's step alone, of rows as {@link runProgramOn} takes them. Gives a promise exactly where the backend's
 * `download` does; it ends no step, and keeps nothing.
 *
 * @throws EnergyError as {@link runProgram}
 */
export function runEnergyOn<A>(
  program: EnergyProgram,
  backend: Backend<A>,
  neurons: NeuronSource,
  taken: FloatArray,
): MaybePromise<number> {
  const { count, dim } = neurons;
  const shape = [1, program.sample(count)?.length ?? count, dim];
  const { energy } = backend.scope(() =>
    program.composeEnergy(backend, backend.upload(taken, shape, "weights"), neurons),
  );
  const read = backend.download({ energy });
  const first = (arrays: { readonly energy: FloatArray }) => arrays.energy[0]!;
  return isPromise(read) ? read.then(first) : first(read);
}

function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>>).then === "function";
}
