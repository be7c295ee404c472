/** Columns taken apart into groups and put back; where a column goes is an input of the graph. */
import type { TensorPrimitives } from "@comhe/core/tensor-backend";
import type { GraphBuilder } from "../graph/graph-builder.js";
import type { Value } from "../graph/value.js";

/** `[1, N, d]` → `[C, N, columns]`. */
export function takeColumns(
  graph: GraphBuilder,
  p: TensorPrimitives<Value>,
  array: Value,
  index: Value,
  { batch, padded }: { readonly batch: number; readonly padded: boolean },
): Value {
  const [, rows] = array.shape as [number, number, number];
  const columns = index.shape[0]! / batch;
  const gathered = gather(graph, array, index, padded);
  return p.reshape(p.transpose(p.reshape(gathered, [1, rows, batch, columns]), [2, 1, 0, 3]), [batch, rows, columns]);
}

/** The adjoint, `[C, N, columns]` → `[1, N, d]`: the sum of what each index puts back. */
export function returnColumns(
  graph: GraphBuilder,
  p: TensorPrimitives<Value>,
  array: Value,
  indices: readonly Value[],
  { padded }: { readonly padded: readonly boolean[] },
): Value {
  const [batch, rows, columns] = array.shape as [number, number, number];
  const flat = p.reshape(p.transpose(array, [1, 0, 2]), [1, rows, batch * columns]);
  return indices
    .map((index, layer) => gather(graph, flat, index, padded[layer]!))
    .reduce((total, part) => p.add(total, part));
}

/** A position of −1 counts from the end, where `padded` puts a column of zeros. */
function gather(graph: GraphBuilder, array: Value, index: Value, padded: boolean): Value {
  const [batch, rows, columns] = array.shape as [number, number, number];
  const from = padded
    ? graph.node("Pad", [array, graph.integers(0, 0, 0, 0, 0, 1)], {
        type: "float",
        shape: [batch, rows, columns + 1],
      })
    : array;
  return graph.node(
    "Gather",
    [from, index],
    { type: "float", shape: [batch, rows, index.shape[0]!] },
    { axis: { int: 2 } },
  );
}
