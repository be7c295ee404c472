/** One run: one arm, one seed. The same job gives the same numbers on the same backend, in any worker and any order. */
import { randomStream } from "@comhe/core";
import type { TrainedLayer, TrainedRun } from "@comhe-examples/study-kit";
import type { ReportProgress } from "@comhe-examples/study-kit/worker";
import * as tf from "@tensorflow/tfjs";
import type { ArmConfig } from "./arms.js";
import { type Digits, PIXELS } from "./digits-data.js";
import { angleHistogram, describeLayer, type LayerReading, readLayer } from "./layer-probe.js";
import { buildNetwork, crossEntropy, type Network } from "./network.js";
import { regime } from "./regime.js";
import { randomOrder } from "./shuffle.js";
import { type Examples, splitDigits } from "./split.js";

/** All that a run depends on besides the data and the code. */
export interface TrainingJob {
  readonly arm: ArmConfig;
  readonly seed: number;
  readonly samples: number;
  readonly epochs: number;
}

export async function trainDigits(
  digits: Digits,
  job: TrainingJob,
  report: ReportProgress = () => {},
): Promise<TrainedRun> {
  const { training, validation, test } = splitDigits(digits, job.seed, job.samples);
  const network = buildNetwork(job.arm, job.seed);
  try {
    const readings = [(await readLayers(network))!];
    let milliseconds = 0;
    let diverged = false;
    for (let epoch = 0; epoch < job.epochs && !diverged; epoch++) {
      const start = performance.now();
      const finite = await trainEpoch(network, training, job, epoch);
      milliseconds += performance.now() - start;
      const reading = await readLayers(network);
      if (reading) readings.push(reading);
      diverged = !finite || reading === undefined;
      report((epoch + 1) / job.epochs);
    }
    return {
      testError: diverged ? 100 : errorRate(network, test),
      validationError: diverged ? 100 : errorRate(network, validation),
      trainingLoss: diverged ? null : meanLoss(network, training),
      diverged,
      seconds: milliseconds / 1000,
      layers: network.hidden.map((layer, index) =>
        history(
          layer,
          readings.map((reading) => reading[index]!),
        ),
      ),
    };
  } finally {
    network.dispose();
  }
}

/** `false` as soon as the loss isn't finite. */
async function trainEpoch({ model }: Network, training: Examples, job: TrainingJob, epoch: number): Promise<boolean> {
  const order = randomOrder(training.count, randomStream(job.seed, "batches", epoch));
  const batches = Math.ceil(training.count / regime.batchSize);
  const optimizer = model.optimizer as tf.MomentumOptimizer;
  for (let batch = 0; batch < batches; batch++) {
    optimizer.setLearningRate(cosineRate(job.arm.learningRate, (epoch * batches + batch) / (job.epochs * batches)));
    const { inputs, labels } = toTensors(
      training,
      order.subarray(batch * regime.batchSize, (batch + 1) * regime.batchSize),
    );
    const loss = await model.trainOnBatch(inputs, labels);
    tf.dispose([inputs, labels]);
    if (!Number.isFinite(loss)) return false;
  }
  return true;
}

/** From `rate` at progress 0 to zero at 1. */
export function cosineRate(rate: number, progress: number): number {
  return (rate * (1 + Math.cos(Math.PI * progress))) / 2;
}

function toTensors(examples: Examples, rows: Int32Array): { inputs: tf.Tensor2D; labels: tf.Tensor2D } {
  const inputs = new Float32Array(rows.length * PIXELS);
  const labels = new Float32Array(rows.length * regime.classes);
  rows.forEach((row, position) => {
    inputs.set(examples.inputs.subarray(row * PIXELS, (row + 1) * PIXELS), position * PIXELS);
    labels[position * regime.classes + examples.labels[row]!] = 1;
  });
  return {
    inputs: tf.tensor2d(inputs, [rows.length, PIXELS]),
    labels: tf.tensor2d(labels, [rows.length, regime.classes]),
  };
}

/** In percent. */
function errorRate({ model }: Network, examples: Examples): number {
  const predicted = tf.tidy(() => {
    const logits = model.predict(tf.tensor2d(examples.inputs, [examples.count, PIXELS])) as tf.Tensor2D;
    return tf.argMax(logits, 1).dataSync();
  });
  const wrong = examples.labels.filter((label, i) => predicted[i] !== label).length;
  return (100 * wrong) / examples.count;
}

function meanLoss({ model }: Network, examples: Examples): number {
  return tf.tidy(() => {
    const everyRow = Int32Array.from({ length: examples.count }, (_, i) => i);
    const { inputs, labels } = toTensors(examples, everyRow);
    return crossEntropy(labels, model.predict(inputs) as tf.Tensor).dataSync()[0]!;
  });
}

/** One reading per hidden layer; `undefined` when a weight isn't finite. */
async function readLayers({ hidden }: Network): Promise<LayerReading[] | undefined> {
  const readings: LayerReading[] = [];
  for (const layer of hidden) {
    const reading = await readLayer(layer);
    if (reading === undefined) return undefined;
    readings.push(reading);
  }
  return readings;
}

function history(layer: tf.layers.Layer, readings: readonly LayerReading[]): TrainedLayer {
  return {
    ...describeLayer(layer),
    energies: readings.map(({ energy }) => energy),
    anglesBefore: angleHistogram(readings[0]!.neurons),
    anglesAfter: angleHistogram(readings[readings.length - 1]!.neurons),
  };
}
