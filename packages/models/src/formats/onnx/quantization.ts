/** DequantizeLinear and QuantizeLinear on constants, bit for bit as the operators' definitions say. */

import { rowMajor } from "../../tensors/strided.js";
import { type DataType, dataType, halfToEven, type Numbers, roundTo } from "./data-type.js";
import type { Expression, Operation } from "./expression.js";

/** One scale for all, one per slice along an axis, or one per block along an axis. */
export interface Granularity {
  readonly axis: number;
  /** 0: none. */
  readonly block: number;
}

/** Which scale an element has, as an index into the scales; a string says what doesn't fit. */
function scaleIndex(
  shape: readonly number[],
  scale: Expression,
  { axis: given, block }: Granularity,
): ((element: number) => number) | string {
  if (scale.count === 1) return () => 0;
  const axis = given < 0 ? given + shape.length : given;
  const shown = `a scale of shape [${scale.shape.join(", ")}] for [${shape.join(", ")}], axis ${given}`;
  if (!(axis >= 0 && axis < shape.length)) return shown;
  const step = rowMajor(shape)[axis]!;
  const size = shape[axis]!;
  if (block === 0) {
    if (scale.shape.length > 1 || scale.count !== size) return shown;
    return (element) => Math.floor(element / step) % size;
  }
  const blocks = Math.ceil(size / block);
  const fits =
    scale.shape.length === shape.length && scale.shape.every((n, a) => n === (a === axis ? blocks : shape[a]));
  if (!fits) return `${shown}, blocks of ${block}`;
  return (element) => {
    const outer = Math.floor(element / (step * size));
    const along = Math.floor(element / step) % size;
    return (outer * blocks + Math.floor(along / block)) * step + (element % step);
  };
}

/** y = (x − zero point)·scale, rounded to the scale's type. */
export function dequantize(
  x: Expression,
  scale: Expression,
  zeroPoint: Expression | undefined,
  granularity: Granularity,
): Operation | string {
  if (x.type.float) return `DequantizeLinear of ${x.type.name} numbers`;
  const index = checkGranularity(x, scale, zeroPoint, granularity);
  if (typeof index === "string") return `DequantizeLinear with ${index}`;
  const type = scale.type;
  if (!type.float) return `DequantizeLinear with a scale of ${type.name}`;
  return {
    op: "DequantizeLinear",
    parameters: [granularity.axis, granularity.block],
    shape: x.shape,
    type,
    inputs: zeroPoint === undefined ? [x, scale] : [x, scale, zeroPoint],
    compute([data, scales, zeros]) {
      // float64 holds the product of an integer and a float32 exactly, so that one rounding follows.
      const result = new Float64Array(data!.length);
      for (let i = 0; i < result.length; i++) {
        const at = index(i);
        result[i] = (data![i]! - (zeros === undefined ? 0 : zeros[at]!)) * scales![at]!;
      }
      return roundTo(type, result);
    },
  };
}

/** x − zero point: what ConvInteger and MatMulInteger multiply with. The scale is applied to their result. */
export function withoutZeroPoint(
  x: Expression,
  zeroPoint: Expression | undefined,
  granularity: Granularity,
  float32: DataType,
): Operation | string {
  if (x.type.float) return `whole numbers are expected, not ${x.type.name}`;
  const index = zeroPoint === undefined ? () => 0 : scaleIndex(x.shape, zeroPoint, granularity);
  if (typeof index === "string") return index.replace("a scale", "a zero point");
  return {
    op: "zero point",
    parameters: [granularity.axis],
    shape: x.shape,
    type: float32,
    inputs: zeroPoint === undefined ? [x] : [x, zeroPoint],
    compute: ([data, zeros]) =>
      Float32Array.from(
        data as Numbers as Int32Array,
        (value, i) => value - (zeros === undefined ? 0 : zeros[index(i)]!),
      ),
  };
}

function checkGranularity(
  x: Expression,
  scale: Expression,
  zeroPoint: Expression | undefined,
  granularity: Granularity,
): ((element: number) => number) | string {
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
  return {
    op: "QuantizeLinear",
    parameters: [granularity.axis, granularity.block],
    shape: x.shape,
    type,
    inputs: zeroPoint === undefined ? [x, scale] : [x, scale, zeroPoint],
    compute([data, scales, zeros]) {
      const result =
        name === "uint8"
          ? new Uint8Array(data!.length)
          : name === "int8"
            ? new Int8Array(data!.length)
            : name === "uint16"
              ? new Uint16Array(data!.length)
              : new Int16Array(data!.length);
      for (let i = 0; i < result.length; i++) {
        const at = index(i);
        const value = halfToEven(Math.fround(data![i]! / scales![at]!)) + (zeros === undefined ? 0 : zeros[at]!);
        result[i] = Math.min(most, Math.max(least, value));
      }
      return result;
    },
  };
}
