/** How PyTorch's and NumPy's numbers are stored, by PyTorch's names for them. */
import {
  bfloat16,
  bool,
  float8e4m3,
  float8e5m2,
  float16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  type NumberType,
  uint8,
  uint16,
  uint32,
  uint64,
} from "../../../tensors/decode-numbers.js";

/** Float8s without a negative zero, whose code is NaN; their exponent's bias is one more. PyTorch's "fnuz". */
function withoutNegativeZero(name: string, exponentBits: number): NumberType {
  const mantissaBits = 7 - exponentBits;
  const bias = 2 ** (exponentBits - 1);
  const table = Float32Array.from({ length: 256 }, (_, code) => {
    if (code === 0x80) return Number.NaN;
    const exponent = (code & 0x7f) >> mantissaBits;
    const fraction = (code & (2 ** mantissaBits - 1)) / 2 ** mantissaBits;
    const value = exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
    return code & 0x80 ? -value : value;
  });
  return { name, bytes: 1, floating: true, decode: (codes) => Float32Array.from(codes, (code) => table[code]!) };
}

/** Powers of two, 2^(code − 127); NaN at 255. OCP Microscaling Formats 1.0, section 5.4.1. */
const float8e8m0: NumberType = {
  name: "float8_e8m0fnu",
  bytes: 1,
  floating: true,
  decode: (codes) => Float32Array.from(codes, (code) => (code === 255 ? Number.NaN : 2 ** (code - 127))),
};

/** Codes of a quantized tensor are integers. */
export const elementTypes: Readonly<Record<string, NumberType>> = {
  float64,
  float32,
  float16,
  bfloat16,
  float8_e4m3fn: float8e4m3,
  float8_e5m2: float8e5m2,
  float8_e4m3fnuz: withoutNegativeZero("float8_e4m3fnuz", 4),
  float8_e5m2fnuz: withoutNegativeZero("float8_e5m2fnuz", 5),
  float8_e8m0fnu: float8e8m0,
  int64,
  uint64,
  int32,
  uint32,
  int16,
  uint16,
  int8,
  uint8,
  bool,
  qint8: int8,
  quint8: uint8,
  qint32: int32,
};

const otherBytes: Readonly<Record<string, number>> = {
  complex64: 8,
  complex128: 16,
  quint4x2: 1,
  quint2x4: 1,
  bytes: 1,
};

/** Of one number of a storage of PyTorch's. */
export function elementBytes(storageType: string): number {
  return elementTypes[storageType]?.bytes ?? otherBytes[storageType] ?? 1;
}

/** Why numbers of a type aren't read, for those that PyTorch has beside them. */
export function whyUnread(dataType: string): string {
  if (/^complex/.test(dataType)) return "complex numbers, whose directions aren't those of real neurons";
  if (/^quint[24]x/.test(dataType)) return `${dataType}: several codes in a byte, which isn't read`;
  return `${dataType}, a type that isn't read`;
}

/** In place: each number's bytes the other way round. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  for (let n = 0; n + size <= bytes.length; n += size) bytes.subarray(n, n + size).reverse();
}
