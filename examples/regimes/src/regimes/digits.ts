/** Regimes on 200 real digits, 8×8 pixels; the test set, by other writers, is harder. */
import { loadDigits } from "../../../digits/src/digits-data.js";
import { splitDigits } from "../../../digits/src/split.js";
import { DIGITS_FILE } from "../paths.js";
import { trainedOnHost } from "../training/train.js";
import { CLASSES, perceptron } from "./networks.js";
import { type Examples, type Grid, type Split, takeExamples } from "./regime.js";

const SAMPLES = 200;
const PIXELS = 64;
/** All of the development pool but one row, which `splitDigits` wants to keep. */
const POOL = 999;

const shared = { momentum: 0.9, batchSize: 20, epochs: 60, seeds: 20, needsFashion: false } as const;

const grid: Grid = {
  learningRates: [0.01, 0.02, 0.04],
  weightDecays: [0, 1e-3, 5e-3, 1e-2],
  orthogonality: [0.03, 0.1, 0.3, 1],
  weights: [10, 30, 100, 300, 1000],
  projections: [
    [20, 5],
    [30, 5],
    [20, 20],
  ],
  seeds: 4,
};

const open = () => {
  const digits = loadDigits(DIGITS_FILE);
  return (seed: number): Split => splitDigits(digits, seed, SAMPLES);
};

export const deepPlain = trainedOnHost({
  ...shared,
  name: "deep-plain",
  label: "deep, plain",
  about: "200 digits; 64 – [48] × 8 – 10; all hidden kernels, N ≤ d",
  grid,
  network: (seed) => perceptron({ inputs: PIXELS, hidden: new Array<number>(8).fill(48), seed }),
  data: open,
});

export const deepNormalized = trainedOnHost({
  ...shared,
  name: "deep-batch-norm",
  label: "deep, batch norm",
  about: "200 digits; 64 – [48, batch norm] × 8 – 10; all hidden kernels, N ≤ d",
  grid: { ...grid, learningRates: [0.02, 0.04, 0.1] },
  network: (seed) => perceptron({ inputs: PIXELS, hidden: new Array<number>(8).fill(48), seed, isNormalized: true }),
  data: open,
});

export const shallow = trainedOnHost({
  ...shared,
  name: "shallow",
  label: "shallow",
  about: "200 digits; 64 – 128 – 10; the hidden kernel, N > d",
  grid,
  network: (seed) => perceptron({ inputs: PIXELS, hidden: [128], seed }),
  data: open,
});

const BOTTLENECKS = 4;

export const invertedBottleneck = trainedOnHost({
  ...shared,
  name: "inverted-bottleneck",
  label: "inverted bottlenecks",
  about: "200 digits; 64 – [12 linear – 96] × 4 – 10; the kernels of 96 × 12, N > d",
  grid: {
    ...grid,
    learningRates: [0.002, 0.005, 0.01],
    orthogonality: [0.003, 0.01, 0.03, 0.1],
    projections: [
      [8, 5],
      [10, 5],
      [8, 20],
    ],
  },
  network: (seed) => {
    const hidden = Array.from({ length: BOTTLENECKS }, () => [12, 96]).flat();
    const isNarrow = (position: number) => position % 2 === 1;
    const isWide = (name: string) => name.startsWith("hidden") && !isNarrow(Number(name.slice("hidden-".length)));
    return perceptron({ inputs: PIXELS, hidden, seed, isLinear: isNarrow, isRegularized: isWide });
  },
  data: open,
});

const MOST_OF_A_CLASS = 40;
const LEAST_OF_A_CLASS = 2;

/** From 40 of the first class to 2 of the last along a geometric series; which class is first goes round with the seed. */
export function longTail(pool: Examples, seed: number): { readonly taken: number[]; readonly others: number[] } {
  const wanted = Array.from({ length: CLASSES }, (_, label) => {
    const rank = (label + seed) % CLASSES;
    return Math.round(MOST_OF_A_CLASS * (LEAST_OF_A_CLASS / MOST_OF_A_CLASS) ** (rank / (CLASSES - 1)));
  });
  const taken: number[] = [];
  const others: number[] = [];
  for (let row = 0; row < pool.count; row++) (wanted[pool.labels[row]!]!-- > 0 ? taken : others).push(row);
  return { taken, others };
}

export const imbalanced = trainedOnHost({
  ...shared,
  name: "class-imbalance",
  label: "class imbalance",
  about:
    "digits, 40 of the commonest class to 2 of the rarest; 64 – 128 – 128 – 10; all kernels, the output's included; mean error over classes",
  grid,
  isBalanced: true,
  network: (seed) => perceptron({ inputs: PIXELS, hidden: [128, 128], seed, isRegularized: () => true }),
  data: () => {
    const digits = loadDigits(DIGITS_FILE);
    return (seed) => {
      const { training: pool, test } = splitDigits(digits, seed, POOL);
      const { taken, others } = longTail(pool, seed);
      return { training: takeExamples(pool, taken), validation: takeExamples(pool, others), test };
    };
  },
});
