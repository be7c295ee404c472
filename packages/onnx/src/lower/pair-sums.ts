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
import { isKnown, unknown, type Value } from "../graph/value.js";
import { lengthOf } from "./axis-length.js";
import { asBatch, asMatrix, gemm } from "./batched-product.js";
import { toDouble, toFloat } from "./casts.js";
import { farPairs } from "./far-terms.js";
import { wideChords } from "./wide-chords.js";

/** Rows of a set that is one tile, at most. */
export const mostOfOneTile = 256;
/** Rows of a block at most: more make products a little faster, and compute more of what symmetry gives. */
const mostRows = 512;
/** Rows of a block at least. */
const leastRows = 64;
/** Entries of a tile, as far as the rows of a block allow: 16 MiB an array. */
export const tileSize = 2 ** 22;

export interface PairSums {
  /** Σ_{i<j} ψ, `[batch]`, in float64. */
  readonly sum: Value;
  /** K X with K_ii = 0, `[batch, N, d]`. */
  readonly onDirections: Value;
}

export interface Context {
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
  const [batch, count] = unit.shape as [number, number, number];
  const oneTile = count <= mostOfOneTile;
  const square = (x: Value) => squareSums(context, x, offDiagonal(context, count));
  if (oneTile && batch * count * count <= tileSize) return square(unit);
  if (batch === 1) return blockSums(context, unit);
  return eachEntry(context, unit, graph.scalar(batch, "int64"), oneTile ? square : (x) => blockSums(context, x));
}

/** One batch entry after the other. */
function eachEntry(context: Context, x: Value, batch: Value, sums: (entry: Value) => PairSums): PairSums {
  const { graph } = context;
  const [entries, count, dim] = x.shape as [number, number, number];
  const { stacked } = graph.loop(
    batch,
    [],
    (turn) => {
      const matrix = graph.node("Gather", [x, turn], { type: "float", shape: [count, dim] }, { axis: { int: 0 } });
      const { sum, onDirections } = sums(asBatch(graph, matrix));
      return { carried: [], stacked: [asScalar(context, sum), asMatrix(graph, onDirections)] };
    },
    entries,
  );
  return { sum: stacked[0]!, onDirections: stacked[1]! };
}

/** All rows of a batch against all, `[b, N, N]` of bounded size. */
function squareSums(context: Context, x: Value, mask: Value): PairSums {
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
  return {
    sum: halfOfSquare(context, rows),
    onDirections: atZero === 0 ? onAll : p.sub(onAll, p.mul(x, p.scalar(atZero))),
  };
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

/** A batch entry's rows in blocks of one height, zero rows behind the last, and what it takes to cut them. */
export interface RowBlocks {
  /** How many blocks, of how many rows, and rows in all, int64. */
  readonly blocks: Value;
  readonly rows: Value;
  readonly all: Value;
  /** Rows of a block, where they are known. */
  readonly height: number;
  /** `[all, d]` */
  readonly padded: Value;
  /** `[blocks, rows, d]` */
  readonly stack: Value;
  /** d, int64. */
  readonly columns: Value;
  /** `[1, rows, rows]`: 0 on the diagonal. */
  readonly mask: Value;
  integer(op: string, ...inputs: readonly Value[]): Value;
  double(op: string, ...inputs: readonly Value[]): Value;
  /** Rows from `start`, or the first, up to `end`. */
  part(of: Value, start: Value | undefined, end: Value, length: number): Value;
  shaped(of: Value, lengths: readonly Value[], shape: readonly number[]): Value;
}

/** Zero rows behind the last make all blocks equal. They add ψ(0) for each of their pairs and nothing to the gradient. */
export function rowBlocks(context: Context, x: Value): RowBlocks {
  const { graph } = context;
  const dim = x.shape[2]!;
  const { blocks, rows, height } = blocksOf(context, x);
  const integer = (op: string, ...inputs: readonly Value[]) => graph.node(op, inputs, { type: "int64", shape: [] });
  const double = (op: string, ...inputs: readonly Value[]) => graph.node(op, inputs, { type: "double", shape: [] });
  const all = integer("Mul", blocks, rows);
  const at = (value: Value) => graph.node("Unsqueeze", [value, graph.integers(0)], { type: "int64", shape: [1] });
  const part = (of: Value, start: Value | undefined, end: Value, length: number) =>
    graph.node("Slice", [of, start ? at(start) : graph.integers(0), at(end), graph.integers(0)], {
      type: of.type,
      shape: [length, of.shape[1]!],
    });
  const shaped = (of: Value, lengths: readonly Value[], shape: readonly number[]) => {
    const whole = graph.node("Concat", lengths.map(at), { type: "int64", shape: [shape.length] }, { axis: { int: 0 } });
    return graph.node("Reshape", [of, whole], { type: of.type, shape });
  };
  const missing = integer("Sub", all, lengthOf(graph, x, 1));
  const padding = graph.node(
    "Concat",
    [graph.integers(0, 0), at(missing), graph.integers(0)],
    { type: "int64", shape: [4] },
    { axis: { int: 0 } },
  );
  const padded = graph.node("Pad", [asMatrix(graph, x), padding], { type: "float", shape: [unknown, dim] });
  const columns = lengthOf(graph, x, 2);
  const mask = isKnown(height) ? offDiagonal(context, height) : openOffDiagonal(context, rows);
  const stack = shaped(padded, [blocks, rows, columns], [unknown, height, dim]);
  return { blocks, rows, all, height, padded, stack, columns, mask, integer, double, part, shaped };
}

/** Rows in blocks, for one batch entry `[1, N, d]` of any number of rows. */
function blockSums(context: Context, x: Value): PairSums {
  const { graph, pair } = context;
  const [, count, dim] = x.shape as [number, number, number];
  const cut = rowBlocks(context, x);
  const { blocks, rows, all, height, padded, stack, columns, mask, integer, double, part, shaped } = cut;
  const one = graph.scalar(1, "int64");
  // Each block with itself; then with all rows behind it, to which its share is carried on.
  const within = eachEntry(context, stack, blocks, (x) => squareSums(context, x, mask));
  const { carried, stacked } = graph.loop(
    integer("Sub", blocks, one),
    [
      { value: graph.scalar(0, "double"), shape: [] },
      { value: shaped(within.onDirections, [all, columns], [unknown, dim]), shape: [unknown, dim] },
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
  const counted = double("Add", total(context, within.sum), carried[0]!);
  return { sum: asBatch(graph, double("Sub", counted, excess)), onDirections: asBatch(graph, real) };
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

/** Pairs of zero rows behind the last with all others and each other. */
export function pairsWithPadding({ graph }: Context, x: Value, all: Value): Value {
  const double = (op: string, a: Value, b: Value) => graph.node(op, [a, b], { type: "double", shape: [] });
  const [n, padded] = [lengthOf(graph, x, 1), all].map((value) => toDouble(graph, value)) as [Value, Value];
  const ordered = (of: Value) => double("Mul", of, double("Sub", of, graph.scalar(1, "double")));
  return double("Mul", graph.scalar(0.5, "double"), double("Sub", ordered(padded), ordered(n)));
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

/** `[1, N, N]`: 0 on the diagonal, 1 elsewhere. */
export function offDiagonal({ graph, p }: Context, count: number): Value {
  return graph.once(`off-diagonal ${count}`, () => apart(p, p.range(count)));
}

/** The same for a number of rows that only a run knows, int64. */
function openOffDiagonal({ graph, p }: Context, count: Value): Value {
  const ends = [graph.scalar(0), toFloat(graph, count), graph.scalar(1)];
  return apart(p, graph.node("Range", ends, { type: "float", shape: [unknown] }));
}

function apart(p: TensorPrimitives<Value>, numbers: Value): Value {
  const length = numbers.shape[0]!;
  const [down, across] = [p.reshape(numbers, [1, length, 1]), p.reshape(numbers, [1, 1, length])];
  return p.less(p.scalar(0.5), p.abs(p.sub(down, across)));
}

export function scaled(p: TensorPrimitives<Value>, value: Value, times: number): Value {
  return times === 1 ? value : p.mul(value, p.scalar(times));
}

export function asScalar({ graph }: Context, value: Value): Value {
  return graph.node("Squeeze", [value], { type: value.type, shape: [] });
}
