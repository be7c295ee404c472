/** Regimes whose networks are trained on the host: one run is one arm's settings and one seed. */
import { createEvaluator, defineEnergy, type Evaluator, randomStream } from "@comhe/core";
import { randomOrder } from "../../../digits/src/shuffle.js";
import { crossEntropy, predictions } from "../network/cross-entropy.js";
import type { Network } from "../network/network.js";
import { backend } from "../network/products.js";
import {
  type DataFolders,
  type Examples,
  type Regime,
  type Split,
  type TrainingJob,
  takeExamples,
  widthOf,
} from "../regimes/regime.js";
import type { Run } from "../regimes/run.js";
import { cosineRate, momentumDescent } from "./momentum-descent.js";
import { addOrthogonality } from "./orthogonality.js";

const watched = defineEnergy({ space: "half" });
const PREDICTED_AT_ONCE = 500;

export interface HostRegime extends Omit<Regime, "open"> {
  readonly momentum: number;
  readonly batchSize: number;
  readonly epochs: number;
  /** The mean over classes is the error, however many examples they have. */
  readonly isBalanced?: boolean;
  readonly network: (seed: number) => Network;
  /** Reads the data; then splits by seed. */
  readonly data: (folders: DataFolders) => (seed: number) => Split;
}

/** A regime that anyone can open, from what it trains. */
export function trainedOnHost(regime: HostRegime): Regime & HostRegime {
  return {
    ...regime,
    open: async (folders) => {
      const split = regime.data(folders);
      return (job) => train(regime, split(job.seed), job);
    },
  };
}

async function train(regime: HostRegime, split: Split, job: TrainingJob): Promise<Run> {
  const network = regime.network(job.seed);
  const energies = evaluatorsOf(network, job);
  const step = momentumDescent(network.parameters, { momentum: regime.momentum, weightDecay: job.weightDecay });
  const energyBefore = await meanEnergy(network);
  const start = performance.now();
  const isWhole = await descend(network, energies, step, regime, split.training, job);
  const seconds = (performance.now() - start) / 1000;
  const isSound = isWhole && network.parameters.every(({ value }) => value.every(Number.isFinite));
  const errorOn = (examples: Examples) => (isSound ? errorOf(network, examples, regime.isBalanced ?? false) : 100);
  return {
    testError: errorOn(split.test),
    validationError: errorOn(split.validation),
    diverged: !isSound,
    seconds,
    energyBefore,
    energyAfter: isSound ? await meanEnergy(network) : null,
  };
}

/** `false` as soon as the loss isn't finite. */
async function descend(
  network: Network,
  energies: readonly Evaluator[],
  step: (rate: number) => void,
  { batchSize, epochs }: HostRegime,
  training: Examples,
  { learningRate, orthogonality, weight = 0, seed }: TrainingJob,
): Promise<boolean> {
  const batches = Math.ceil(training.count / batchSize);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = randomOrder(training.count, randomStream(seed, "batches", epoch));
    for (let n = 0; n < batches; n++) {
      const batch = takeExamples(training, order.subarray(n * batchSize, (n + 1) * batchSize));
      const loss = crossEntropy(network.forward(batch.inputs, true), batch.labels);
      if (!Number.isFinite(loss.value)) return false;
      network.backward(loss.slope);
      if (orthogonality) for (const kernel of network.regularized) addOrthogonality(kernel, orthogonality);
      if (!(await addEnergies(network, energies, weight))) return false;
      step(cosineRate(learningRate, (epoch * batches + n) / (epochs * batches)));
    }
  }
  return true;
}

function evaluatorsOf({ regularized }: Network, { energy, seed }: TrainingJob): Evaluator[] {
  return energy ? regularized.map(({ name }) => createEvaluator(backend, energy, { seed, name })) : [];
}

/** Adds weight·∂E/∂W to each regularized kernel's gradient; `false` where a weight isn't finite any more. */
async function addEnergies({ regularized }: Network, energies: readonly Evaluator[], weight: number) {
  for (const [n, evaluator] of energies.entries()) {
    const { value, gradient, shape } = regularized[n]!;
    if (!value.every(Number.isFinite)) return false;
    const result = await evaluator.evaluate({ data: value, shape: shape! });
    for (let at = 0; at < gradient.length; at++) gradient[at]! += weight * result.gradient[at]!;
  }
  return true;
}

/** Half space, s = 2, unprojected, whatever an arm trains: the mean over the regularized kernels. */
async function meanEnergy({ regularized }: Network): Promise<number> {
  let sum = 0;
  for (const { value, shape } of regularized) {
    sum += await createEvaluator(backend, watched).energy({ data: value, shape: shape! });
  }
  return sum / regularized.length;
}

/** In percent; balanced: the mean over classes. */
function errorOf(network: Network, examples: Examples, isBalanced: boolean): number {
  const width = widthOf(examples);
  const wrong = new Map<number, number>();
  const all = new Map<number, number>();
  for (let start = 0; start < examples.count; start += PREDICTED_AT_ONCE) {
    const labels = examples.labels.subarray(start, start + PREDICTED_AT_ONCE);
    const inputs = examples.inputs.subarray(start * width, (start + labels.length) * width);
    predictions(network.forward(inputs, false), labels.length).forEach((predicted, n) => {
      const key = isBalanced ? labels[n]! : 0;
      all.set(key, (all.get(key) ?? 0) + 1);
      if (predicted !== labels[n]) wrong.set(key, (wrong.get(key) ?? 0) + 1);
    });
  }
  const shares = [...all].map(([key, count]) => (wrong.get(key) ?? 0) / count);
  return (100 * shares.reduce((sum, share) => sum + share, 0)) / shares.length;
}
