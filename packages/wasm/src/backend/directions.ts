/** Directions with 1/ρ in float64, which everything that pulls back needs. */
import type { Directions } from "@comhe/core";
import type { WasmArray } from "../memory/arrays.js";
import type { Context } from "./context.js";
import { sizes } from "./linear.js";

export interface WasmDirections extends Directions<WasmArray> {
  /** `[batch·N]`, float64; 0 for a row without direction. */
  readonly inverses: WasmArray;
}

export function directions({ arrays, engine }: Context, rows: WasmArray, normEpsilon: number): WasmDirections {
  const [batch, count, dim] = sizes(rows);
  const unit = arrays.make(rows.shape);
  const inverses = arrays.make([batch * count], 8);
  const fields = { rows: batch * count, dim, from: rows, directions: unit, inverses, epsilon: normEpsilon };
  engine.run("directions", fields, 4 * rows.size);
  return { unit, normEpsilon, inverses };
}
