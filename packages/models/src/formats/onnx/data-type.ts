/** Element types of ONNX tensors, and how their bytes become numbers. Little endian throughout, as ONNX stores them. */

import {
  float8e4m3,
  float8e4m3fnuz,
  float8e5m2,
  float8e5m2fnuz,
  float8e8m0,
  type NumberType,
} from "../../tensors/decode-numbers.js";
import { float4Values } from "../../tensors/small-floats.js";

/** Numbers of any type. int64 and uint64 become float64. */
export type Numbers =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>;

export interface DataType {
  readonly name: string;
  /** Bits of one element in `raw_data`. */
  readonly bits: number;
  readonly float: boolean;
  /** The field of TensorProto that holds it when `raw_data` doesn't. */
  readonly field: number;
  /** `bytes` begin at a multiple of 8 in their buffer and hold exactly `count` elements. */
  readonly decode: (bytes: Uint8Array<ArrayBuffer>, count: number) => Numbers;
}

type NumbersClass = new (buffer: ArrayBuffer, byteOffset: number, length: number) => Numbers;

function plain(name: string, bits: number, field: number, numbers: NumbersClass, float = false): DataType {
  return { name, bits, float, field, decode: (bytes, count) => new numbers(bytes.buffer, bytes.byteOffset, count) };
}

function wide(name: string, field: number, numbers: BigInt64ArrayConstructor | BigUint64ArrayConstructor): DataType {
  const decode = (bytes: Uint8Array<ArrayBuffer>, count: number) =>
    Float64Array.from(new numbers(bytes.buffer, bytes.byteOffset, count) as Iterable<bigint> as BigInt64Array, Number);
  return { name, bits: 64, float: false, field, decode };
}

/** Two or four to a byte, the lowest bits first. */
function crumbs(name: string, bits: 2 | 4, signed: boolean): DataType {
  const each = 8 / bits;
  const mask = 2 ** bits - 1;
  const decode = (bytes: Uint8Array<ArrayBuffer>, count: number) => {
    const numbers = signed ? new Int8Array(count) : new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const code = (bytes[Math.floor(i / each)]! >> ((i % each) * bits)) & mask;
      numbers[i] = signed && code > mask >> 1 ? code - mask - 1 : code;
    }
    return numbers;
  };
  return { name, bits, float: false, field: 5, decode };
}

/** Floats of 8 bits, as safetensors have them. */
function float8(name: string, { decode }: NumberType): DataType {
  return { name, bits: 8, float: true, field: 5, decode: (bytes) => decode(bytes) as Numbers };
}

function float4(name: string): DataType {
  const { decode } = crumbs(name, 4, false);
  return {
    name,
    bits: 4,
    float: true,
    field: 5,
    decode: (bytes, count) => Float32Array.from(decode(bytes, count), (code) => float4Values[code]!),
  };
}

/** By TensorProto.DataType. */
const TYPES = new Map<number, DataType>([
  [1, plain("float32", 32, 4, Float32Array, true)],
  [2, plain("uint8", 8, 5, Uint8Array)],
  [3, plain("int8", 8, 5, Int8Array)],
  [4, plain("uint16", 16, 5, Uint16Array)],
  [5, plain("int16", 16, 5, Int16Array)],
  [6, plain("int32", 32, 5, Int32Array)],
  [7, wide("int64", 7, BigInt64Array)],
  [10, { name: "float16", bits: 16, float: true, field: 5, decode: decodeFloat16 }],
  [11, plain("float64", 64, 10, Float64Array, true)],
  [12, plain("uint32", 32, 11, Uint32Array)],
  [13, wide("uint64", 11, BigUint64Array)],
  [16, { name: "bfloat16", bits: 16, float: true, field: 5, decode: decodeBfloat16 }],
  [17, float8("float8e4m3fn", float8e4m3)],
  [18, float8("float8e4m3fnuz", float8e4m3fnuz)],
  [19, float8("float8e5m2", float8e5m2)],
  [20, float8("float8e5m2fnuz", float8e5m2fnuz)],
  [21, crumbs("uint4", 4, false)],
  [22, crumbs("int4", 4, true)],
  [23, float4("float4e2m1")],
  [24, float8("float8e8m0", float8e8m0)],
  [25, crumbs("uint2", 2, false)],
  [26, crumbs("int2", 2, true)],
]);

const OTHER_NAMES = new Map<number, string>([
  [8, "string"],
  [9, "bool"],
  [14, "complex64"],
  [15, "complex128"],
  [27, "float6e2m3"],
  [28, "float6e3m2"],
]);

/** `undefined` for types whose numbers aren't read: strings, bool, complex numbers, floats of 6 bits. */
export function dataType(code: number): DataType | undefined {
  return TYPES.get(code);
}

export function dataTypeName(code: number): string {
  return TYPES.get(code)?.name ?? OTHER_NAMES.get(code) ?? `type ${code}`;
}

export const FLOAT32 = TYPES.get(1)!;

function decodeFloat16(bytes: Uint8Array<ArrayBuffer>, count: number): Float32Array<ArrayBuffer> {
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, count);
  const table = float16Values();
  const numbers = new Float32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = table[halves[i]!]!;
  return numbers;
}

let float16Table: Float32Array | undefined;

/** All 65,536 of them: faster than taking each apart. */
function float16Values(): Float32Array {
  if (float16Table !== undefined) return float16Table;
  float16Table = new Float32Array(1 << 16);
  for (let half = 0; half < 1 << 16; half++) {
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    const sign = half >> 15 ? -1 : 1;
    if (exponent === 31) float16Table[half] = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    else if (exponent === 0) float16Table[half] = sign * fraction * 2 ** -24;
    else float16Table[half] = sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
  return float16Table;
}

/** The upper half of a float32. */
function decodeBfloat16(bytes: Uint8Array<ArrayBuffer>, count: number): Float32Array<ArrayBuffer> {
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, count);
  const words = new Uint32Array(count);
  for (let i = 0; i < count; i++) words[i] = halves[i]! << 16;
  return new Float32Array(words.buffer);
}

/** `value` as its type would round it: to nearest, ties to even. */
export function roundTo(type: DataType, numbers: Numbers): Numbers {
  switch (type.name) {
    case "float64":
      return numbers instanceof Float64Array ? numbers : new Float64Array(numbers);
    case "float32":
      return numbers instanceof Float32Array ? numbers : new Float32Array(numbers);
    case "float16":
      return Float32Array.from(numbers, (value) => {
        const rounded = roundBits(value, 10, -14);
        return Math.abs(rounded) > 65504 ? Math.sign(rounded) * Number.POSITIVE_INFINITY : rounded;
      });
    case "bfloat16":
      return Float32Array.from(numbers, (value) => roundBits(value, 7, -126));
    default:
      throw new TypeError(`No rounding to ${type.name}.`);
  }
}

/** To `fractionBits` after the leading one; below 2^`least` the spacing stays. */
function roundBits(value: number, fractionBits: number, least: number): number {
  const size = Math.abs(value);
  if (size === 0 || !Number.isFinite(size)) return value;
  let exponent = Math.floor(Math.log2(size));
  // The logarithm may be off by one next to a power of two.
  if (2 ** exponent > size) exponent--;
  else if (2 ** (exponent + 1) <= size) exponent++;
  const step = 2 ** (Math.max(exponent, least) - fractionBits);
  return Math.sign(value) * halfToEven(size / step) * step;
}

/** To the nearest whole number. */
export function halfToEven(value: number): number {
  const whole = Math.floor(value);
  const rest = value - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 !== 0) ? whole + 1 : whole;
}
