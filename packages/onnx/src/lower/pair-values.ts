/**
 * Σ ψ over the pairs of each batch entry, for energies without their gradient: the blocks of `pair-sums.ts`, of which each takes one product
 * in place of three.
 */
import type { PairSpec } from "@comhe/core";
import { pairTerms, type TensorDirections, type TensorPrimitives, termsAtZero } from "@comhe/core/tensor-backend";
import type { GraphBuilder } from "../graph/graph-builder.js";
import { unknown, type Value } from "../graph/value.js";
import { eachEntry, inTiles } from "./batch-entries.js";
import { asBatch, gemm } from "./batched-product.js";
import { toDouble } from "./casts.js";
import { farPairs } from "./far-terms.js";
import { type Context, halfOfSquare, isAbove, scaled, total } from "./pair-context.js";
import { pairsWithPadding, rowBlocks } from "./row-blocks.js";
import { wideChords } from "./wide-chords.js";

/** `[batch]`, in float64. */
export function pairValues(
  graph: GraphBuilder,
  p: TensorPrimitives<Value>,
  { unit, normEpsilon }: TensorDirections<Value>,
  pair: PairSpec,
): Value {
  const context: Context = { graph, p, pair, normEpsilon };
  const [sum] = inTiles(
    context,
    unit,
    (x, mask) => [squareValues(context, x, mask)],
    (x) => [blockValues(context, x)],
  );
  return sum!;
}

/** All rows of a batch against all. */
function squareValues(context: Context, x: Value, mask: Value): Value {
  const { graph, p, pair, normEpsilon } = context;
  const cosine = p.mul(p.matmul(x, x, false, true), mask);
  const far = farPairs(p, pair, cosine);
  const rows = (value: Value) => [p.sum(p.mul(value, mask), 2)];
  const [sums] = graph.branch(
    isAbove(context, far.closeness, far.limit),
    () => {
      const chords = wideChords(graph, x, x, normEpsilon, (wide) =>
        graph.node("Mul", [wide, toDouble(graph, mask)], wide),
      );
      return rows(pairTerms(p, pair, cosine, chords).value);
    },
    () => {
      const { value, valueTimes } = far.terms();
      return rows(scaled(p, value, valueTimes));
    },
  );
  return halfOfSquare(context, sums!);
}

/** Each block of rows with itself, then with all rows behind it. */
function blockValues(context: Context, x: Value): Value {
  const { graph, pair } = context;
  const { blocks, rows, all, height, padded, stack, mask, integer, double, part } = rowBlocks(context, x);
  const [within] = eachEntry(context, stack, blocks, (block) => [squareValues(context, block, mask)]);
  const { carried } = graph.loop(
    integer("Sub", blocks, graph.scalar(1, "int64")),
    [{ value: graph.scalar(0, "double"), shape: [] }],
    (turn, [sum]) => {
      const start = integer("Mul", turn, rows);
      const end = integer("Add", start, rows);
      const values = tileValues(context, part(padded, start, end, height), part(padded, end, all, unknown));
      return { carried: [double("Add", sum!, total(context, values))], stacked: [] };
    },
  );
  const excess = double("Mul", pairsWithPadding(context, x, all), graph.scalar(termsAtZero(pair).value, "double"));
  const counted = double("Add", total(context, within!), carried[0]!);
  return asBatch(graph, double("Sub", counted, excess));
}

/** Σ ψ of each of the rows `own` with the rows `behind` them, `[B, 1]`. */
function tileValues(context: Context, own: Value, behind: Value): Value {
  const { graph, p, pair, normEpsilon } = context;
  const cosine = gemm(graph, own, behind, { transposeB: true });
  const far = farPairs(p, pair, cosine);
  const [values] = graph.branch(
    isAbove(context, far.closeness, far.limit),
    () => [p.sum(pairTerms(p, pair, cosine, wideChords(graph, own, behind, normEpsilon)).value, 1)],
    () => {
      const { value, valueTimes } = far.terms();
      return [scaled(p, p.sum(value, 1), valueTimes)];
    },
  );
  return values!;
}
