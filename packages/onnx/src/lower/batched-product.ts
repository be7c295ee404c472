/**
 * Products of batches of matrices. One matrix for all of a batch is one product with the batch in its rows or columns: a
 * single large Gemm, which reads transposed operands as they lie.
 */
import type { TensorPrimitives } from "@comhe/core/tensor-backend";
import type { GraphBuilder } from "../graph/graph-builder.js";
import { isKnown, type Value, wrongShape } from "../graph/value.js";

export interface GemmOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Added to the product. */
  readonly plus?: Value;
  /** What the product is multiplied with. Default 1. */
  readonly times?: number;
}

/** times·A·B + plus, of matrices. */
export function gemm(graph: GraphBuilder, a: Value, b: Value, options: GemmOptions = {}): Value {
  const { transposeA = false, transposeB = false, plus, times = 1 } = options;
  const shape = [a.shape[transposeA ? 1 : 0]!, b.shape[transposeB ? 0 : 1]!];
  return graph.node(
    "Gemm",
    plus ? [a, b, plus] : [a, b],
    { type: "float", shape },
    {
      ...(transposeA && { transA: { int: 1 } }),
      ...(transposeB && { transB: { int: 1 } }),
      ...(times !== 1 && { alpha: { float: times } }),
    },
  );
}

export function batchedProduct(
  graph: GraphBuilder,
  p: TensorPrimitives<Value>,
  a: Value,
  b: Value,
  transposeA: boolean,
  transposeB: boolean,
): Value {
  const [batchA, batchB] = [a.shape[0]!, b.shape[0]!];
  const [rows, inner] = transposeA ? [a.shape[2]!, a.shape[1]!] : [a.shape[1]!, a.shape[2]!];
  const [innerB, columns] = transposeB ? [b.shape[2]!, b.shape[1]!] : [b.shape[1]!, b.shape[2]!];
  if (isKnown(inner) && isKnown(innerB) && inner !== innerB) {
    throw wrongShape("matrices whose inner lengths agree", `${inner} and ${innerB}`);
  }
  if (batchA !== batchB && batchA !== 1 && batchB !== 1) {
    throw wrongShape("batches of one length, or of 1", `${batchA} and ${batchB}`);
  }
  if (batchA === 1 && batchB === 1) {
    return asBatch(graph, gemm(graph, asMatrix(graph, a), asMatrix(graph, b), { transposeA, transposeB }));
  }
  if (batchB === 1 && isKnown(rows)) {
    const upright = transposeA ? p.transpose(a, [0, 2, 1]) : a;
    const below = p.reshape(upright, [batchA * rows, inner]);
    return p.reshape(gemm(graph, below, asMatrix(graph, b), { transposeB }), [batchA, rows, columns]);
  }
  if (batchA === 1 && transposeB && isKnown(columns)) {
    const below = p.reshape(b, [batchB * columns, inner]);
    const beside = gemm(graph, asMatrix(graph, a), below, { transposeA, transposeB });
    return p.transpose(p.reshape(beside, [rows, batchB, columns]), [1, 0, 2]);
  }
  const [left, right] = [transposeA ? p.transpose(a, [0, 2, 1]) : a, transposeB ? p.transpose(b, [0, 2, 1]) : b];
  return graph.node("MatMul", [left, right], { type: "float", shape: [Math.max(batchA, batchB), rows, columns] });
}

/** `[1, …]` → `[…]`. */
export function asMatrix(graph: GraphBuilder, a: Value): Value {
  return graph.node("Squeeze", [a, graph.integers(0)], { type: a.type, shape: a.shape.slice(1) });
}

/** `[…]` → `[1, …]`. */
export function asBatch(graph: GraphBuilder, a: Value): Value {
  return graph.node("Unsqueeze", [a, graph.integers(0)], { type: a.type, shape: [1, ...a.shape] });
}
