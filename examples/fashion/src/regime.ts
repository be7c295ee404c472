/** What is the same in every arm; what tells the arms apart is in `arms.json`. */
export const regime = {
  samples: 1000,
  /** Training images that no run of the seed trains on. */
  validation: 1000,
  /** Of the 60,000 training images' pixels, from 0 to 1. */
  pixelMean: 0.286,
  pixelSpread: 0.353,
  learningRate: 0.05,
  momentum: 0.9,
  batchSize: 50,
  epochs: 8,
  weightDecay: 5e-4,
} as const;
