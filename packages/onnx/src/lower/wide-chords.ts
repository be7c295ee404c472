/**
 * Squared chords of a tile with near pairs, in float64. 2 − 2c of float32 is off by 1e-7, which is all there is between
 * close rows. For unit rows (ε = 0) it is ‖x_i ∓ x_j‖² of the rows as they are stored, whose lengths are 1 up to rounding;
 * with ε > 0 rows are shorter, and it is 2 ∓ 2c.
 */
import type { HalfChords } from "@comhe/core/tensor-backend";
import type { GraphBuilder } from "../graph/graph-builder.js";
import { broadcast, type Value } from "../graph/value.js";
import { toDouble, toFloat } from "./casts.js";

/**
 * @param rows `[…, r, d]`
 * @param columns `[…, m, d]`
 * @param masked takes the pairs that don't count to c = 0
 */
export function wideChords(
  graph: GraphBuilder,
  rows: Value,
  columns: Value,
  normEpsilon: number,
  masked: (cosine: Value) => Value = (cosine) => cosine,
): HalfChords<Value> {
  const double = (op: string, a: Value, b: Value) =>
    graph.node(op, [a, b], { type: "double", shape: broadcast(a.shape, b.shape) });
  const number = (value: number) => graph.scalar(value, "double");
  const [x, y] = [toDouble(graph, rows), toDouble(graph, columns)];
  const turned = flipped(graph, y);
  const shape = [...x.shape.slice(0, -1), turned.shape.at(-1)!];
  const cosine = masked(graph.node("MatMul", [x, turned], { type: "double", shape }));
  const half = (squares: Value) => double("Mul", squares, number(0.5));
  const length =
    normEpsilon > 0
      ? number(1)
      : double("Add", half(squaredNorms(graph, x)), flipped(graph, half(squaredNorms(graph, y))));
  return {
    t: toFloat(graph, double("Sub", length, cosine)),
    w: toFloat(graph, double("Add", length, cosine)),
  };
}

function flipped(graph: GraphBuilder, of: Value): Value {
  const rank = of.shape.length;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  [axes[rank - 2], axes[rank - 1]] = [rank - 1, rank - 2];
  const shape = axes.map((axis) => of.shape[axis]!);
  return graph.node("Transpose", [of], { type: of.type, shape }, { perm: { ints: axes } });
}

/** `[…, r, 1]`; 1 for a row of zeros, whose pairs count as c = 0. */
function squaredNorms(graph: GraphBuilder, x: Value): Value {
  const last = x.shape.length - 1;
  const outcome = { type: "double", shape: [...x.shape.slice(0, last), 1] } as const;
  const squares = graph.node("Mul", [x, x], x);
  const sums = graph.node("ReduceSum", [squares, graph.integers(last)], outcome);
  const dead = graph.node("Less", [sums, graph.scalar(0.5, "double")], { type: "bool", shape: outcome.shape });
  return graph.node("Add", [sums, toDouble(graph, dead)], outcome);
}
