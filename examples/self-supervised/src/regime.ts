/** What is the same in every arm; what tells them apart is in `arms.json`. */
export const regime = {
  /** Rows below train the encoder, without their labels; the others, by other writers and harder, are the test set. */
  poolRows: 1000,
  testRows: 797,
  pixelScale: 0.3763,
  hiddenUnits: 256,
  hiddenLayers: 2,
  /** Images of a batch, each in two views. */
  batchSize: 200,
  steps: 400,
  learningRate: 2e-3,
  weightDecay: 0.01,
  classes: 10,
  /** Of the linear probe, and how often such labels are drawn anew: the mean of as many errors is one run's. */
  labelsPerClass: 5,
  labelDraws: 20,
  labelDrawsOnTheWay: 5,
  ridge: 0.1,
  /** Measurements over training, the one before it not counted. */
  checkpoints: 8,
} as const;

/** Dimensions of the embedding for which `arms.json` has weights; the first is the default. */
export const DIMENSIONS = [8, 64, 4] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Seeds of the reported runs count from 1; tuning uses others, so that nothing is chosen on what is reported. */
export const FIRST_TUNING_SEED = 1001;
