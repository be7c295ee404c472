/** Stored bytes to numbers, for every float type that weights are kept in. */
import type { FloatArray } from "@comhe/core/layouts";

export interface NumberType {
  /** As shown: "float32". */
  readonly name: string;
  readonly bytes: number;
  /** Absent for types that aren't floats: labels and indices, not weights. */
  readonly decode?: (bytes: Uint8Array<ArrayBuffer>) => FloatArray;
}

export const float64: NumberType = {
  name: "float64",
  bytes: 8,
  decode: (bytes) => new Float64Array(aligned(bytes, 8)),
};
export const float32: NumberType = {
  name: "float32",
  bytes: 4,
  decode: (bytes) => new Float32Array(aligned(bytes, 4)),
};
export const float16: NumberType = { name: "float16", bytes: 2, decode: (bytes) => byTable(words(bytes), halfTable()) };
export const bfloat16: NumberType = {
  name: "bfloat16",
  bytes: 2,
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
  decode: (bytes) =>
    byTable(
      bytes,
      smallTable(5, 2, () => false),
    ),
};

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
function halfTable(): Float32Array {
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
