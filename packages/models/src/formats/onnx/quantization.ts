/** DequantizeLinear and QuantizeLinear on constants, bit for bit as the operators' definitions say. */

import { emptyLike, rowMajor } from "../../tensors/strided.js";
import { type DataType, dataType, FLOAT32, halfToEven, type Numbers, roundTo } from "./data-type.js";
import type { Expression, Operation } from "./expression.js";

/** One scale for all, one per slice along an axis, or one per block along an axis. */
export interface Granularity {
  readonly axis: number;
  /** 0: none. */
  readonly block: number;
}

/** Where the scales of a tensor's elements are, the elements counted row by row. */
interface ScaleIndex {
  /** From an element on, so many have the scale at `at`, or that one and those after it, one each (`step` 1). */
  run(element: number): { at: number; length: number; step: 0 | 1 };
  /** The scales that a stretch of elements needs. */
  range(from: number, count: number): { first: number; count: number };
}

/** A string says what doesn't fit. */
function scaleIndex(
  shape: readonly number[],
  scale: Expression,
  { axis: given, block }: Granularity,
): ScaleIndex | string {
  const everything = () => ({ first: 0, count: scale.count });
  if (scale.count === 1)
    return { run: () => ({ at: 0, length: Number.POSITIVE_INFINITY, step: 0 }), range: everything };
  const axis = given < 0 ? given + shape.length : given;
  const shown = `a scale of shape [${scale.shape.join(", ")}] for [${shape.join(", ")}], axis ${given}`;
  if (!(axis >= 0 && axis < shape.length)) return shown;
  const step = rowMajor(shape)[axis]!;
  const size = shape[axis]!;
  const within = (element: number) => ({ along: Math.floor(element / step) % size, inner: element % step });
  if (block === 0) {
    if (scale.shape.length > 1 || scale.count !== size) return shown;
    const run = (element: number) => {
      const { along, inner } = within(element);
      return step === 1
        ? { at: along, length: size - along, step: 1 as const }
        : { at: along, length: step - inner, step: 0 as const };
    };
    return { run, range: everything };
  }
  const blocks = Math.ceil(size / block);
  const fits =
    block > 0 &&
    scale.shape.length === shape.length &&
    scale.shape.every((n, a) => n === (a === axis ? blocks : shape[a]));
  if (!fits) return `${shown}, blocks of ${block}`;
  const run = (element: number) => {
    const outer = Math.floor(element / (step * size));
    const { along, inner } = within(element);
    const at = (outer * blocks + Math.floor(along / block)) * step + inner;
    return step === 1
      ? { at, length: Math.min(block - (along % block), size - along), step: 0 as const }
      : { at, length: step - inner, step: 1 as const };
  };
  // Scales of later elements come later, but for those of one block, which are the same few.
  const range = (from: number, count: number) => {
    const row = (element: number) => run(element).at - (step === 1 ? 0 : element % step);
    const first = row(from);
    return { first, count: row(from + Math.max(0, count - 1)) + step - first };
  };
  return { run, range };
}

/** Elements that are decoded at a time. */
const AT_ONCE = 1 << 20;

interface Elementwise {
  readonly operation: Omit<Operation, "compute" | "part">;
  readonly index: ScaleIndex;
  /** Computes an element from itself and its entries in the inputs after it, which are 0 where there is no such input. */
  readonly apply: (x: number, first: number, second: number) => number;
  /** What holds the results … */
  readonly empty: (count: number) => Numbers;
  /** … and what is done to them in the end. */
  readonly finish?: (numbers: Numbers) => Numbers;
}

/** An operation that makes a number of each, where all inputs but the first (scales, zero points) have one index. */
function elementwise({ operation, index, apply, empty, finish = (numbers) => numbers }: Elementwise): Operation {
  const computed = (x: Numbers, from: number, [first, second]: readonly Numbers[], begin: number) => {
    const result = empty(x.length);
    for (let i = 0; i < x.length; ) {
      const { at, length, step } = index.run(from + i);
      const end = Math.min(x.length, i + length);
      for (let place = at - begin; i < end; i++, place += step) {
        result[i] = apply(x[i]!, first === undefined ? 0 : first[place]!, second === undefined ? 0 : second[place]!);
      }
    }
    return finish(result);
  };
  return {
    ...operation,
    compute: ([x, ...tables]) => computed(x!, 0, tables, 0),
    async part(from, count, read) {
      let result: Numbers | undefined;
      for (let at = 0; at < count; at += AT_ONCE) {
        const taken = Math.min(AT_ONCE, count - at);
        const needed = index.range(from + at, taken);
        const tables: Numbers[] = [];
        for (let n = 1; n < operation.inputs.length; n++) tables.push(await read(n, needed.first, needed.count));
        const numbers = computed(await read(0, from + at, taken), from + at, tables, needed.first);
        if (taken === count) return numbers;
        result ??= emptyLike(numbers, count);
        result.set(numbers as never, at);
      }
      return result ?? empty(0);
    },
  };
}

/** Results as their type rounds them. float64 holds the product of an integer and a float32 exactly: one rounding follows. */
function resultsOf(type: DataType): Pick<Elementwise, "empty" | "finish"> {
  if (type.name === "float32") return { empty: (count) => new Float32Array(count) };
  return { empty: (count) => new Float64Array(count), finish: (numbers) => roundTo(type, numbers) };
}

/** y = (x − zero point)·scale, rounded to the scale's type. Without a zero point, `zero` is subtracted. */
export function dequantize(
  x: Expression,
  scale: Expression,
  zeroPoint: Expression | undefined,
  granularity: Granularity,
  zero = 0,
): Operation | string {
  if (x.type.float && x.type.bits > 8) return `DequantizeLinear of ${x.type.name} numbers`;
  const index = checkGranularity(x, scale, zeroPoint, granularity);
  if (typeof index === "string") return `DequantizeLinear with ${index}`;
  // A scale of eight bits is a power of two, and its products are float32.
  const type = scale.type.bits > 8 ? scale.type : FLOAT32;
  if (!scale.type.float) return `DequantizeLinear with a scale of ${scale.type.name}`;
  return elementwise({
    operation: {
      op: "DequantizeLinear",
      parameters: [granularity.axis, granularity.block, zero],
      shape: x.shape,
      type,
      inputs: zeroPoint === undefined ? [x, scale] : [x, scale, zeroPoint],
    },
    index,
    apply: zeroPoint === undefined ? (value, s) => (value - zero) * s : (value, s, z) => (value - z) * s,
    ...resultsOf(type),
  });
}

/** x − zero point: what ConvInteger and MatMulInteger multiply with. The scale is applied to their result. */
export function withoutZeroPoint(
  x: Expression,
  zeroPoint: Expression | undefined,
  granularity: Granularity,
): Operation | string {
  if (x.type.float) return `whole numbers are expected, not ${x.type.name}`;
  const none: ScaleIndex = {
    run: () => ({ at: 0, length: Number.POSITIVE_INFINITY, step: 0 }),
    range: () => ({ first: 0, count: 0 }),
  };
  const index = zeroPoint === undefined ? none : scaleIndex(x.shape, zeroPoint, granularity);
  if (typeof index === "string") return index.replace("a scale", "a zero point");
  return elementwise({
    operation: {
      op: "zero point",
      parameters: [granularity.axis],
      shape: x.shape,
      type: FLOAT32,
      inputs: zeroPoint === undefined ? [x] : [x, zeroPoint],
    },
    index,
    apply: (value, z) => value - z,
    ...resultsOf(FLOAT32),
  });
}

function checkGranularity(
  x: Expression,
  scale: Expression,
  zeroPoint: Expression | undefined,
  granularity: Granularity,
): ScaleIndex | string {
  if (zeroPoint !== undefined && zeroPoint.count !== scale.count) {
    return `${scale.count} scales and ${zeroPoint.count} zero points`;
  }
  return scaleIndex(x.shape, scale, granularity);
}

const RANGES = new Map<string, readonly [least: number, most: number, code: number]>([
  ["uint8", [0, 255, 2]],
  ["int8", [-128, 127, 3]],
  ["uint16", [0, 65535, 4]],
  ["int16", [-32768, 32767, 5]],
]);

/** y = saturate(round(x / scale) + zero point), halves to even: what is left of weights that were trained quantized. */
export function quantize(
  x: Expression,
  scale: Expression,
  zeroPoint: Expression | undefined,
  granularity: Granularity,
): Operation | string {
  if (x.type.name !== "float32" || scale.type.name !== "float32") return "QuantizeLinear of other than float32 numbers";
  const index = checkGranularity(x, scale, zeroPoint, granularity);
  if (typeof index === "string") return `QuantizeLinear with ${index}`;
  const name = zeroPoint?.type.name ?? "uint8";
  const range = RANGES.get(name);
  if (range === undefined) return `QuantizeLinear to ${name}`;
  const [least, most, code] = range;
  const type = dataType(code)!;
  return elementwise({
    operation: {
      op: "QuantizeLinear",
      parameters: [granularity.axis, granularity.block],
      shape: x.shape,
      type,
      inputs: zeroPoint === undefined ? [x, scale] : [x, scale, zeroPoint],
    },
    index,
    apply: (value, s, z) => Math.min(most, Math.max(least, halfToEven(Math.fround(value / s)) + z)),
    empty: arrays[name]!,
  });
}

const arrays: Readonly<Record<string, (count: number) => Numbers>> = {
  uint8: (count) => new Uint8Array(count),
  int8: (count) => new Int8Array(count),
  uint16: (count) => new Uint16Array(count),
  int16: (count) => new Int16Array(count),
};
