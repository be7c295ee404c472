/** One evaluation of neurons that lie on the host: composed on the backend, and everything wanted read back at once. */
import type { Backend, FloatArray, MaybePromise } from "../backend/backend.js";
import type { Neurons } from "../layout/layout.js";
import type { HostArrays } from "../projection/projection.js";
import type { EnergyProgram } from "./program.js";

export interface ProgramResult {
  /** Unweighted. */
  readonly energy: number;
  /** `[N, d]` */
  readonly gradient: FloatArray;
  /** What `advance` takes. */
  readonly kept: HostArrays | undefined;
}

/** A promise exactly where the backend's `download` gives one. The step isn't ended: that is `advance`. */
export function runProgram<A>(
  program: EnergyProgram,
  backend: Backend<A>,
  { data, count, dim }: Neurons,
): MaybePromise<ProgramResult> {
  const composed = backend.scope(() =>
    program.compose(backend, backend.upload(data, [1, count, dim], "weights"), { count, dim, rows: () => data }),
  );
  const keep = Object.entries(composed.keep ?? {});
  const wanted: Record<string, A> = { energy: composed.energy, gradient: composed.gradient };
  for (const [name, { array }] of keep) wanted[`keep.${name}`] = array;
  const finish = (read: Record<string, FloatArray>): ProgramResult => {
    const kept = keep.map(([name, { shape }]) => [name, { data: read[`keep.${name}`]!, shape }] as const);
    return {
      energy: read.energy![0]!,
      gradient: read.gradient!,
      kept: kept.length === 0 ? undefined : Object.fromEntries(kept),
    };
  };
  const read = backend.download(wanted);
  return isPromise(read) ? read.then(finish) : finish(read);
}

function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>>).then === "function";
}
