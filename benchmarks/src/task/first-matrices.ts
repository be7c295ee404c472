/** The matrices our first step draws, for peers that are to compute the same. */
import { createProgram } from "@comhe/core";
import type { Task, TaskLayer } from "./task.js";

export interface Matrices {
  readonly data: Float32Array;
  /** `[C, k, d]` */
  readonly shape: readonly number[];
}

/** `undefined` where the layer isn't projected. */
export function firstMatrices({ seed }: Task, { spec, name, count, dim, data }: TaskLayer): Matrices | undefined {
  if (spec.projection.kind === "none") return undefined;
  const prepared = createProgram(spec, { seed, name }).prepare({ count, dim, rows: () => data });
  const { data: entries, shape } = prepared.arrays.matrices!;
  return { data: Float32Array.from(entries), shape };
}
