/**
 * How the pairs of a batch are gone through: entries of few rows all at once in one tile, of many rows in blocks, and entries one after the
 * other where one tile of all of them would be too large.
 */
import type { Value } from "../graph/value.js";
import { asBatch, asMatrix } from "./batched-product.js";
import { offDiagonal } from "./masks.js";
import type { Context } from "./pair-context.js";
import { tileSize } from "./row-blocks.js";

/** Rows of a set that is one tile, at most. */
const mostOfOneTile = 256;

/** What a part of a batch gives: `[batch]` or `[batch, N, d]` each. */
export type Outcome = readonly Value[];

/**
 * @param square of all rows of a batch against all, given the mask that takes out the diagonal
 * @param blocks of one batch entry of any number of rows
 */
export function inTiles(
  context: Context,
  x: Value,
  square: (x: Value, mask: Value) => Outcome,
  blocks: (x: Value) => Outcome,
): Outcome {
  const [batch, count] = x.shape as [number, number, number];
  const oneTile = count <= mostOfOneTile;
  const whole = (entries: Value) => square(entries, offDiagonal(context, count));
  if (oneTile && batch * count * count <= tileSize) return whole(x);
  if (batch === 1) return blocks(x);
  return eachEntry(context, x, context.graph.scalar(batch, "int64"), oneTile ? whole : blocks);
}

/** One batch entry after the other. */
export function eachEntry(context: Context, x: Value, batch: Value, of: (entry: Value) => Outcome): Outcome {
  const { graph } = context;
  const [entries, count, dim] = x.shape as [number, number, number];
  const { stacked } = graph.loop(
    batch,
    [],
    (turn) => {
      const matrix = graph.node("Gather", [x, turn], { type: "float", shape: [count, dim] }, { axis: { int: 0 } });
      const outcome = of(asBatch(graph, matrix));
      return {
        carried: [],
        stacked: outcome.map((each) => (each.shape.length === 1 ? asScalar(context, each) : asMatrix(graph, each))),
      };
    },
    entries,
  );
  return stacked;
}

function asScalar({ graph }: Context, value: Value): Value {
  return graph.node("Squeeze", [value], { type: value.type, shape: [] });
}
