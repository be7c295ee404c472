/** Seeded numbers, the same on every run. */
import { randomStream } from "@comhe/core";

export function normalArray(seed: number, length: number): Float32Array {
  const data = new Float32Array(length);
  randomStream(seed, "test", 0).fillNormal(data);
  return data;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
