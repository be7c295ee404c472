/** Times of this package's kernels and of naive ones, in one mode and run. */
export interface Comparison {
  readonly mode: string;
  readonly count: number;
  readonly dim: number;
  /** Medians, in ms. */
  readonly ms: number;
  readonly naiveMs: number;
  readonly ratio: number;
  /** Between the two gradients, relative to the largest entry. */
  readonly difference: number;
}

export function compareKernels(
  gpujs: unknown,
  mode: string,
  count: number,
  dim: number,
  rounds?: number,
): Promise<Comparison>;
