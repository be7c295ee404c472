/** A constant's numbers: floats as they are, codes times their scales, one for the tensor or one for each entry of an axis. */
import type { FloatArray } from "@comhe/core/layouts";
import { sizeOf } from "../../layer-source.js";
import {
  bfloat16,
  float16,
  float32,
  float64,
  int8,
  int16,
  type NumberType,
  uint8,
} from "../../tensors/decode-numbers.js";
import type { TfliteTensor } from "./model.js";

const floats: Readonly<Record<string, NumberType>> = { float16, bfloat16, float32, float64 };
const codes: Readonly<Record<string, NumberType>> = { int8, uint8, int16 };

/** @returns why not, for what isn't read */
export function decoderOf(
  tensor: TfliteTensor,
  bytes: Uint8Array<ArrayBuffer>,
): ((from: number, count: number) => FloatArray) | string {
  const { type, shape, data, scales, zeros, axis, sparse } = tensor;
  if (data === undefined) return "no constant";
  if (sparse) return "stored sparsely, which isn't read; convert the model without sparsity";
  const count = sizeOf(shape);
  const float = Object.hasOwn(floats, type) ? floats[type]! : undefined;
  const code = Object.hasOwn(codes, type) ? codes[type]! : undefined;
  const needed = type === "int4" ? Math.ceil(count / 2) : count * ((float ?? code)?.bytes ?? 0);
  if (float === undefined && code === undefined && type !== "int4") return `${type}, not floating point`;
  if (needed !== data.length) return `damaged: ${data.length} bytes for ${count} numbers of ${type}`;
  if (float !== undefined) {
    const { bytes: size, decode } = float;
    return (from, length) =>
      decode(bytes.slice(data.start + from * size, data.start + (from + length) * size)) as FloatArray;
  }
  if (scales.length === 0) return `${type} without scales`;
  const along = scales.length === 1 ? 1 : shape[axis];
  if (along === undefined || scales.length !== along)
    return `${scales.length} scales for axis ${axis} of [${shape.join(", ")}]`;
  const step = scales.length === 1 ? count : sizeOf(shape.slice(axis + 1));
  return (from, length) => {
    const result = new Float32Array(length);
    const stored =
      type === "int4"
        ? undefined
        : (code!.decode(
            bytes.slice(data.start + from * code!.bytes, data.start + (from + length) * code!.bytes),
          ) as ArrayLike<number>);
    for (let n = 0; n < length; n++) {
      const at = from + n;
      // The low nibble comes first; four bits with a sign.
      const value = stored ? stored[n]! : (bytes[data.start + (at >> 1)]! << (at % 2 === 0 ? 28 : 24)) >> 28;
      const channel = scales.length === 1 ? 0 : Math.floor(at / step) % along;
      result[n] = scales[channel]! * (value - (zeros[channel] ?? zeros[0] ?? 0));
    }
    return result;
  };
}
