/** What is copied where when arrays are read: each array's numbers lie in one run a buffer, and runs share buffers that the host can map. */
import type { FloatArray } from "@comhe/core";
import { runOf } from "./blocks.js";
import type { DeviceArray } from "./device-array.js";
import { roundUp, sizeOf } from "./sizes.js";

/** Numbers of an array that lie together. */
export interface Run {
  readonly buffer: GPUBuffer;
  /** The first of them in the array, and how many there are. */
  readonly start: number;
  readonly size: number;
  readonly bytes: number;
}

/** A run, and where it is copied to: an offset in bytes in one of the buffers to read from. */
interface PlacedRun extends Run {
  readonly name: string;
  /** Whether it is the whole array. */
  readonly isAll: boolean;
  readonly to: number;
  readonly offset: number;
}

export interface Reading {
  /** Bytes of each buffer to read from. */
  readonly sizes: readonly number[];
  readonly runs: readonly PlacedRun[];
  readonly results: Record<string, FloatArray>;
}

/** Where an array's numbers lie: one run of them in each buffer. */
export function runsOf({ shape, storage }: DeviceArray): readonly Run[] {
  const { buffers, blocks } = storage!;
  return buffers.map((buffer, n) => {
    const { start, size } = blocks ? runOf(blocks[n]!, shape) : { start: 0, size: sizeOf(shape) };
    return { buffer, start, size, bytes: 4 * size };
  });
}

/**
 * Results of arrays that are one number each are there already.
 *
 * @param step what offsets are multiples of, in bytes
 * @param largest bytes of a buffer at most
 */
export function planReading(
  arrays: readonly (readonly [string, DeviceArray])[],
  step: number,
  largest: number,
): Reading {
  const results: Record<string, FloatArray> = {};
  const sizes: number[] = [];
  const runs: PlacedRun[] = [];
  for (const [name, array] of arrays) {
    const ofArray = array.storage ? runsOf(array) : [];
    const isAll = ofArray.length === 1;
    results[name] = new Float32Array(isAll ? 0 : sizeOf(array.shape)).fill(array.value);
    for (const run of ofArray) {
      const bytes = roundUp(run.bytes, step);
      if (!(sizes.length > 0 && sizes.at(-1)! + bytes <= largest)) sizes.push(0);
      runs.push({ ...run, name, isAll, to: sizes.length - 1, offset: sizes.at(-1)! });
      sizes[sizes.length - 1]! += bytes;
    }
  }
  return { sizes, runs, results };
}

/** @param mapped what the buffers hold */
export function takeResults({ runs, results }: Reading, mapped: readonly ArrayBuffer[]): Record<string, FloatArray> {
  for (const { name, isAll, to, start, offset, size } of runs) {
    const numbers = new Float32Array(mapped[to]!, offset, size);
    if (isAll) results[name] = numbers.slice();
    else results[name]!.set(numbers, start);
  }
  return results;
}
