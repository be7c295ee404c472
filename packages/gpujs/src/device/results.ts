/** What gpu.js makes of a kernel's numbers, and how they come back into one piece. */
import type { MaybePromise, Shape } from "@comhe/core";
import { type DeviceHandle, type DeviceValue, type PendingSum, type Storage, sizeOf } from "./device-array.js";
import type { GpuKernel } from "./gpu-js.js";
import { isPromise } from "./pending.js";

/**
 * gpu.js shapes a result of four numbers per thread as an object per thread, which takes a third of a small tile's time,
 * though its numbers lie in one piece already. `_shapeOutput` is a method of gpu.js's own: where a version has none, or
 * puts another kernel in this one's place, results come shaped and {@link flatten} takes them apart.
 */
export function leaveFlat({ kernel }: GpuKernel): void {
  if (typeof kernel._shapeOutput === "function") kernel._shapeOutput = (numbers) => numbers;
}

/** A kernel's result as it is kept: in one piece where it lies on the host. */
export function keptValue(value: unknown, { extent }: Storage, onHost: boolean): DeviceValue {
  if (onHost) return flatten(value, sizeOf(extent));
  const handle = value as DeviceHandle & { componentCount?: number; output?: number[] };
  // gpu.js refuses WebGPU buffers of quads as operands, though their numbers lie as those of any buffer.
  if (handle.componentCount !== undefined) {
    handle.componentCount = 1;
    handle.output = [...extent];
  }
  return handle;
}

/** A copy of the numbers. */
export async function readStorage({ value, extent }: Storage): Promise<Float32Array> {
  if (value instanceof Float32Array) return value.slice();
  const read = value!.toArray() as MaybePromise<unknown>;
  return flatten(isPromise(read) ? await read : read, sizeOf(extent));
}

/** Takes the sums that were left to the host, in float64. */
export function takeSums(numbers: Float32Array, shape: Shape, { width, scale, offset }: PendingSum): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, (_, b) => {
    let sum = 0;
    for (let n = b * width; n < (b + 1) * width; n++) sum += numbers[n]!;
    return offset + scale * sum;
  });
}

/** Nested rows as gpu.js shapes them, into one piece: without a copy where they are views of one. */
function flatten(value: unknown, length: number): Float32Array {
  let leaf = value;
  while (Array.isArray(leaf)) leaf = leaf[0];
  const first = leaf as Float32Array;
  if (first.length === length) return first;
  if (first.byteOffset === 0 && first.buffer.byteLength === length * 4) return new Float32Array(first.buffer);
  const result = new Float32Array(length);
  let at = 0;
  const copy = (part: unknown) => {
    if (Array.isArray(part)) part.forEach(copy);
    else {
      result.set(part as Float32Array, at);
      at += (part as Float32Array).length;
    }
  };
  copy(value);
  return result;
}
