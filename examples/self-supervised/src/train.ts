/** One run: one arm, one seed. The same job gives the same numbers, in any worker and any order. */
import { randomStream } from "@comhe/core";
import { energyOf, type HostBackend } from "@comhe/tfjs";
import type { ReportProgress } from "@comhe-examples/study-kit/worker";
import * as tf from "@tensorflow/tfjs";
import { PIXELS } from "../../digits/src/digits-data.js";
import { randomOrder } from "../../digits/src/shuffle.js";
import { createEncoder, type Encoder } from "./encoder.js";
import type { Images } from "./images.js";
import { probeErrors } from "./probe.js";
import { regime } from "./regime.js";
import type { Checkpoint, Run } from "./result.js";
import { normalized, type Spreading, spreadingTerm } from "./spread.js";
import { inThreeDimensions } from "./three-dimensions.js";
import { drawView } from "./views.js";

/** All that a run depends on besides the data and the code. */
export interface TrainingJob {
  readonly spreading: Spreading;
  readonly weight: number;
  readonly dimension: number;
  readonly seed: number;
  readonly steps: number;
  /** Whether the embeddings are kept for a picture. */
  readonly picture: boolean;
}

export function trainEncoder(
  images: Images,
  job: TrainingJob,
  backend: HostBackend,
  report: ReportProgress = () => {},
): Run {
  const encoder = createEncoder(job.seed, job.dimension);
  try {
    const before = embedAll(encoder, images);
    const checkpoints: Checkpoint[] = [measure(before, images, job, 0, null)];
    const every = Math.max(1, Math.ceil(job.steps / regime.checkpoints));
    let [milliseconds, alignment, counted] = [0, 0, 0];
    let after = before;
    for (let step = 0; step < job.steps; step++) {
      const start = performance.now();
      const losses = trainStep(encoder, images, job, step, backend);
      milliseconds += performance.now() - start;
      if (!Number.isFinite(losses.total)) return diverged(checkpoints, milliseconds, step);
      alignment += losses.alignment;
      counted++;
      if ((step + 1) % every !== 0 && step + 1 !== job.steps) continue;
      after = embedAll(encoder, images);
      checkpoints.push(measure(after, images, job, step + 1, alignment / counted));
      [alignment, counted] = [0, 0];
      report((step + 1) / job.steps);
    }
    const pictures = job.picture
      ? { before: picture(before, job.dimension), after: picture(after, job.dimension) }
      : null;
    return { checkpoints, diverged: false, seconds: milliseconds / 1000, pictures };
  } finally {
    encoder.dispose();
  }
}

/** Every prediction counts as wrong. */
function diverged(checkpoints: readonly Checkpoint[], milliseconds: number, step: number): Run {
  const end = { ...checkpoints[checkpoints.length - 1]!, step: step + 1, testError: 100, validationError: 100 };
  return { checkpoints: [...checkpoints, end], diverged: true, seconds: milliseconds / 1000, pictures: null };
}

function trainStep(encoder: Encoder, images: Images, job: TrainingJob, step: number, backend: HostBackend) {
  const { dimension, seed, spreading, weight } = job;
  const views = drawBatch(images, seed, step);
  const inputs = tf.tensor2d(views, [2 * regime.batchSize, PIXELS]);
  let alignment = Number.NaN;
  const total = encoder.step(
    () => {
      const embeddings = tf.reshape(encoder.embed(inputs), [2, regime.batchSize, dimension]) as tf.Tensor3D;
      const [first, second] = tf.unstack(normalized(embeddings)) as [tf.Tensor2D, tf.Tensor2D];
      const aligned = tf.mean(tf.sum(tf.square(tf.sub(first, second)), -1)) as tf.Scalar;
      alignment = aligned.dataSync()[0]!;
      if (spreading === null) return aligned;
      return tf.add(aligned, tf.mul(weight, spreadingTerm(spreading, embeddings, { step, seed, backend })));
    },
    (regime.learningRate * (1 + Math.cos((Math.PI * step) / job.steps))) / 2,
  );
  inputs.dispose();
  return { total, alignment };
}

/** Two views of each image of the batch, one half after the other; rows in random order, each once in an epoch. */
function drawBatch(images: Images, seed: number, step: number): Float32Array {
  const perEpoch = Math.floor(regime.poolRows / regime.batchSize);
  const order = orderOf(seed, Math.floor(step / perEpoch));
  const random = randomStream(seed, "views", step);
  const views = new Float32Array(2 * regime.batchSize * PIXELS);
  for (let n = 0; n < 2 * regime.batchSize; n++) {
    const row = order[(step % perEpoch) * regime.batchSize + (n % regime.batchSize)]!;
    drawView(
      images.pixels.subarray(row * PIXELS, (row + 1) * PIXELS),
      random,
      views.subarray(n * PIXELS, (n + 1) * PIXELS),
    );
  }
  return images.standardize(views);
}

let latest: { readonly seed: number; readonly epoch: number; readonly order: Int32Array } | undefined;

/** Of the pool's rows in an epoch, which several steps share. */
function orderOf(seed: number, epoch: number): Int32Array {
  if (latest?.seed !== seed || latest.epoch !== epoch) {
    latest = { seed, epoch, order: randomOrder(regime.poolRows, randomStream(seed, "batches", epoch)) };
  }
  return latest.order;
}

/** Of every image, as it is: unit embeddings, rows × dimension. */
function embedAll(encoder: Encoder, images: Images): Float32Array {
  return tf.tidy(() => {
    const inputs = images.standardize(images.pixels.slice());
    const embeddings = encoder.embed(tf.tensor2d(inputs, [images.labels.length, PIXELS]));
    return normalized(embeddings).dataSync<"float32">().slice();
  });
}

function measure(
  embeddings: Float32Array,
  { labels }: Images,
  { dimension, seed, steps }: TrainingJob,
  step: number,
  alignment: number | null,
): Checkpoint {
  // On the way a few draws of labels show where it goes.
  const draws = step === steps ? regime.labelDraws : regime.labelDrawsOnTheWay;
  const errors = probeErrors({ embeddings, dimension, labels }, seed, draws);
  const energy = tf.tidy(() => {
    const test = embeddings.subarray(regime.poolRows * dimension);
    const rows = tf.tensor2d(test.slice(), [test.length / dimension, dimension]);
    return energyOf(rows, { potential: { kind: "riesz", s: 0 } }).dataSync()[0]!;
  });
  return { step, testError: errors.test, validationError: errors.validation, energy, alignment };
}

function picture(embeddings: Float32Array, dimension: number): number[] {
  const points = inThreeDimensions(embeddings.subarray(regime.poolRows * dimension), dimension);
  return Array.from(points, (value) => Math.round(1000 * value));
}
