import type { FloatArray } from "../backend/backend.js";

/**
 * Whether all numbers from `start` up to `end` are finite. 0·x is NaN just where x isn't; four sums, so that one addition doesn't
 * wait for the one before. Ten times as fast as asking `Number.isFinite` of each, which counts beside the energy of a layer.
 */
export function isFiniteRange(data: FloatArray, start = 0, end = data.length): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  let at = start;
  for (; at + 4 <= end; at += 4) {
    a += 0 * data[at]!;
    b += 0 * data[at + 1]!;
    c += 0 * data[at + 2]!;
    d += 0 * data[at + 3]!;
  }
  for (; at < end; at++) a += 0 * data[at]!;
  return a + b + c + d === 0;
}
