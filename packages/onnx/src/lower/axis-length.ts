/** Lengths of axes as values of a graph: a constant where they are known, else what the run finds. */
import type { GraphBuilder } from "../graph/graph-builder.js";
import { isKnown, type Value } from "../graph/value.js";

/** The length of an axis, int64, a scalar. */
export function lengthOf(graph: GraphBuilder, of: Value, axis: number): Value {
  if (isKnown(of.shape[axis]!)) return graph.scalar(of.shape[axis]!, "int64");
  const shape = graph.node("Shape", [of], { type: "int64", shape: [of.shape.length] });
  return graph.node("Gather", [shape, graph.scalar(axis, "int64")], { type: "int64", shape: [] }, { axis: { int: 0 } });
}
