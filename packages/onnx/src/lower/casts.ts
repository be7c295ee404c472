/** Between float32, in which tiles are, and float64, in which totals are. */
import type { GraphBuilder } from "../graph/graph-builder.js";
import type { Value } from "../graph/value.js";

export function toFloat(graph: GraphBuilder, value: Value): Value {
  return graph.node("Cast", [value], { type: "float", shape: value.shape }, { to: { int: 1 } });
}

export function toDouble(graph: GraphBuilder, value: Value): Value {
  return graph.node("Cast", [value], { type: "double", shape: value.shape }, { to: { int: 11 } });
}
