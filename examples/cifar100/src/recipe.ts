/**
 * The authors' recipe (Lin et al. 2020, and the code they published for CIFAR-100); the flags change some of it to run it
 * small. What tells runs apart is in `configs/`.
 */
export const recipe = {
  steps: 75_000,
  batchSize: 128,
  learningRate: 0.1,
  /** From each of these steps on, the rate is a tenth of what it was. */
  rateFallsAt: [30_000, 50_000, 65_000],
  momentum: 0.9,
  /** λ of λ/2·‖w‖², of kernels and of batch normalization's γ and β alike. */
  weightDecay: 5e-4,
  labelSmoothing: 0.01,
  /** Added to every probability inside the logarithm, as in the authors' code. */
  probabilityFloor: 1e-4,
  /** Pixels of mirrored border that a crop of the original size is taken from. */
  padding: 4,
  testEvery: 500,
  logEvery: 100,
  /** Of batch normalization. */
  averageDecay: 0.999,
  averageEpsilon: 1e-3,
  /** Channels of the three stages, and of the layer that takes the last 4 × 4 pixels together. */
  channels: [64, 128, 256, 256],
} as const;

/**
 * Of the step, counted from 0, in a run of `steps`: a shorter run's rate falls at the same shares of its length.
 * @param first the rate before it falls
 */
export function learningRateAt(step: number, steps: number, first: number = recipe.learningRate): number {
  const falls = recipe.rateFallsAt.filter((at) => step >= Math.round((at / recipe.steps) * steps)).length;
  return first / 10 ** falls;
}
