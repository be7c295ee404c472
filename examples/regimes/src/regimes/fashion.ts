/** Regimes on Fashion-MNIST, halved to 14×14 pixels. */
import { randomStream } from "@comhe/core";
import { randomOrder } from "../../../digits/src/shuffle.js";
import { type ImageSet, loadFashion, SIDE } from "../../../fashion/src/fashion-data.js";
import { trainedOnHost } from "../training/train.js";
import { convolutional, perceptron } from "./networks.js";
import { type DataFolders, type Examples, type Grid, takeExamples } from "./regime.js";

export const HALF_SIDE = SIDE / 2;
const VALIDATION = 1000;
/** Of the test set's images, the first so many: the time that all 10,000 take is better spent on more seeds. */
const TEST = 4000;

/** Rows that this example may use, so that not all 60,000 images are halved. */
const POOL = 20_000;
/** Of halved pixels from 0 to 1, to about zero mean and unit variance. */
const MEAN = 0.286;
const DEVIATION = 0.32;

/** Means of 2×2 pixels, standardized. */
export function halve({ pixels, labels }: ImageSet, most: number): Examples {
  const count = Math.min(most, labels.length);
  const inputs = new Float32Array(count * HALF_SIDE * HALF_SIDE);
  for (let image = 0, at = 0; image < count; image++) {
    for (let y = 0; y < HALF_SIDE; y++) {
      for (let x = 0; x < HALF_SIDE; x++, at++) {
        const corner = (image * SIDE + 2 * y) * SIDE + 2 * x;
        const sum = pixels[corner]! + pixels[corner + 1]! + pixels[corner + SIDE]! + pixels[corner + SIDE + 1]!;
        inputs[at] = (sum / (4 * 255) - MEAN) / DEVIATION;
      }
    }
  }
  return { count, inputs, labels: labels.slice(0, count) };
}

let loaded: { readonly folder: string; readonly pool: Examples; readonly test: Examples } | undefined;

/** Read once for all regimes of a worker. */
export function openFashion({ fashion }: DataFolders) {
  if (loaded?.folder !== fashion) {
    const { training, test } = loadFashion(fashion);
    loaded = { folder: fashion, pool: halve(training, POOL), test: halve(test, TEST) };
  }
  return loaded;
}

const split = (samples: number) => (folders: DataFolders) => {
  const { pool, test } = openFashion(folders);
  return (seed: number) => {
    const order = randomOrder(pool.count, randomStream(seed, "split", 0));
    return {
      training: takeExamples(pool, order.subarray(0, samples)),
      validation: takeExamples(pool, order.subarray(samples, samples + VALIDATION)),
      test,
    };
  };
};

/** Coarser than the perceptrons' and on two seeds: a run takes ten times as long. */
const grid: Grid = {
  learningRates: [0.05, 0.1, 0.2],
  weightDecays: [0, 5e-4, 5e-3],
  orthogonality: [0.003, 0.01, 0.03, 0.1],
  weights: [10, 30, 100, 300],
  projections: [
    [20, 5],
    [30, 5],
    [30, 10],
  ],
  seeds: 2,
};

const normalizedConvolutions = (samples: number, epochs: number) =>
  trainedOnHost({
    name: `fashion-conv-${samples}`,
    label: `conv net, batch norm, n = ${samples}`,
    about: `${samples} images of Fashion-MNIST at 14 × 14; 3×3 convolutions 1 – 32 – 64 – 64 – 64 with batch norm; all hidden kernels but the first, N < d`,
    needsFashion: true,
    momentum: 0.9,
    batchSize: 50,
    epochs,
    seeds: 20,
    grid,
    network: (seed) => convolutional(HALF_SIDE, seed),
    data: split(samples),
  });

export const fashionConvolutions = normalizedConvolutions(500, 30);
export const fashionMoreImages = normalizedConvolutions(2000, 10);

export const fashionDeepPlain = trainedOnHost({
  name: "fashion-deep-plain",
  label: "deep, plain, Fashion-MNIST",
  about: "500 images of Fashion-MNIST at 14 × 14; 196 – [48] × 8 – 10; all hidden kernels, N ≤ d",
  needsFashion: true,
  momentum: 0.9,
  batchSize: 20,
  epochs: 30,
  seeds: 20,
  grid: {
    learningRates: [0.01, 0.02, 0.04],
    weightDecays: [0, 1e-3, 5e-3],
    orthogonality: [0.03, 0.1, 0.3],
    weights: [30, 100, 300, 1000],
    projections: [
      [20, 5],
      [30, 5],
      [20, 20],
    ],
    seeds: 3,
  },
  network: (seed) => perceptron({ inputs: HALF_SIDE * HALF_SIDE, hidden: new Array<number>(8).fill(48), seed }),
  data: split(500),
});
