/**
 * Σ ψ over the pairs of each batch entry, and K X, without a value of size N×N.
 *
 * Few rows are one tile. Many are blocks of rows: each with itself, then, in a loop of the graph, block i with all rows
 * behind it, the upper triangle, whose tile serves both of its sides. What a block adds to the rows behind it is carried on to
 * them, so the carried array shrinks by a block at each turn and a block's own rows are complete when its turn ends. The size
 * of the graph doesn't depend on N.
 *
 * In most tiles no pair is near, which a branch of the graph decides by the tile's largest cosine. Then the terms are bare
 * (`far-terms.ts`); else they are core's, clamped, and near pairs pull along differences.
 */
import type { PairSpec } from "@comhe/core";
import {
  nearPairs,
  pairTerms,
  type TensorDirections,
  type TensorPrimitives,
  termsAtZero,
} from "@comhe/core/tensor-backend";
import type { GraphBuilder } from "../graph/graph-builder.js";
import { unknown, type Value } from "../graph/value.js";
import { lengthOf } from "./axis-length.js";
import { eachEntry, inTiles, type Outcome } from "./batch-entries.js";
import { asBatch, gemm } from "./batched-product.js";
import { toDouble } from "./casts.js";
import { farPairs } from "./far-terms.js";
import { type Context, halfOfSquare, isAbove, scaled, total } from "./pair-context.js";
import { pairsWithPadding, rowBlocks } from "./row-blocks.js";
import { wideChords } from "./wide-chords.js";

export interface PairSums {
  /** Σ_{i<j} ψ, `[batch]`, in float64. */
  readonly sum: Value;
  /** K X with K_ii = 0, `[batch, N, d]`. */
  readonly onDirections: Value;
}

export function pairSums(
  graph: GraphBuilder,
  p: TensorPrimitives<Value>,
  { unit, normEpsilon }: TensorDirections<Value>,
  pair: PairSpec,
): PairSums {
  const context: Context = { graph, p, pair, normEpsilon };
  const [sum, onDirections] = inTiles(
    context,
    unit,
    (x, mask) => squareSums(context, x, mask),
    (x) => blockSums(context, x),
  );
  return { sum: sum!, onDirections: onDirections! };
}

/** All rows of a batch against all, `[b, N, N]` of bounded size. */
function squareSums(context: Context, x: Value, mask: Value): Outcome {
  const { graph, p, pair, normEpsilon } = context;
  const cosine = p.mul(p.matmul(x, x, false, true), mask);
  const far = farPairs(p, pair, cosine);
  const product = (slope: Value) => p.matmul(slope, x, false, false);
  const finish = (value: Value, onDirections: Value) => [p.sum(p.mul(value, mask), 2), onDirections];
  const [rows, onAll] = graph.branch(
    isAbove(context, far.closeness, far.limit),
    () => {
      const chords = wideChords(graph, x, x, normEpsilon, (wide) =>
        graph.node("Mul", [wide, toDouble(graph, mask)], wide),
      );
      const { value, slope } = pairTerms(p, pair, cosine, chords);
      if (normEpsilon > 0) return finish(value, product(slope));
      const near = nearPairs(p, pair, cosine);
      const pulls = p.sum(p.mul(slope, near.signs), 2);
      const onNear = p.sub(product(p.mul(slope, near.mask)), p.mul(x, pulls));
      return finish(value, p.add(product(p.mul(slope, near.far)), onNear));
    },
    () => {
      const { value, valueTimes, slope, slopeTimes } = far.terms();
      return finish(scaled(p, value, valueTimes), scaled(p, product(slope), slopeTimes));
    },
  ) as [Value, Value];
  const atZero = termsAtZero(pair).slope;
  return [halfOfSquare(context, rows), atZero === 0 ? onAll : p.sub(onAll, p.mul(x, p.scalar(atZero)))];
}

/** Rows in blocks, for one batch entry `[1, N, d]` of any number of rows. */
function blockSums(context: Context, x: Value): Outcome {
  const { graph, pair } = context;
  const [, count, dim] = x.shape as [number, number, number];
  const cut = rowBlocks(context, x);
  const { blocks, rows, all, height, padded, stack, columns, mask, integer, double, part, shaped } = cut;
  const one = graph.scalar(1, "int64");
  // Each block with itself; then with all rows behind it, to which its share is carried on.
  const [sumWithin, onWithin] = eachEntry(context, stack, blocks, (block) => squareSums(context, block, mask));
  const { carried, stacked } = graph.loop(
    integer("Sub", blocks, one),
    [
      { value: graph.scalar(0, "double"), shape: [] },
      { value: shaped(onWithin!, [all, columns], [unknown, dim]), shape: [unknown, dim] },
    ],
    (turn, [sum, carry]) => {
      const start = integer("Mul", turn, rows);
      const end = integer("Add", start, rows);
      const own = part(padded, start, end, height);
      const behind = part(padded, end, all, unknown);
      const tile = blockTile(
        context,
        own,
        behind,
        part(carry!, undefined, rows, height),
        part(carry!, rows, all, unknown),
      );
      return { carried: [double("Add", sum!, total(context, tile.values)), tile.onBehind], stacked: [tile.onOwn] };
    },
  );
  const before = shaped(stacked[0]!, [integer("Sub", all, rows), columns], [unknown, dim]);
  const joined = graph.node(
    "Concat",
    [before, carried[1]!],
    { type: "float", shape: [unknown, dim] },
    { axis: { int: 0 } },
  );
  const real = part(joined, undefined, lengthOf(graph, x, 1), count);
  const excess = double("Mul", pairsWithPadding(context, x, all), graph.scalar(termsAtZero(pair).value, "double"));
  const counted = double("Add", total(context, sumWithin!), carried[0]!);
  return [asBatch(graph, double("Sub", counted, excess)), asBatch(graph, real)];
}

interface BlockTile {
  /** Σ ψ of each row, `[B, 1]`. */
  readonly values: Value;
  /** What was there of K X and what this tile adds, of its rows. */
  readonly onOwn: Value;
  /** The same of the rows behind them. */
  readonly onBehind: Value;
}

/** Rows `own` against the rows behind them, `behind`. */
function blockTile(context: Context, own: Value, behind: Value, ownBefore: Value, behindBefore: Value): BlockTile {
  const { graph, p, pair, normEpsilon } = context;
  const cosine = gemm(graph, own, behind, { transposeB: true });
  const far = farPairs(p, pair, cosine);
  const add = (slope: Value, times: number) => ({
    onOwn: gemm(graph, slope, behind, { plus: ownBefore, times }),
    onBehind: gemm(graph, slope, own, { transposeA: true, plus: behindBefore, times }),
  });
  const [values, onOwn, onBehind] = graph.branch(
    isAbove(context, far.closeness, far.limit),
    () => {
      const { value, slope } = pairTerms(p, pair, cosine, wideChords(graph, own, behind, normEpsilon));
      const rowSums = p.sum(value, 1);
      if (normEpsilon > 0) {
        const sums = add(slope, 1);
        return [rowSums, sums.onOwn, sums.onBehind];
      }
      const near = nearPairs(p, pair, cosine);
      const sums = add(p.mul(slope, near.far), 1);
      const nearSlope = p.mul(slope, near.mask);
      const pulls = p.mul(slope, near.signs);
      const nearOwn = p.sub(gemm(graph, nearSlope, behind), p.mul(own, p.sum(pulls, 1)));
      const pullsBehind = p.transpose(p.sum(pulls, 0), [1, 0]);
      const nearBehind = p.sub(gemm(graph, nearSlope, own, { transposeA: true }), p.mul(behind, pullsBehind));
      return [rowSums, p.add(sums.onOwn, nearOwn), p.add(sums.onBehind, nearBehind)];
    },
    () => {
      const { value, valueTimes, slope, slopeTimes } = far.terms();
      const sums = add(slope, slopeTimes);
      return [scaled(p, p.sum(value, 1), valueTimes), sums.onOwn, sums.onBehind];
    },
  ) as [Value, Value, Value];
  return { values, onOwn, onBehind };
}
