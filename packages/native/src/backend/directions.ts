/** Directions with 1/ρ in float64, which everything that pulls back needs. */
import type { Directions } from "@comhe/core";
import { make, type NativeArray, sizes } from "./arrays.js";
import type { Context } from "./context.js";

export interface NativeDirections extends Directions<NativeArray> {
  /** `[batch·N]`; 0 for a row without direction. */
  readonly inverses: Float64Array;
}

export function directions({ run }: Context, rows: NativeArray, normEpsilon: number): NativeDirections {
  const [batch, count, dim] = sizes(rows);
  const unit = make(rows.shape);
  const inverses = new Float64Array(batch * count);
  run("directions", [batch * count, dim, normEpsilon], rows.data, unit.data, inverses);
  return { unit, normEpsilon, inverses };
}

/** What commands read of a set of rows: batch, rows, columns, ε. */
export function setNumbers({ unit, normEpsilon }: NativeDirections): readonly number[] {
  return [...sizes(unit), normEpsilon];
}
