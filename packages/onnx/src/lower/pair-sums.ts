/**
 * Σ ψ over the pairs of each batch entry, and K X, without a value of size N×N.
 *
 * Few rows are one tile. Many are blocks of rows in a loop of the graph: block i against itself and all rows behind it, the
 * upper triangle, whose tile serves both of its sides. What a block adds to the rows behind it is carried on to them, so the
 * carried array shrinks by a block at each turn and a block's own rows are complete when its turn ends. The size of
 * the graph doesn't depend on N.
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
import { isKnown, unknown, type Value } from "../graph/value.js";
import { asBatch, asMatrix, gemm } from "./batched-product.js";
import { toDouble } from "./casts.js";
import { farPairs } from "./far-terms.js";
import { lengthOf } from "./graph-pairwise.js";
import { wideChords } from "./wide-chords.js";

/** Rows of a block at most, and of a set that is one tile. */
const mostRows = 256;
/** Rows of a block at least. */
const leastRows = 64;
/** Entries of a tile, as far as the rows of a block allow: 8 MiB an array. */
const tileSize = 2 ** 21;

export interface PairSums {
  /** Σ_{i<j} ψ, `[batch]`, in float64. */
  readonly sum: Value;
  /** K X with K_ii = 0, `[batch, N, d]`. */
  readonly onDirections: Value;
}

interface Context {
  readonly graph: GraphBuilder;
  readonly p: TensorPrimitives<Value>;
  readonly pair: PairSpec;
  readonly normEpsilon: number;
}

export function pairSums(
  graph: GraphBuilder,
  p: TensorPrimitives<Value>,
  { unit, normEpsilon }: TensorDirections<Value>,
  pair: PairSpec,
): PairSums {
  const context: Context = { graph, p, pair, normEpsilon };
  const [batch, count, dim] = unit.shape as [number, number, number];
  const oneTile = count <= mostRows;
  if (oneTile && batch * count * count <= tileSize) return squareSums(context, unit);
  if (batch === 1) return blockSums(context, unit);
  const { stacked } = graph.loop(
    graph.scalar(batch, "int64"),
    [],
    (turn) => {
      const matrix = graph.node("Gather", [unit, turn], { type: "float", shape: [count, dim] }, { axis: { int: 0 } });
      const { sum, onDirections } = (oneTile ? squareSums : blockSums)(context, asBatch(graph, matrix));
      return { carried: [], stacked: [asScalar(context, sum), asMatrix(graph, onDirections)] };
    },
    batch,
  );
  return { sum: stacked[0]!, onDirections: stacked[1]! };
}

/** All rows of a batch against all, `[b, N, N]` of bounded size. */
function squareSums(context: Context, x: Value): PairSums {
  const { graph, p, pair, normEpsilon } = context;
  const [batch, count] = x.shape as [number, number, number];
  const mask = offDiagonal(context, count);
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
  const total = graph.node(
    "ReduceSum",
    [toDouble(graph, rows), graph.integers(1, 2)],
    { type: "double", shape: [batch] },
    {
      keepdims: { int: 0 },
    },
  );
  return {
    sum: graph.node("Mul", [total, graph.scalar(0.5, "double")], total),
    onDirections: atZero === 0 ? onAll : p.sub(onAll, p.mul(x, p.scalar(atZero))),
  };
}

/** Rows in blocks, for one batch entry `[1, N, d]` of any number of rows. */
function blockSums(context: Context, x: Value): PairSums {
  const { graph, p, pair } = context;
  const [, count, dim] = x.shape as [number, number, number];
  const { blocks, rows, height } = blocksOf(context, x);
  const integer = (op: string, ...inputs: readonly Value[]) => graph.node(op, inputs, { type: "int64", shape: [] });
  const all = integer("Mul", blocks, rows);
  const at = (value: Value) => graph.node("Unsqueeze", [value, graph.integers(0)], { type: "int64", shape: [1] });
  const part = (of: Value, start: Value | undefined, end: Value, length: number) =>
    graph.node("Slice", [of, start ? at(start) : graph.integers(0), at(end), graph.integers(0)], {
      type: of.type,
      shape: [length, of.shape[1]!],
    });
  // Zero rows behind the last make all blocks equal. They add ψ(0) for each of their pairs and nothing to the gradient.
  const missing = integer("Sub", all, lengthOf(graph, x, 1));
  const padding = graph.node(
    "Concat",
    [graph.integers(0, 0), at(missing), graph.integers(0)],
    { type: "int64", shape: [4] },
    { axis: { int: 0 } },
  );
  const padded = graph.node("Pad", [asMatrix(graph, x), padding], { type: "float", shape: [unknown, dim] });
  const { carried, stacked } = graph.loop(
    blocks,
    [
      { value: graph.scalar(0, "double"), shape: [] },
      { value: p.mul(padded, p.scalar(0)), shape: [unknown, dim] },
    ],
    (turn, [sum, carry]) => {
      const start = integer("Mul", turn, rows);
      const end = integer("Add", start, rows);
      const own = part(padded, start, end, height);
      const behind = part(padded, start, all, unknown);
      const split = (of: Value) => [part(of, undefined, rows, height), part(of, rows, all, unknown)] as const;
      const tile = blockTile(context, own, behind, carry!, split);
      const added = graph.node(
        "ReduceSum",
        [toDouble(graph, tile.values)],
        { type: "double", shape: [] },
        {
          keepdims: { int: 0 },
        },
      );
      return {
        carried: [graph.node("Add", [sum!, added], { type: "double", shape: [] }), tile.carry],
        stacked: [tile.done],
      };
    },
  );
  const whole = graph.node(
    "Concat",
    [at(all), at(lengthOf(graph, x, 2))],
    { type: "int64", shape: [2] },
    { axis: { int: 0 } },
  );
  const joined = graph.node("Reshape", [stacked[0]!, whole], { type: "float", shape: [unknown, dim] });
  const real = part(joined, undefined, lengthOf(graph, x, 1), count);
  const excess = graph.node(
    "Mul",
    [extraPairs(context, x, blocks, rows), graph.scalar(termsAtZero(pair).value, "double")],
    {
      type: "double",
      shape: [],
    },
  );
  const sum = graph.node("Sub", [carried[0]!, excess], { type: "double", shape: [] });
  return { sum: asBatch(graph, sum), onDirections: asBatch(graph, real) };
}

interface BlockTile {
  /** Σ ψ of each row, `[B, 1]`. */
  readonly values: Value;
  /** K X of the block's own rows, complete. */
  readonly done: Value;
  /** What was carried and what this block adds, of the rows behind it. */
  readonly carry: Value;
}

/** Rows `own` against themselves and the rows behind them, `behind`, of which they are the first. */
function blockTile(
  context: Context,
  own: Value,
  behind: Value,
  carry: Value,
  split: (of: Value) => readonly [own: Value, behind: Value],
): BlockTile {
  const { graph, p, pair, normEpsilon } = context;
  const upper = (of: Value) => graph.node("Trilu", [of, graph.scalar(1, "int64")], of, { upper: { int: 1 } });
  const cosine = upper(gemm(graph, own, behind, { transposeB: true }));
  const far = farPairs(p, pair, cosine);
  const masked = termsAtZero(pair).slope === 0 ? (slope: Value) => slope : upper;
  const add = (slope: Value, times: number) => {
    const [first, rest] = split(gemm(graph, slope, own, { transposeA: true, plus: carry, times }));
    return { rest, done: gemm(graph, slope, behind, { plus: first, times }) };
  };
  const [values, done, rest] = graph.branch(
    isAbove(context, far.closeness, far.limit),
    () => {
      const terms = pairTerms(p, pair, cosine, wideChords(graph, own, behind, normEpsilon, upper));
      // Even where ψ′(0) is 0: rounding of the rows' lengths leaves a little.
      const slope = upper(terms.slope);
      const rowSums = p.sum(terms.value, 1);
      if (normEpsilon > 0) {
        const sums = add(slope, 1);
        return [rowSums, sums.done, sums.rest];
      }
      const near = nearPairs(p, pair, cosine);
      const sums = add(p.mul(slope, near.far), 1);
      const nearSlope = p.mul(slope, near.mask);
      const pulls = p.mul(slope, near.signs);
      const onOwn = p.sub(gemm(graph, nearSlope, behind), p.mul(own, p.sum(pulls, 1)));
      const [first, others] = split(
        p.sub(gemm(graph, nearSlope, own, { transposeA: true }), p.mul(behind, p.transpose(p.sum(pulls, 0), [1, 0]))),
      );
      return [rowSums, p.add(sums.done, p.add(onOwn, first)), p.add(sums.rest, others)];
    },
    () => {
      const { value, valueTimes, slope, slopeTimes } = far.terms();
      const sums = add(masked(slope), slopeTimes);
      return [scaled(p, p.sum(value, 1), valueTimes), sums.done, sums.rest];
    },
  ) as [Value, Value, Value];
  return { values, done, carry: rest };
}

/** How many blocks, and of how many rows, int64; `height` is the latter where it is known. */
function blocksOf({ graph }: Context, x: Value): { blocks: Value; rows: Value; height: number } {
  const count = x.shape[1]!;
  if (isKnown(count)) {
    const limit = Math.max(leastRows, Math.min(mostRows, Math.floor(tileSize / count)));
    const blocks = Math.ceil(count / limit);
    const height = Math.ceil(count / blocks);
    return { blocks: graph.scalar(blocks, "int64"), rows: graph.scalar(height, "int64"), height };
  }
  const integer = (op: string, a: Value, b: Value) => graph.node(op, [a, b], { type: "int64", shape: [] });
  const number = (value: number) => graph.scalar(value, "int64");
  const n = lengthOf(graph, x, 1);
  const roundedUp = (by: Value) => integer("Div", integer("Sub", integer("Add", n, by), number(1)), by);
  const limit = integer(
    "Max",
    integer("Min", integer("Div", number(tileSize), n), number(mostRows)),
    number(leastRows),
  );
  const blocks = roundedUp(limit);
  return { blocks, rows: roundedUp(blocks), height: unknown };
}

/** Pairs that blocks count beside those of the neurons, all at c = 0: below their diagonals, and with rows of padding. */
function extraPairs({ graph }: Context, x: Value, blocks: Value, rows: Value): Value {
  const double = (op: string, a: Value, b: Value) => graph.node(op, [a, b], { type: "double", shape: [] });
  const [n, many, height] = [lengthOf(graph, x, 1), blocks, rows].map((value) => toDouble(graph, value)) as [
    Value,
    Value,
    Value,
  ];
  const half = graph.scalar(0.5, "double");
  const one = graph.scalar(1, "double");
  const triangle = (of: Value, next: Value) => double("Mul", half, double("Mul", of, next));
  const visited = double("Mul", double("Mul", height, height), triangle(many, double("Add", many, one)));
  return double("Sub", visited, triangle(n, double("Sub", n, one)));
}

/** Whether any entry is above the limit, a bool. */
function isAbove({ graph }: Context, values: Value, limit: number): Value {
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

/** `[1, N, N]`: 0 on the diagonal, 1 elsewhere. */
function offDiagonal({ graph, p }: Context, count: number): Value {
  return graph.once(`off-diagonal ${count}`, () => {
    const column = p.reshape(p.range(count), [1, count, 1]);
    return p.less(p.scalar(0.5), p.abs(p.sub(column, p.reshape(p.range(count), [1, 1, count]))));
  });
}

function scaled(p: TensorPrimitives<Value>, value: Value, times: number): Value {
  return times === 1 ? value : p.mul(value, p.scalar(times));
}

function asScalar({ graph }: Context, value: Value): Value {
  return graph.node("Squeeze", [value], { type: value.type, shape: [] });
}
