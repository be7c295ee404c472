/** What the graphs of pairs are written with, and the small sums that they share. */
import type { PairSpec } from "@comhe/core";
import type { TensorPrimitives } from "@comhe/core/tensor-backend";
import type { GraphBuilder } from "../graph/graph-builder.js";
import type { Value } from "../graph/value.js";
import { toDouble } from "./casts.js";

export interface Context {
  readonly graph: GraphBuilder;
  readonly p: TensorPrimitives<Value>;
  readonly pair: PairSpec;
  readonly normEpsilon: number;
}

/** Σ_{i<j} from the rows' sums of all against all, `[batch, N, 1]`: `[batch]`, in float64. */
export function halfOfSquare({ graph }: Context, rows: Value): Value {
  const total = graph.node(
    "ReduceSum",
    [toDouble(graph, rows), graph.integers(1, 2)],
    { type: "double", shape: [rows.shape[0]!] },
    { keepdims: { int: 0 } },
  );
  return graph.node("Mul", [total, graph.scalar(0.5, "double")], total);
}

/** Σ of all, in float64. */
export function total({ graph }: Context, values: Value): Value {
  const outcome = { type: "double", shape: [] } as const;
  return graph.node("ReduceSum", [toDouble(graph, values)], outcome, { keepdims: { int: 0 } });
}

/** Whether any entry is above the limit, a bool. */
export function isAbove({ graph }: Context, values: Value, limit: number): Value {
  const last = values.shape.length - 1;
  const rows = graph.node(
    "ReduceMax",
    [values],
    { type: "float", shape: [...values.shape.slice(0, last), 1] },
    {
      axes: { ints: [last] },
    },
  );
  const largest = graph.node("ReduceMax", [rows], { type: "float", shape: [] }, { keepdims: { int: 0 } });
  return graph.node("Greater", [largest, graph.scalar(limit)], { type: "bool", shape: [] });
}

export function scaled(p: TensorPrimitives<Value>, value: Value, times: number): Value {
  return times === 1 ? value : p.mul(value, p.scalar(times));
}
