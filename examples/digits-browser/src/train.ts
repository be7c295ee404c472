/** One training run; after every epoch the energy of each hidden layer and the errors on the test rows. */
import { randomStream } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { regime } from "../../digits/src/regime.js";
import { type Examples, fetchDigits, splitDigits } from "./data.js";
import type { LayerEnergies } from "./layer-energies.js";
import { buildNetwork, type NetworkSettings } from "./network.js";

export interface RunSettings extends NetworkSettings {
  readonly epochs: number;
  /** TensorFlow.js's, which trains. */
  readonly backend: "wasm" | "webgl" | "webgpu" | "cpu";
  /** Measures after every epoch. */
  readonly energies: LayerEnergies;
}

export interface EpochReading {
  /** 0: before training. */
  readonly epoch: number;
  /** Half-space energy of each hidden layer, unprojected, s = 2. */
  readonly energies: readonly number[];
  /** Percent. */
  readonly testError: number;
  /** Median milliseconds of a step of this epoch. */
  readonly stepMilliseconds: number;
}

let digits: Promise<Uint8Array> | undefined;

/** Yields after every epoch. @throws where the loss isn't finite any more */
export async function* train(settings: RunSettings, signal: AbortSignal): AsyncGenerator<EpochReading> {
  digits ??= fetchDigits();
  const { training, test } = splitDigits(await digits, settings.seed);
  // In an isolated page TensorFlow.js would start threads, by the text of a function of its own: in a minified script that text names what isn't there.
  if (settings.backend === "wasm") tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  if (!(await tf.setBackend(settings.backend))) {
    throw new Error(`TensorFlow.js can't start its "${settings.backend}" backend in this browser: choose another one.`);
  }
  await tf.ready();
  const model = buildNetwork(settings);
  try {
    const reading = async (epoch: number, stepMilliseconds: number): Promise<EpochReading> => {
      const energies = await settings.energies.of(model);
      return { epoch, energies, testError: await errorRate(model, test), stepMilliseconds };
    };
    yield await reading(0, 0);
    for (let epoch = 1; epoch <= settings.epochs && !signal.aborted; epoch++) {
      yield await reading(epoch, await trainEpoch(model, training, settings, epoch - 1));
    }
  } finally {
    model.dispose();
  }
}

async function trainEpoch(
  model: tf.Sequential,
  { count, inputs, labels }: Examples,
  { seed, epochs }: RunSettings,
  epoch: number,
): Promise<number> {
  const random = randomStream(seed, "batches", epoch);
  const order = Int32Array.from({ length: count }, (_, n) => n);
  for (let last = count - 1; last > 0; last--) {
    const pick = random.below(last + 1);
    [order[last], order[pick]] = [order[pick]!, order[last]!];
  }
  const batches = Math.ceil(count / regime.batchSize);
  const times: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const rows = order.subarray(batch * regime.batchSize, (batch + 1) * regime.batchSize);
    const progress = (epoch * batches + batch) / (epochs * batches);
    const rate = (regime.learningRate * (1 + Math.cos(Math.PI * progress))) / 2;
    (model.optimizer as tf.MomentumOptimizer).setLearningRate(rate);
    const x = tf.tensor2d(
      Float32Array.from({ length: rows.length * 64 }, (_, at) => inputs[rows[Math.floor(at / 64)]! * 64 + (at % 64)]!),
      [rows.length, 64],
    );
    const y = tf.oneHot(
      tf.tensor1d(
        Array.from(rows, (row) => labels[row]!),
        "int32",
      ),
      regime.classes,
    );
    const begun = performance.now();
    const loss = (await model.trainOnBatch(x, y)) as number;
    times.push(performance.now() - begun);
    tf.dispose([x, y]);
    if (!Number.isFinite(loss)) {
      throw new Error(`The loss is ${loss} in epoch ${epoch + 1}: the weight is too large. Try a tenth of it.`);
    }
  }
  // Lets the page draw and answer.
  await tf.nextFrame();
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}

async function errorRate(model: tf.Sequential, { count, inputs, labels }: Examples): Promise<number> {
  const classes = tf.tidy(() => tf.argMax(model.predict(tf.tensor2d(inputs, [count, 64])) as tf.Tensor, 1));
  const predicted = await classes.data();
  classes.dispose();
  return (100 * labels.filter((label, n) => predicted[n] !== label).length) / count;
}
