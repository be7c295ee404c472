/** Counts of numbers and bytes. */
import type { Shape } from "@comhe/core";

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** The least multiple of `step` that isn't below `value`. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
