/** Masks that take a row's pair with itself out of a tile. */
import type { TensorPrimitives } from "@comhe/core/tensor-backend";
import { unknown, type Value } from "../graph/value.js";
import { toFloat } from "./casts.js";
import type { Context } from "./pair-context.js";

/** `[1, N, N]`: 0 on the diagonal, 1 elsewhere. */
export function offDiagonal({ graph, p }: Context, count: number): Value {
  return graph.once(`off-diagonal ${count}`, () => apart(p, p.range(count)));
}

/** The same for a number of rows that only a run knows, int64. */
export function openOffDiagonal({ graph, p }: Context, count: Value): Value {
  const ends = [graph.scalar(0), toFloat(graph, count), graph.scalar(1)];
  return apart(p, graph.node("Range", ends, { type: "float", shape: [unknown] }));
}

function apart(p: TensorPrimitives<Value>, numbers: Value): Value {
  const length = numbers.shape[0]!;
  const [down, across] = [p.reshape(numbers, [1, length, 1]), p.reshape(numbers, [1, 1, length])];
  return p.less(p.scalar(0.5), p.abs(p.sub(down, across)));
}
