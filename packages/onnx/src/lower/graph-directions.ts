/**
 * Directions with ε > 0, by float64: then near pairs live by 2 − 2c, in which each rounding of a direction counts. Squares
 * of float32 numbers neither overflow nor vanish there, so that rows need no scaling.
 */
import type { TensorDirections } from "@comhe/core/tensor-backend";
import type { GraphBuilder } from "../graph/graph-builder.js";
import type { Value } from "../graph/value.js";
import { toDouble, toFloat } from "./casts.js";

/** x = w/ρ, ρ = √(‖w‖² + ε). */
export function wideDirections(graph: GraphBuilder, rows: Value, normEpsilon: number): TensorDirections<Value> {
  const wide = toDouble(graph, rows);
  const perRow = { type: "double", shape: [...rows.shape.slice(0, 2), 1] } as const;
  const sums = graph.node("ReduceSum", [graph.node("Mul", [wide, wide], wide), graph.integers(2)], perRow);
  const square = graph.node("Add", [sums, graph.scalar(normEpsilon, "double")], perRow);
  const norm = graph.node("Sqrt", [square], perRow);
  return {
    unit: toFloat(graph, graph.node("Div", [wide, norm], wide)),
    inverseNorm: toFloat(graph, graph.node("Reciprocal", [norm], perRow)),
    normEpsilon,
  };
}
