/**
 * Operators through which a constant stays an exact constant: those that name, move, cut and join numbers, and those that
 * change their type as the standard says. PyTorch's LSTMs reach their operator through Slice, Concat and Unsqueeze, its
 * linear layers through Transpose, quantized ones through DequantizeLinear.
 */

import { emptyLike, gather, rowMajor, type View } from "../../tensors/strided.js";
import { readView } from "../../tensors/view-reader.js";
import { dataType, FLOAT32, type Numbers, roundTo } from "./data-type.js";
import { type Expression, evaluateKept, type Operation, type ReadPart } from "./expression.js";
import { dequantize, quantize } from "./quantization.js";
import { elements } from "./tensor-data.js";

/** What an operator sees of its node: constants, where all of its inputs are such. */
export interface Fold {
  readonly inputs: readonly (Expression | undefined)[];
  /** Which of the node's outputs is wanted, and how many it has. */
  readonly output: number;
  readonly outputs: number;
  integer(attribute: string): number | undefined;
  integers(attribute: string): readonly number[] | undefined;
}

/** The constant, or why it can't be had. */
export type FoldOperator = (fold: Fold) => Operation | Expression | string;

/** Operators of the default domain. */
export const EXACT_OPERATORS: ReadonlyMap<string, FoldOperator> = new Map<string, FoldOperator>([
  ["Identity", ({ inputs: [x] }) => x!],
  ["Cast", cast],
  ["Transpose", transpose],
  ["Reshape", reshape],
  ["Flatten", flatten],
  ["Squeeze", squeeze],
  ["Unsqueeze", unsqueeze],
  ["Slice", slice],
  ["Split", split],
  ["Concat", concat],
  ["DequantizeLinear", (fold) => quantized(fold, dequantize)],
  ["QuantizeLinear", (fold) => quantized(fold, quantize)],
]);

/** A small constant of whole numbers, such as a shape; `undefined` where it isn't one or isn't kept. */
export function wholeNumbers(expression: Expression | undefined): number[] | undefined {
  if (expression === undefined || expression.type.float) return undefined;
  const numbers = evaluateKept(expression);
  return numbers === undefined ? undefined : Array.from(numbers);
}

/** From an attribute (older operator sets) or an input (newer ones). */
function given(fold: Fold, attribute: string, input: number): readonly number[] | undefined | "unknown" {
  const expression = fold.inputs[input];
  if (expression === undefined) return fold.integers(attribute);
  return wholeNumbers(expression) ?? "unknown";
}

const sameData = (operation: Omit<Operation, "compute" | "part" | "parameters">): Operation => ({
  ...operation,
  parameters: null,
  compute: ([data]) => data!,
  part: (from, count, read) => read(0, from, count),
});

const shown = (shape: readonly number[]) => `[${shape.join(", ")}]`;

/** Axes counted from the front; `undefined` where one is outside or twice. */
function checkedAxes(axes: readonly number[], rank: number): number[] | undefined {
  const counted = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  const fit = counted.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < rank);
  return fit && new Set(counted).size === counted.length ? counted : undefined;
}

function cast(fold: Fold): Operation | Expression | string {
  const x = fold.inputs[0]!;
  const type = dataType(fold.integer("to") ?? 0);
  if (type === undefined || !type.float || type.bits <= 8) return `Cast to ${type?.name ?? "a type that isn't read"}`;
  if (type === x.type) return x;
  const compute = ([data]: readonly Numbers[]) => roundTo(type, data!);
  const part: ReadPart = async (from, count, read) => roundTo(type, await read(0, from, count));
  return { op: "Cast", parameters: null, shape: x.shape, type, inputs: [x], compute, part };
}

function transpose(fold: Fold): Operation | string {
  const x = fold.inputs[0]!;
  const rank = x.shape.length;
  const order = fold.integers("perm") ?? x.shape.map((_, axis) => rank - 1 - axis);
  const axes = checkedAxes(order, rank);
  if (axes === undefined || axes.length !== rank) return `Transpose of ${shown(x.shape)} by ${shown(order)}`;
  const steps = rowMajor(x.shape);
  return viewed("Transpose", x, { sizes: axes.map((a) => x.shape[a]!), steps: axes.map((a) => steps[a]!), offset: 0 });
}

/** What the view makes of `x`. */
export function viewed(op: string, x: Expression, view: View): Operation {
  const compute = ([data]: readonly Numbers[]) => gather(data!, view);
  const part: ReadPart = (from, count, read) => readView(view, from, count, (at, size) => read(0, at, size));
  return { op, parameters: view, shape: view.sizes, type: x.type, inputs: [x], compute, part };
}

function reshape(fold: Fold): Operation | string {
  const x = fold.inputs[0]!;
  const wanted = given(fold, "shape", 1);
  if (wanted === "unknown" || wanted === undefined) return "Reshape to a shape that isn't at hand";
  const shape = wanted.map((size, axis) =>
    size === 0 && fold.integer("allowzero") !== 1 ? (x.shape[axis] ?? 0) : size,
  );
  const open = shape.indexOf(-1);
  if (open >= 0) {
    const others = elements(shape.filter((_, axis) => axis !== open));
    shape[open] = others === undefined || others === 0 ? -1 : x.count / others;
  }
  if (elements(shape) !== x.count) return `Reshape of ${shown(x.shape)} to ${shown(wanted)}`;
  return sameData({ op: "Reshape", shape, type: x.type, inputs: [x] });
}

function flatten(fold: Fold): Operation | string {
  const x = fold.inputs[0]!;
  const axis = fold.integer("axis") ?? 1;
  const at = axis < 0 ? axis + x.shape.length : axis;
  if (!(at >= 0 && at <= x.shape.length)) return `Flatten of ${shown(x.shape)} at axis ${axis}`;
  const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);
  const shape = [product(x.shape.slice(0, at)), product(x.shape.slice(at))];
  return sameData({ op: "Flatten", shape, type: x.type, inputs: [x] });
}

function squeeze(fold: Fold): Operation | string {
  const x = fold.inputs[0]!;
  const wanted = given(fold, "axes", 1);
  if (wanted === "unknown") return "Squeeze of axes that aren't at hand";
  const ones = x.shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  const axes = wanted === undefined ? ones : checkedAxes(wanted, x.shape.length);
  if (axes === undefined || !axes.every((axis) => x.shape[axis] === 1)) {
    return `Squeeze of ${shown(x.shape)} at ${shown(wanted ?? [])}`;
  }
  const shape = x.shape.filter((_, axis) => !axes.includes(axis));
  return sameData({ op: "Squeeze", shape, type: x.type, inputs: [x] });
}

function unsqueeze(fold: Fold): Operation | string {
  const x = fold.inputs[0]!;
  const wanted = given(fold, "axes", 1);
  if (wanted === "unknown" || wanted === undefined) return "Unsqueeze at axes that aren't at hand";
  const rank = x.shape.length + wanted.length;
  const axes = checkedAxes(wanted, rank);
  if (axes === undefined) return `Unsqueeze of ${shown(x.shape)} at ${shown(wanted)}`;
  const rest = [...x.shape];
  const shape = Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!));
  return sameData({ op: "Unsqueeze", shape, type: x.type, inputs: [x] });
}

function slice(fold: Fold): Operation | string {
  const x = fold.inputs[0]!;
  const starts = given(fold, "starts", 1);
  const ends = given(fold, "ends", 2);
  const wantedAxes = given(fold, "axes", 3);
  const wantedSteps = fold.inputs[4] === undefined ? undefined : given(fold, "steps", 4);
  if ([starts, ends].includes(undefined) || [starts, ends, wantedAxes, wantedSteps].includes("unknown")) {
    return "Slice with bounds that aren't at hand";
  }
  const from = starts as readonly number[];
  const to = ends as readonly number[];
  const axes = checkedAxes(
    (wantedAxes as readonly number[] | undefined) ?? from.map((_, axis) => axis),
    x.shape.length,
  );
  const by = (wantedSteps as readonly number[] | undefined) ?? from.map(() => 1);
  const fits = axes?.length === from.length && to.length === from.length && by.length === from.length;
  if (axes === undefined || !fits || by.includes(0)) return `Slice of ${shown(x.shape)} with bounds that don't fit`;
  const sizes = [...x.shape];
  const steps = rowMajor(x.shape);
  let offset = 0;
  axes.forEach((axis, n) => {
    const [first, size] = sliceRange(x.shape[axis]!, from[n]!, to[n]!, by[n]!);
    sizes[axis] = size;
    offset += first * steps[axis]!;
    steps[axis] = steps[axis]! * by[n]!;
  });
  return viewed("Slice", x, { sizes, steps, offset });
}

/** First index and how many, as Slice clamps them. */
function sliceRange(length: number, start: number, end: number, step: number): [first: number, size: number] {
  const least = step > 0 ? 0 : -1;
  const most = step > 0 ? length : length - 1;
  const clamp = (at: number, low: number) => Math.min(most, Math.max(low, at < 0 ? at + length : at));
  const first = clamp(start, 0);
  const last = clamp(end, least);
  return [first, Math.max(0, Math.ceil((last - first) / step))];
}

function split(fold: Fold): Operation | string {
  const x = fold.inputs[0]!;
  const axis = checkedAxes([fold.integer("axis") ?? 0], x.shape.length)?.[0];
  const wanted = given(fold, "split", 1);
  if (axis === undefined || wanted === "unknown")
    return `Split of ${shown(x.shape)} at an axis or sizes that don't fit`;
  const size = x.shape[axis]!;
  const parts = wanted ?? equalParts(size, fold.integer("num_outputs") ?? fold.outputs);
  const total = elements(parts) === undefined ? -1 : parts.reduce((sum, part) => sum + part, 0);
  if (total !== size || fold.output >= parts.length) return `Split of ${shown(x.shape)} into ${shown(parts)}`;
  const start = parts.slice(0, fold.output).reduce((sum, part) => sum + part, 0);
  const steps = rowMajor(x.shape);
  const sizes = x.shape.map((each, a) => (a === axis ? parts[fold.output]! : each));
  return viewed("Split", x, { sizes, steps, offset: start * steps[axis]! });
}

/** The last one may be shorter. */
function equalParts(size: number, count: number): number[] {
  if (!(count >= 1 && count <= size)) return [];
  const part = Math.ceil(size / count);
  return Array.from({ length: count }, (_, n) => Math.max(0, Math.min(part, size - n * part)));
}

function concat(fold: Fold): Operation | string {
  const inputs = fold.inputs.filter((input) => input !== undefined);
  const first = inputs[0]!;
  const axis = checkedAxes([fold.integer("axis") ?? Number.NaN], first.shape.length)?.[0];
  const same = ({ shape, type }: Expression) =>
    type === first.type &&
    shape.length === first.shape.length &&
    shape.every((size, a) => a === axis || size === first.shape[a]);
  if (axis === undefined || !inputs.every(same)) {
    return `Concat of ${inputs.map(({ shape }) => shown(shape)).join(", ")}`;
  }
  const along = inputs.reduce((total, { shape }) => total + shape[axis]!, 0);
  const shape = first.shape.map((size, a) => (a === axis ? along : size));
  const inner = rowMajor(shape)[axis]!;
  const outer = shape.slice(0, axis).reduce((total, size) => total * size, 1);
  const lengths = inputs.map((input) => input.shape[axis]! * inner);
  /** From parts that hold the same blocks each. */
  const interleave = (parts: readonly Numbers[], blocks: number) => {
    const result = emptyLike(parts[0]!, blocks * along * inner);
    let target = 0;
    for (let block = 0; block < blocks; block++) {
      parts.forEach((part, n) => {
        result.set(part.subarray(block * lengths[n]!, (block + 1) * lengths[n]!) as never, target);
        target += lengths[n]!;
      });
    }
    return result;
  };
  const part: ReadPart = async (from, count, read) => {
    const length = along * inner;
    const block = Math.floor(from / Math.max(1, length));
    const last = Math.ceil((from + count) / Math.max(1, length));
    if (last - block > 1) {
      const parts: Numbers[] = [];
      for (const [n, each] of lengths.entries()) parts.push(await read(n, block * each, (last - block) * each));
      const begin = from - block * length;
      return interleave(parts, last - block).slice(begin, begin + count) as Numbers;
    }
    // Within one block, the inputs follow one another.
    const pieces: Numbers[] = [];
    let begin = block * length;
    for (const [n, each] of lengths.entries()) {
      const at = Math.max(from, begin);
      const end = Math.min(from + count, begin + each);
      if (at < end) pieces.push(await read(n, block * each + at - begin, end - at));
      begin += each;
    }
    const result = emptyLike(pieces[0] ?? (await read(0, 0, 0)), count);
    let target = 0;
    for (const piece of pieces) {
      result.set(piece as never, target);
      target += piece.length;
    }
    return result;
  };
  return {
    op: "Concat",
    parameters: axis,
    shape,
    type: first.type,
    inputs,
    compute: (parts) => interleave(parts, outer),
    part,
  };
}

function quantized(fold: Fold, operator: typeof dequantize): Operation | string {
  const [x, scale, zeroPoint] = fold.inputs;
  if (scale === undefined) return "a quantization without a scale";
  return operator(x!, scale, zeroPoint, { axis: fold.integer("axis") ?? 1, block: fold.integer("block_size") ?? 0 });
}

/** Numbers that a Constant node writes out in its attributes. */
export function literalNumbers(fold: {
  float: number | undefined;
  floats: readonly number[];
  integer: number | undefined;
  integers: readonly number[];
}): { numbers: Numbers; shape: number[]; type: typeof FLOAT32 } | undefined {
  const int64 = dataType(7)!;
  if (fold.float !== undefined) return { numbers: Float32Array.of(fold.float), shape: [], type: FLOAT32 };
  if (fold.integer !== undefined) return { numbers: Float64Array.of(fold.integer), shape: [], type: int64 };
  if (fold.integers.length > 0) {
    return { numbers: Float64Array.from(fold.integers), shape: [fold.integers.length], type: int64 };
  }
  if (fold.floats.length > 0) {
    return { numbers: Float32Array.from(fold.floats), shape: [fold.floats.length], type: FLOAT32 };
  }
  return undefined;
}
