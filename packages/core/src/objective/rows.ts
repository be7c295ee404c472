/** What every objective's host function takes and gives. */
import type { ObjectiveTask } from "../backend/backend.js";
import { EnergyError } from "../errors/energy-error.js";

/** One matrix of neurons, float64. */
export interface Rows {
  readonly data: Float64Array;
  readonly count: number;
  readonly dim: number;
}

export interface Result {
  readonly value: number;
  /** With respect to what the function was given: raw rows, or directions. */
  readonly gradient: Float64Array;
}

export type TaskOptions = Pick<ObjectiveTask, "space" | "separationFloor" | "normEpsilon">;

export function transposed({ data, count, dim }: Rows): Rows {
  const result = new Float64Array(data.length);
  for (let i = 0; i < count; i++) for (let k = 0; k < dim; k++) result[k * count + i] = data[i * dim + k]!;
  return { data: result, count: dim, dim: count };
}

/** The objectives that need a matrix of all pairs say so. */
export function checkCount(kind: string, count: number, most: number, cost: string): void {
  if (count <= most) return;
  throw new EnergyError(
    "unsupported",
    `objective "${kind}": expected at most ${most} neurons, since it costs ${cost}; got ${count}. ` +
      "Use another objective, or an energy, whose memory doesn't grow with the pairs.",
    { count, most },
  );
}
