/**
 * Handles of the backend: arrays of JavaScript's own, which the kernels read and write in place. So nothing is copied on the way in, or on the
 * way out, and memory is the garbage collector's to free.
 */
import type { FloatArray, Shape } from "@comhe/core";

/** A handle of {@link nativeBackend}: float32 numbers, row major, with their shape. It is for the backend's own operations. */
export interface NativeArray {
  /** The sizes of its axes. */
  readonly shape: Shape;
  /** The numbers. */
  readonly data: Float32Array;
  /** Whether the numbers are the caller's own, which are only read. */
  readonly isBorrowed: boolean;
  /** Whether `download` gave the numbers away, so that their new owner may change them. */
  isGiven: boolean;
}

export function make(shape: Shape): NativeArray {
  return arrayOf(new Float32Array(shape.reduce((product, size) => product * size, 1)), shape);
}

/** For what a kernel writes from the first number to the last: zeros, which memory comes with else, cost as much as a small product. */
export function makeUnwritten(shape: Shape): NativeArray {
  const size = shape.reduce((product, length) => product * length, 1);
  return arrayOf(new Float32Array(Buffer.allocUnsafeSlow(4 * size).buffer), shape);
}

export function arrayOf(data: Float32Array, shape: Shape, isBorrowed = false): NativeArray {
  return { shape, data, isBorrowed, isGiven: false };
}

/** The caller's float32 numbers as they lie; others are rounded, and shared memory, which may change at any time, is copied. */
export function upload(data: FloatArray, shape: Shape): NativeArray {
  const own = unshared(data);
  return arrayOf(own, shape, own === data);
}

/** The numbers themselves, or a copy in float32 that no other thread sees. */
export function unshared(data: FloatArray): Float32Array {
  const isPlain = data instanceof Float32Array && data.buffer instanceof ArrayBuffer;
  return isPlain ? data : Float32Array.from(data);
}

/** The numbers, for the caller to keep. */
export function give(array: NativeArray): Float32Array {
  if (array.isBorrowed || array.isGiven) return array.data.slice();
  array.isGiven = true;
  return array.data;
}

/** Batch, rows, columns. */
export function sizes({ shape }: NativeArray): [batch: number, rows: number, columns: number] {
  const [batch = 1, rows = 1, columns = 1] = shape;
  return [batch, rows, columns];
}
