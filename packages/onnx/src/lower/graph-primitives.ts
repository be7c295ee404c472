/** Tensor primitives that add nodes to a graph; what core lowers from them becomes part of it. */
import { EnergyError, type Shape } from "@comhe/core";
import type { TensorPrimitives } from "@comhe/core/tensor-backend";
import type { GraphBuilder } from "../graph/graph-builder.js";
import { broadcast, isKnown, type Value } from "../graph/value.js";
import { batchedProduct } from "./batched-product.js";

/** Larger arrays of one value are made by a run instead of being stored. */
const largestStored = 1024;

export function graphPrimitives(graph: GraphBuilder): TensorPrimitives<Value> {
  const float = (op: string, inputs: readonly Value[], shape: Shape, attributes = {}) =>
    graph.node(op, inputs, { type: "float", shape }, attributes);
  const unary = (op: string) => (a: Value) => float(op, [a], a.shape);
  const binary = (op: string) => (a: Value, b: Value) =>
    graph.node(op, [a, b], { type: a.type, shape: broadcast(a.shape, b.shape) });
  const scalar = (value: number) => {
    if (isKnown(value)) return graph.scalar(value);
    throw new EnergyError(
      "unsupported",
      "This strategy or objective needs the number of neurons, beyond its mean over pairs: give `count`.",
    );
  };
  const withLength = (shape: Shape, axis: number, length: number) =>
    shape.map((own, at) => (at === axis ? length : own));
  const p: TensorPrimitives<Value> = {
    upload: notWhileLowering,
    download: notWhileLowering,
    scope: (body) => body(),
    shape: (a) => a.shape,
    scalar,
    fill: (shape, value) => {
      const size = shape.reduce((product, length) => product * length, 1);
      if (size <= largestStored) return graph.constant(new Array<number>(size).fill(value), shape);
      return float("Expand", [scalar(value), graph.integers(...shape)], shape);
    },
    range: (length) =>
      graph.once(`range ${length}`, () =>
        length <= largestStored
          ? graph.constant(
              Array.from({ length }, (_, n) => n),
              [length],
            )
          : float("Range", [scalar(0), scalar(length), scalar(1)], [length]),
      ),
    add: binary("Add"),
    sub: binary("Sub"),
    mul: binary("Mul"),
    div: binary("Div"),
    maximum: binary("Max"),
    minimum: binary("Min"),
    abs: unary("Abs"),
    square: (a) => binary("Mul")(a, a),
    sqrt: unary("Sqrt"),
    reciprocal: unary("Reciprocal"),
    exp: unary("Exp"),
    log: unary("Log"),
    atan: unary("Atan"),
    power: (a, exponent) => float("Pow", [a, scalar(exponent)], a.shape),
    less: (a, b) => {
      const shape = broadcast(a.shape, b.shape);
      return float("Cast", [graph.node("Less", [a, b], { type: "bool", shape })], shape, { to: { int: 1 } });
    },
    matmul: (a, b, transposeA, transposeB) => batchedProduct(graph, p, a, b, transposeA, transposeB),
    sum: (a, axis) =>
      graph.node("ReduceSum", [a, graph.integers(axis)], { type: a.type, shape: withLength(a.shape, axis, 1) }),
    max: (a, axis) => float("ReduceMax", [a], withLength(a.shape, axis, 1), { axes: { ints: [axis] } }),
    transpose: (a, permutation) =>
      graph.node(
        "Transpose",
        [a],
        { type: a.type, shape: permutation.map((axis) => a.shape[axis]!) },
        { perm: { ints: permutation } },
      ),
    reshape: (a, shape) => {
      const lengths = shape.map((length) => (isKnown(length) ? length : -1));
      return graph.node("Reshape", [a, graph.integers(...lengths)], { type: a.type, shape });
    },
    slice: (a, axis, start, length) => {
      if (length === a.shape[axis]) return a;
      const [first, last] = [graph.integers(start), graph.integers(start + length)];
      return float("Slice", [a, first, last, graph.integers(axis)], withLength(a.shape, axis, length));
    },
    concat: (parts, axis) => {
      const length = parts.reduce((total, { shape }) => total + shape[axis]!, 0);
      return float("Concat", parts, withLength(parts[0]!.shape, axis, length), { axis: { int: axis } });
    },
    gather: (a, index, axis) =>
      float("Gather", [a, graph.constant(index, [index.length], "int32")], withLength(a.shape, axis, index.length), {
        axis: { int: axis },
      }),
    firstMaximum: (a) => {
      const row = p.reshape(a, [1, a.shape[0]!]);
      return p.reshape(float("Hardmax", [row], row.shape, { axis: { int: 1 } }), a.shape);
    },
    constant: (key, make) => graph.once(key, make),
    repeat: (times, body) => {
      const turns = graph.scalar(times, "int64");
      const { stacked } = graph.loop(
        turns,
        [],
        (turn) => {
          const first = (length: number) =>
            graph.node("Mul", [turn, graph.scalar(length, "int64")], { type: "int64", shape: [] });
          return {
            carried: [],
            stacked: body({
              start: (length) => float("Cast", [first(length)], [], { to: { int: 1 } }),
              slice: (a, axis, length) => {
                const start = p.reshape(first(length), [1]);
                const end = graph.node("Add", [start, graph.integers(length)], { type: "int64", shape: [1] });
                return float("Slice", [a, start, end, graph.integers(axis)], withLength(a.shape, axis, length));
              },
            }),
          };
        },
        times,
      );
      return stacked;
    },
  };
  return p;
}

function notWhileLowering(): never {
  throw new Error("While a graph is lowered, nothing can be uploaded or downloaded.");
}
