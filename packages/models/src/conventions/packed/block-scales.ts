/**
 * Scales that cover blocks of a tensor: one for all of it, one for each slice, or one for each block of several axes, the
 * last blocks cut off at the edges. On each axis there are as many scales as blocks; how long a block is follows from that
 * where it can, and from the configuration or the customary lengths where several lengths fit.
 */
import type { Shape } from "@comhe/core/layouts";

export interface Blocks {
  /** How many entries of the weight a scale covers, for each axis. */
  readonly sizes: readonly number[];
  /** How many scales there are, for each axis. */
  readonly counts: readonly number[];
}

/** What is customary, in the order in which it is tried; two of them never fit at once. */
const customary = [128, 64, 32, 16, 256, 512, 1024, 8, 2048, 4096];

/**
 * @param stated sizes of the configuration, for the last axes
 * @returns `undefined` where the scales don't fit the weight
 */
export function blocksOf(weight: Shape, scales: Shape, stated: readonly number[] = []): Blocks | undefined {
  const count = scales.reduce((product, size) => product * size, 1);
  if (count === 1) return { sizes: [...weight], counts: weight.map(() => 1) };
  if (scales.length > weight.length) return undefined;
  // Fewer axes than the weight has: they are its first ones.
  const counts = weight.map((_, axis) => scales[axis] ?? 1);
  const sizes: number[] = [];
  for (const [axis, length] of weight.entries()) {
    const size = blockLength(length, counts[axis]!, stated[axis - weight.length + stated.length]);
    if (size === undefined) return undefined;
    sizes.push(size);
  }
  return { sizes, counts };
}

function blockLength(length: number, count: number, stated: number | undefined): number | undefined {
  if (count === 1) return length;
  if (count === length) return 1;
  const fits = (size: number) => Math.ceil(length / size) === count;
  if (stated !== undefined && stated >= 1 && fits(stated)) return stated;
  return customary.find(fits) ?? (length % count === 0 ? length / count : undefined);
}

/** "128×128", "each row". */
export function shownBlocks({ sizes, counts }: Blocks): string {
  if (counts.every((count) => count === 1)) return "one scale";
  if (counts.every((count, axis) => count === 1 || (axis === 0 && sizes[axis] === 1))) return "a scale for each neuron";
  return `a scale for each ${sizes.join("×")}`;
}
