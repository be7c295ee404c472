/** One run: one arm, one seed. The same job gives the same numbers on the same backend, in any worker and any order. */
import { randomStream } from "@comhe/core";
import { type RegularizeModelOptions, regularizeModel } from "@comhe/tfjs";
import type { TrainedRun } from "@comhe-examples/study-kit";
import { LayerWatch, randomOrder } from "@comhe-examples/study-kit/training";
import type { ReportProgress } from "@comhe-examples/study-kit/worker";
import * as tf from "@tensorflow/tfjs";
import { CLASSES, type FashionData, type ImageSet, PIXELS, SIDE } from "./fashion-data.js";
import { buildNetwork, crossEntropy, disposeNetwork, HIDDEN_LAYERS } from "./network.js";
import { regime } from "./regime.js";
import { drawSample } from "./sample.js";

/** All that a run depends on besides the data and the code. */
export interface TrainingJob {
  /** Absent: no energy. */
  readonly regularize?: RegularizeModelOptions | undefined;
  readonly seed: number;
  readonly samples: number;
  readonly epochs: number;
}

/** Images to predict at once. */
const PREDICTED_AT_ONCE = 500;

/** Share of a run's progress that training makes; the rest is the test. */
const TRAINING_SHARE = 0.9;

export async function trainFashion(
  data: FashionData,
  job: TrainingJob,
  report: ReportProgress = () => {},
): Promise<TrainedRun> {
  const sample = drawSample(data.training.count, job.samples, job.seed);
  const model = buildNetwork(job.seed);
  const regularizers = job.regularize
    ? regularizeModel(model, { ...job.regularize, seed: job.seed }).regularized.map(({ regularizer }) => regularizer)
    : [];
  try {
    const watch = new LayerWatch(model, HIDDEN_LAYERS);
    await watch.record();
    let milliseconds = 0;
    let diverged = false;
    for (let epoch = 0; epoch < job.epochs && !diverged; epoch++) {
      const start = performance.now();
      const finite = await trainEpoch(model, data.training, sample.training, job, epoch);
      milliseconds += performance.now() - start;
      diverged = !finite || !(await watch.record());
      report((TRAINING_SHARE * (epoch + 1)) / job.epochs);
    }
    const everyTestImage = Int32Array.from({ length: data.test.count }, (_, i) => i);
    const score = (images: ImageSet, rows: Int32Array) =>
      diverged ? { error: 100, loss: null } : evaluate(model, images, rows);
    return {
      testError: score(data.test, everyTestImage).error,
      validationError: score(data.training, sample.validation).error,
      trainingLoss: score(data.training, sample.training).loss,
      diverged,
      seconds: milliseconds / 1000,
      layers: watch.history(),
    };
  } finally {
    disposeNetwork(model);
    for (const regularizer of regularizers) regularizer.dispose();
  }
}

/** `false` as soon as the loss isn't finite. */
async function trainEpoch(
  model: tf.Sequential,
  images: ImageSet,
  rows: Int32Array,
  job: TrainingJob,
  epoch: number,
): Promise<boolean> {
  const order = randomOrder(rows.length, randomStream(job.seed, "batches", epoch)).map((position) => rows[position]!);
  const batches = Math.ceil(rows.length / regime.batchSize);
  const optimizer = model.optimizer as tf.MomentumOptimizer;
  for (let batch = 0; batch < batches; batch++) {
    optimizer.setLearningRate(cosineRate((epoch * batches + batch) / (job.epochs * batches)));
    const batchRows = order.subarray(batch * regime.batchSize, (batch + 1) * regime.batchSize);
    const { inputs, labels } = toTensors(images, batchRows);
    const loss = await model.trainOnBatch(inputs, labels);
    tf.dispose([inputs, labels]);
    if (!Number.isFinite(loss)) return false;
  }
  return true;
}

/** From the full rate at progress 0 to zero at 1. */
export function cosineRate(progress: number): number {
  return (regime.learningRate * (1 + Math.cos(Math.PI * progress))) / 2;
}

/** The error in percent and the cross-entropy, without penalties. */
function evaluate(model: tf.Sequential, images: ImageSet, rows: Int32Array): { error: number; loss: number } {
  let wrong = 0;
  let loss = 0;
  for (let start = 0; start < rows.length; start += PREDICTED_AT_ONCE) {
    const some = rows.subarray(start, start + PREDICTED_AT_ONCE);
    tf.tidy(() => {
      const { inputs, labels } = toTensors(images, some);
      const logits = model.predict(inputs, { batchSize: PREDICTED_AT_ONCE }) as tf.Tensor2D;
      const predicted = tf.argMax(logits, 1).dataSync();
      wrong += some.filter((row, i) => images.labels[row] !== predicted[i]).length;
      loss += crossEntropy(labels, logits).dataSync()[0]! * some.length;
    });
  }
  return { error: (100 * wrong) / rows.length, loss: loss / rows.length };
}

function toTensors(images: ImageSet, rows: Int32Array): { inputs: tf.Tensor4D; labels: tf.Tensor2D } {
  const inputs = new Float32Array(rows.length * PIXELS);
  const labels = new Float32Array(rows.length * CLASSES);
  rows.forEach((row, position) => {
    const pixels = images.pixels.subarray(row * PIXELS, (row + 1) * PIXELS);
    for (let i = 0; i < PIXELS; i++) {
      inputs[position * PIXELS + i] = (pixels[i]! / 255 - regime.pixelMean) / regime.pixelSpread;
    }
    labels[position * CLASSES + images.labels[row]!] = 1;
  });
  return {
    inputs: tf.tensor4d(inputs, [rows.length, SIDE, SIDE, 1]),
    labels: tf.tensor2d(labels, [rows.length, CLASSES]),
  };
}
