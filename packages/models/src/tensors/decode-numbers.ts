/** Stored bytes to numbers, for every type that weights and their codes are kept in. */
import { EnergyError } from "@comhe/core/layouts";
import type { NumberArray } from "./stored-tensor.js";

export interface NumberType {
  /** What the type is called where it is shown: "float32". */
  readonly name: string;
  /** How many bytes a number has. */
  readonly bytes: number;
  /** Whether these are real numbers: decoded to Float32Array or Float64Array. If not: codes, labels, indices. */
  readonly floating: boolean;
  /** @throws EnergyError `unsupported` for 64-bit integers that float64 can't hold */
  readonly decode: (bytes: Uint8Array<ArrayBuffer>) => NumberArray;
}

export const float64: NumberType = {
  name: "float64",
  bytes: 8,
  floating: true,
  decode: (bytes) => new Float64Array(aligned(bytes, 8)),
};
export const float32: NumberType = {
  name: "float32",
  bytes: 4,
  floating: true,
  decode: (bytes) => new Float32Array(aligned(bytes, 4)),
};
export const float16: NumberType = {
  name: "float16",
  bytes: 2,
  floating: true,
  decode: (bytes) => byTable(words(bytes), halfTable()),
};
export const bfloat16: NumberType = {
  name: "bfloat16",
  bytes: 2,
  floating: true,
  decode(bytes) {
    const stored = words(bytes);
    const bits = new Uint32Array(stored.length);
    for (let n = 0; n < bits.length; n++) bits[n] = stored[n]! << 16;
    return new Float32Array(bits.buffer);
  },
};
/** 1 sign, 4 exponent (bias 7), 3 mantissa bits, no infinity: Micikevicius et al. 2022 (arXiv 2209.05433). */
export const float8e4m3: NumberType = {
  name: "float8_e4m3fn",
  bytes: 1,
  floating: true,
  decode: (bytes) =>
    byTable(
      bytes,
      smallTable(4, 3, (exponent, mantissa) => exponent === 15 && mantissa === 7),
    ),
};
/** 1 sign, 5 exponent (bias 15), 2 mantissa bits, as in IEEE 754. */
export const float8e5m2: NumberType = {
  name: "float8_e5m2",
  bytes: 1,
  floating: true,
  decode: (bytes) =>
    byTable(
      bytes,
      smallTable(5, 2, () => false),
    ),
};

/** The same without a negative zero, whose code is the only NaN, and with one more in the bias: Noune et al. 2022 (arXiv 2206.02915). */
export const float8e4m3fnuz = unsignedZero("float8_e4m3fnuz", 4, 3);
export const float8e5m2fnuz = unsignedZero("float8_e5m2fnuz", 5, 2);
/** An exponent alone, 2^(code − 127), 255 is NaN: OCP Microscaling formats 1.0 (2023), section 5.4.1. */
export const float8e8m0: NumberType = {
  name: "float8_e8m0fnu",
  bytes: 1,
  floating: true,
  decode: (bytes) => Float32Array.from(bytes, (code) => (code === 255 ? Number.NaN : 2 ** (code - 127))),
};

function unsignedZero(name: string, exponentBits: number, mantissaBits: number): NumberType {
  let table: Float32Array | undefined;
  const decode = (bytes: Uint8Array<ArrayBuffer>) => {
    if (table === undefined) {
      table = new Float32Array(256);
      // With neither infinities nor other NaNs, the largest exponent holds numbers, too.
      for (let code = 0; code < 256; code++) {
        const mantissa = code % 2 ** mantissaBits;
        const exponent = Math.floor(code / 2 ** mantissaBits) % 2 ** exponentBits;
        const fraction = mantissa / 2 ** mantissaBits;
        const bias = 2 ** (exponentBits - 1);
        const size = exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
        table[code] = code === 128 ? Number.NaN : code > 128 ? -size : size;
      }
    }
    return byTable(bytes, table);
  };
  return { name, bytes: 1, floating: true, decode };
}

/** Integers are codes, labels or indices; each is read into what holds it exactly. */
const integer = (name: string, bytes: number, decode: (bytes: Uint8Array<ArrayBuffer>) => NumberArray): NumberType => ({
  name,
  bytes,
  floating: false,
  decode,
});

export const int8 = integer("int8", 1, (bytes) => new Int8Array(aligned(bytes, 1)));
export const uint8 = integer("uint8", 1, (bytes) => bytes);
export const bool = integer("bool", 1, (bytes) => bytes);
export const int16 = integer("int16", 2, (bytes) => new Int16Array(aligned(bytes, 2)));
export const uint16 = integer("uint16", 2, words);
export const int32 = integer("int32", 4, (bytes) => new Int32Array(aligned(bytes, 4)));
export const uint32 = integer("uint32", 4, (bytes) => new Uint32Array(aligned(bytes, 4)));
export const int64 = integer("int64", 8, (bytes) => wide(new BigInt64Array(aligned(bytes, 8))));
export const uint64 = integer("uint64", 8, (bytes) => wide(new BigUint64Array(aligned(bytes, 8))));

function wide(values: BigInt64Array | BigUint64Array): Float64Array {
  const result = new Float64Array(values.length);
  for (let n = 0; n < result.length; n++) {
    const value = Number(values[n]!);
    if (!Number.isSafeInteger(value)) {
      throw new EnergyError("unsupported", `The 64-bit integer ${values[n]} at ${n} can't be held exactly.`);
    }
    result[n] = value;
  }
  return result;
}

/** Typed arrays need their alignment, and little-endian bytes are what every platform of Node has. */
function aligned(bytes: Uint8Array<ArrayBuffer>, size: number): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteOffset === 0 && byteLength === buffer.byteLength && byteLength % size === 0) return buffer;
  return buffer.slice(byteOffset, byteOffset + byteLength);
}

function words(bytes: Uint8Array<ArrayBuffer>): Uint16Array {
  return new Uint16Array(aligned(bytes, 2));
}

function byTable(codes: Uint8Array | Uint16Array, table: Float32Array): Float32Array {
  const result = new Float32Array(codes.length);
  for (let n = 0; n < result.length; n++) result[n] = table[codes[n]!]!;
  return result;
}

let half: Float32Array | undefined;

/** All 65,536 half floats: a look-up is faster than taking each apart. */
export function halfTable(): Float32Array {
  half ??= floatTable(5, 10, () => false);
  return half;
}

function smallTable(exponentBits: number, mantissaBits: number, hasNaN: (e: number, m: number) => boolean) {
  return floatTable(exponentBits, mantissaBits, hasNaN);
}

/** Values of every code of a binary float; where `hasNaN` knows no NaN, the largest exponent holds infinity and NaN. */
function floatTable(
  exponentBits: number,
  mantissaBits: number,
  hasNaN: (exponent: number, mantissa: number) => boolean,
): Float32Array {
  const bias = 2 ** (exponentBits - 1) - 1;
  const largest = 2 ** exponentBits - 1;
  const hasInfinity = !hasNaN(largest, 2 ** mantissaBits - 1);
  const table = new Float32Array(2 ** (1 + exponentBits + mantissaBits));
  for (let code = 0; code < table.length; code++) {
    const mantissa = code % 2 ** mantissaBits;
    const exponent = Math.floor(code / 2 ** mantissaBits) % 2 ** exponentBits;
    const sign = code >= table.length / 2 ? -1 : 1;
    const fraction = mantissa / 2 ** mantissaBits;
    let value = exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
    if (hasInfinity && exponent === largest) value = mantissa === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
    else if (hasNaN(exponent, mantissa)) value = Number.NaN;
    table[code] = sign * value;
  }
  return table;
}
