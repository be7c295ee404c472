/** How PyTorch's and NumPy's numbers are stored, by PyTorch's names for them. */
import {
  bfloat16,
  bool,
  float8e4m3,
  float8e4m3fnuz,
  float8e5m2,
  float8e5m2fnuz,
  float8e8m0,
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

/** Codes of a quantized tensor are integers. */
export const elementTypes: Readonly<Record<string, NumberType>> = {
  float64,
  float32,
  float16,
  bfloat16,
  float8_e4m3fn: float8e4m3,
  float8_e5m2: float8e5m2,
  float8_e4m3fnuz: float8e4m3fnuz,
  float8_e5m2fnuz: float8e5m2fnuz,
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

/** How many bytes a number of a storage of PyTorch has. */
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
