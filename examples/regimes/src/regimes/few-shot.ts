/** Five images of each of five classes, and a trunk that has learned from the five others: only a linear head is trained. */
import { randomStream } from "@comhe/core";
import { randomOrder } from "../../../digits/src/shuffle.js";
import { crossEntropy } from "../network/cross-entropy.js";
import { dense } from "../network/dense.js";
import { chain } from "../network/network.js";
import { cosineRate, momentumDescent } from "../training/momentum-descent.js";
import { trainedOnHost } from "../training/train.js";
import { HALF_SIDE, openFashion } from "./fashion.js";
import { convolutional } from "./networks.js";
import { type Examples, type Split, takeExamples } from "./regime.js";

const SHOTS = 5;
const NEW_CLASSES = 5;
const FEATURES = 64;
/** Images of the other classes that the trunk learns from, and how. */
const TRUNK = { samples: 1000, epochs: 12, batchSize: 50, learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4 };
const VALIDATION = 1000;

interface Trunk {
  /** Outputs of the trunk before its own head, `[count, 64]`. */
  features(images: Examples): Examples;
}

/** The classes below 5 are new, those from 5 on are the trunk's. Both trunk and shots depend on the seed. */
function trainTrunk(pool: Examples, seed: number): Trunk {
  const rows = randomOrder(pool.count, randomStream(seed, "trunk", 0)).filter(
    (row) => pool.labels[row]! >= NEW_CLASSES,
  );
  const images = takeExamples(pool, rows.subarray(0, TRUNK.samples));
  const whole = convolutional(HALF_SIDE, seed);
  const step = momentumDescent(whole.parameters, TRUNK);
  const perEpoch = TRUNK.samples / TRUNK.batchSize;
  const steps = TRUNK.epochs * perEpoch;
  for (let n = 0; n < steps; n++) {
    const order = randomOrder(TRUNK.samples, randomStream(seed, "trunk batches", Math.floor(n / perEpoch)));
    const at = (n % perEpoch) * TRUNK.batchSize;
    const batch = takeExamples(images, order.subarray(at, at + TRUNK.batchSize));
    whole.backward(crossEntropy(whole.forward(batch.inputs, true), batch.labels).slope);
    step(cosineRate(TRUNK.learningRate, n / steps));
  }
  return { features: (examples) => ({ ...examples, inputs: standardized(trunkOf(whole)(examples.inputs)) }) };
}

/** All layers but the last. */
function trunkOf(whole: ReturnType<typeof convolutional>): (inputs: Float32Array) => Float32Array {
  return (inputs) => whole.layers.slice(0, -1).reduce((x, layer) => layer.forward(x, false), inputs);
}

/** To a mean square of 1 over all. */
function standardized(features: Float32Array): Float32Array {
  const square = features.reduce((sum, value) => sum + value * value, 0) / features.length;
  return features.map((value) => value / Math.sqrt(square));
}

export const fewShotHead = trainedOnHost({
  name: "few-shot-head",
  label: "few-shot head",
  about:
    "5 images of each of 5 classes; a linear head on 64 frozen features of a conv net that learned 5 other classes; the head, N < d",
  needsFashion: true,
  momentum: 0.9,
  batchSize: SHOTS * NEW_CLASSES,
  epochs: 200,
  seeds: 20,
  grid: {
    learningRates: [0.01, 0.1],
    weightDecays: [0, 1e-3, 1e-2, 1e-1],
    orthogonality: [0.001, 0.01, 0.1, 1],
    weights: [0.1, 1, 10, 100],
    projections: [
      [30, 5],
      [15, 5],
      [30, 20],
    ],
    seeds: 5,
  },
  network: (seed) => chain([dense({ name: "head", inputs: FEATURES, units: NEW_CLASSES, seed, gain: 1 })], () => true),
  data: (folders) => {
    const { pool, test } = openFashion(folders);
    const isNew = (from: Examples) => (row: number) => from.labels[row]! < NEW_CLASSES;
    const testRows = Array.from({ length: test.count }, (_, row) => row).filter(isNew(test));
    const splits = new Map<number, Split>();
    const make = (seed: number): Split => {
      const trunk = trainTrunk(pool, seed);
      const order = randomOrder(pool.count, randomStream(seed, "shots", 0)).filter(isNew(pool));
      const taken = new Array<number>(NEW_CLASSES).fill(0);
      const shots = order.filter((row) => taken[pool.labels[row]!]!++ < SHOTS);
      const known = new Set(shots);
      const others = order.filter((row) => !known.has(row)).subarray(0, VALIDATION);
      return {
        training: trunk.features(takeExamples(pool, shots)),
        validation: trunk.features(takeExamples(pool, others)),
        test: trunk.features(takeExamples(test, testRows)),
      };
    };
    return (seed) => {
      const split = splits.get(seed) ?? make(seed);
      splits.set(seed, split);
      return split;
    };
  },
});
