/** What to expect of energy and gradient on a GPU that nobody has measured: by its peak and its memory, as its maker states them. An estimate. */
import { flopsOf, type GpuShape, nameOf } from "./shapes.js";

export interface NamedGpu {
  readonly name: string;
  /** Multiplications and additions a second, float32. */
  readonly flops: number;
  /** Bytes of memory a second. */
  readonly bandwidth: number;
}

export const namedGpus: readonly NamedGpu[] = [
  { name: "GeForce RTX 4070", flops: 29e12, bandwidth: 504e9 },
  { name: "Apple M2", flops: 3.6e12, bandwidth: 100e9 },
];

/** Rows of the tile that large sets take (`packages/webgpu/src/pairs/blockings.ts`). */
const side = 128;
/** Of the peak, that energy and gradient are to reach. */
const share = 0.35;

export interface Estimate {
  /** Seconds, by the share of the peak. */
  readonly arithmetic: number;
  /** Bytes read from global memory, and the seconds that takes where no cache helps. */
  readonly bytes: number;
  readonly memory: number;
}

export function estimate(shape: GpuShape, { flops, bandwidth }: NamedGpu): Estimate {
  // Half of the tiles for the cosines, 2d/side numbers a pair. Both products together read rows as often, and each slope d/side times.
  const perProduct = (shape.count ** 2 * shape.dim) / side;
  const bytes = 4 * (perProduct + perProduct + perProduct);
  return { arithmetic: flopsOf(shape, true) / (share * flops), bytes, memory: bytes / bandwidth };
}

/** The same in words, a line for each GPU. */
export function estimateText(shape: GpuShape): string[] {
  return namedGpus.map((gpu) => {
    const { arithmetic, bytes, memory } = estimate(shape, gpu);
    return (
      `${nameOf(shape)} on ${gpu.name}: ${(1000 * arithmetic).toFixed(0)} ms at ${100 * share} % of ${gpu.flops / 1e12} TFLOP/s; ` +
      `${(bytes / 1e9).toFixed(0)} GB, ${(1000 * memory).toFixed(0)} ms at ${gpu.bandwidth / 1e9} GB/s if none came from cache (an estimate)`
    );
  });
}
