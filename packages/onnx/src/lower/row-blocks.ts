/**
 * The rows of a batch entry in blocks of one height, with zero rows behind the last. How many blocks there are doesn't change the size of the
 * graph; lengths may be known when the graph is written or only when it runs.
 */
import { isKnown, unknown, type Value } from "../graph/value.js";
import { lengthOf } from "./axis-length.js";
import { asMatrix } from "./batched-product.js";
import { toDouble } from "./casts.js";
import { offDiagonal, openOffDiagonal } from "./masks.js";
import type { Context } from "./pair-context.js";

/** Rows of a block at most: more make products a little faster, and compute more of what symmetry gives. */
const mostRows = 512;
/** Rows of a block at least. */
const leastRows = 64;
/** Entries of a tile, as far as the rows of a block allow: 16 MiB an array. */
export const tileSize = 2 ** 22;

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
