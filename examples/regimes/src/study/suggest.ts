/** What `suggestWeight` says in each regime, on the networks that tuning begins with. */
import "@tensorflow/tfjs-backend-wasm";
import { randomStream } from "@comhe/core";
import { suggestWeight } from "@comhe/tfjs";
import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import { UserError } from "@comhe-examples/study-kit/worker";
import * as tf from "@tensorflow/tfjs";
import { randomOrder } from "../../../digits/src/shuffle.js";
import { type DataFolders, type Examples, takeExamples } from "../regimes/regime.js";
import type { HostRegime } from "../training/train.js";
import { tfjsTwin } from "../twin/tfjs-twin.js";
import { ENERGY_ARMS, energyOf } from "./arms.js";
import type { Suggestion } from "./record.js";
import { FIRST_TUNING_SEED } from "./tune.js";

/** Of the first epoch. */
const BATCHES = 5;
const SEEDS = 3;

export async function startTfjs(): Promise<void> {
  tf.enableProdMode();
  if (!(await tf.setBackend("wasm"))) throw new UserError('TensorFlow.js can\'t start its "wasm" backend here.');
  await tf.ready();
  enableWasmTraining();
}

/** For each energy: what is suggested on each seed, the median over kernels; `null` where it can't tell. */
export async function suggestionsOf(regime: HostRegime, folders: DataFolders): Promise<Suggestion[]> {
  const split = regime.data(folders);
  const seeds = Array.from({ length: SEEDS }, (_, n) => FIRST_TUNING_SEED + n);
  const [size] = regime.grid.projections;
  const suggestions: Suggestion[] = [];
  for (const arm of ENERGY_ARMS) {
    const weights: (number | null)[] = [];
    let reason: string | undefined;
    for (const seed of seeds) {
      const network = regime.network(seed);
      const regularized = new Set(network.regularized.map(({ name }) => name));
      const model = tfjsTwin(network);
      const batches = batchesOf(split(seed).training, regime, seed, model);
      const { kernels } = await suggestWeight(model, {
        config: ({ layer }) => (regularized.has(layer) ? energyOf(arm, size!) : undefined),
        batches,
        seed,
      });
      const told = kernels.flatMap(({ suggested }) => suggested ?? []);
      weights.push(told.length === 0 ? null : median(told));
      reason ??= kernels.find(({ doubt }) => doubt !== undefined)?.doubt;
      tf.dispose(batches.flatMap(({ x, y }) => [x, y]));
      model.dispose();
    }
    suggestions.push({ arm, weights, ...(reason === undefined ? {} : { reason }) });
  }
  return suggestions;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function batchesOf(training: Examples, { batchSize }: HostRegime, seed: number, model: tf.LayersModel) {
  const { shape } = model.inputs[0]!;
  const classes = model.outputs[0]!.shape[1]!;
  const order = randomOrder(training.count, randomStream(seed, "batches", 0));
  const count = Math.min(BATCHES, Math.ceil(training.count / batchSize));
  return Array.from({ length: count }, (_, n) => {
    const { inputs, labels } = takeExamples(training, order.subarray(n * batchSize, (n + 1) * batchSize));
    const y = tf.oneHot(tf.tensor1d(Int32Array.from(labels), "int32"), classes) as tf.Tensor2D;
    return { x: tf.tensor(inputs, [labels.length, ...(shape.slice(1) as number[])]), y };
  });
}
