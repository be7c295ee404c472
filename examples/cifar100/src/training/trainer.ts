/**
 * One network under training, a step at a time: loss, weight decay and energies, each known by itself as in the authors'
 * logs. Its whole state can be taken out and put back.
 */
import type { EvaluatorState } from "@comhe/core";
import { type RegularizedKernel, type RegularizeModelOptions, regularizeModel } from "@comhe/tfjs";
import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/batches.js";
import { CHANNELS, CLASSES, SIDE } from "../data/image-set.js";
import { buildNetwork } from "../network.js";
import { learningRateAt, recipe } from "../recipe.js";

export interface TrainerOptions {
  /** Absent: no energy. */
  readonly regularize: RegularizeModelOptions | undefined;
  readonly seed: number;
  readonly width: number;
  /** Of the whole run: the learning rate falls at shares of it. */
  readonly steps: number;
  /** Before it falls; the recipe's by default. */
  readonly learningRate?: number;
}

/** The parts of the loss that a step started from. */
export interface StepReport {
  /** Cross-entropy with smoothed labels. */
  readonly fit: number;
  readonly decay: number;
  /** Weighted energies of the hidden layers, first one included, and of the output layer. */
  readonly hidden: number;
  readonly output: number;
  /** Share of the batch that was right. */
  readonly accuracy: number;
}

/** Weighted energies by the layer's name, in the model's order. */
export type LayerEnergies = Readonly<Record<string, number>>;

/** All that the next step depends on, besides the options and the data. */
export interface TrainerState {
  readonly step: number;
  /** Weights and moving averages, momentum, and arrays that projections keep: by name. */
  readonly arrays: Readonly<Record<string, StateArray>>;
  /** Of each regularized kernel, without its arrays. */
  readonly projections: Readonly<Record<string, Omit<EvaluatorState, "kept">>>;
}

export interface StateArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Where a step keeps every layer's energy. */
const LAYERS = "layers";

export class Trainer {
  readonly model: tf.Sequential;
  readonly kernels: readonly RegularizedKernel[];
  private readonly optimizer: tf.MomentumOptimizer;
  private readonly variables: tf.Variable[];
  private done = 0;
  private measured: LayerEnergies = {};

  /** @throws EnergyError where the network's shapes can't carry the config */
  constructor(private readonly options: TrainerOptions) {
    this.model = buildNetwork(options.seed, options.width);
    this.kernels = options.regularize
      ? regularizeModel(this.model, { ...options.regularize, seed: options.seed }).regularized
      : [];
    this.optimizer = tf.train.momentum(options.learningRate ?? recipe.learningRate, recipe.momentum);
    this.variables = this.model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  }

  /** Steps done. */
  get step(): number {
    return this.done;
  }

  /** Each layer's share of the energies of the latest step that was read. */
  get layerEnergies(): LayerEnergies {
    return this.measured;
  }

  /** One step. `read`: wait for the device and say how the loss was; a NaN in it is the caller's to see. */
  async train(batch: Batch, read: boolean): Promise<StepReport | undefined> {
    const parts = tf.tidy(() => {
      const { inputs, labels } = toTensors(batch);
      const kept: Record<string, tf.Tensor> = {};
      this.optimizer.setLearningRate(learningRateAt(this.done, this.options.steps, this.options.learningRate));
      this.optimizer.minimize(
        () => {
          const logits = this.model.apply(inputs, { training: true }) as tf.Tensor2D;
          const fit = smoothedCrossEntropy(labels, logits);
          const decay = tf.mul(tf.addN(this.variables.map((each) => tf.sum(tf.square(each)))), recipe.weightDecay / 2);
          const energies = this.kernels.map((kernel) => this.energyOf(kernel));
          const sumOf = (isWanted: (role: RegularizedKernel["role"]) => boolean) => {
            const wanted = energies.filter((_, n) => isWanted(this.kernels[n]!.role));
            return wanted.length === 0 ? tf.scalar(0) : (tf.addN(wanted) as tf.Scalar);
          };
          const hidden = sumOf((role) => role !== "output");
          const output = sumOf((role) => role === "output");
          const accuracy = tf.mean(tf.cast(tf.equal(tf.argMax(logits, 1), labels), "float32"));
          for (const [name, value] of Object.entries({ fit, decay, hidden, output, accuracy })) {
            kept[name] = tf.keep(value.clone());
          }
          if (read && energies.length > 0) kept[LAYERS] = tf.keep(tf.stack(energies));
          return tf.addN([fit, decay, hidden, output]) as tf.Scalar;
        },
        false,
        this.variables,
      );
      return kept;
    });
    this.done++;
    try {
      if (!read) return undefined;
      const { [LAYERS]: layers, ...scalars } = parts;
      const each = layers ? await layers.data() : [];
      this.measured = Object.fromEntries(this.kernels.map(({ layer }, n) => [layer, each[n]!]));
      const names = Object.keys(scalars);
      const values = await Promise.all(names.map(async (name) => (await scalars[name]!.data())[0]!));
      return Object.fromEntries(names.map((name, n) => [name, values[n]!])) as unknown as StepReport;
    } finally {
      tf.dispose(parts);
    }
  }

  /** Each call of `apply` is one step of that projection's schedule. */
  private energyOf({ layer, regularizer }: RegularizedKernel): tf.Scalar {
    return regularizer.apply(this.model.getLayer(layer).trainableWeights[0]!.read());
  }

  /** Share of these images that is classified right, batch normalization by its averages. */
  async countRight(batch: Batch): Promise<number> {
    const right = tf.tidy(() => {
      const { inputs, labels } = toTensors(batch);
      const logits = this.model.apply(inputs, { training: false }) as tf.Tensor2D;
      return tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), "int32"));
    });
    const [count] = await right.data();
    right.dispose();
    return count!;
  }

  async state(): Promise<TrainerState> {
    const arrays: Record<string, StateArray> = {};
    const put = async (name: string, tensor: tf.Tensor) => {
      arrays[name] = { shape: tensor.shape, data: Float32Array.from(await tensor.data()) };
    };
    for (const weight of this.model.weights) await put(`weight/${weight.originalName}`, weight.read());
    const [iterations, ...momentum] = await this.optimizer.getWeights();
    iterations!.tensor.dispose();
    for (const [n, { tensor }] of momentum.entries()) await put(`momentum/${n}`, tensor);
    const projections = this.kernels.map(({ layer, regularizer }) => {
      const { kept, ...state } = regularizer.state();
      for (const [name, { data, shape }] of Object.entries(kept)) {
        arrays[`projection/${layer}/${name}`] = { shape, data: Float32Array.from(data) };
      }
      return [layer, state] as const;
    });
    return { step: this.done, arrays, projections: Object.fromEntries(projections) };
  }

  /** @throws Error where the state belongs to another network or other projections */
  async restore({ step, arrays, projections }: TrainerState): Promise<void> {
    const take = (name: string, expected: readonly number[]): tf.Tensor => {
      const found = arrays[name];
      if (found === undefined) throw new Error(`it has no ${name}`);
      if (found.shape.join() !== expected.join()) {
        throw new Error(`${name}: expected shape [${expected.join(", ")}], got [${found.shape.join(", ")}]`);
      }
      return tf.tensor(found.data, [...found.shape]);
    };
    for (const weight of this.model.weights) {
      const value = take(`weight/${weight.originalName}`, weight.shape as number[]);
      weight.write(value);
      value.dispose();
    }
    const momentum =
      step === 0
        ? []
        : this.variables.map((each, n) => ({ name: each.name, tensor: take(`momentum/${n}`, each.shape) }));
    const iterations = tf.scalar(step, "int32");
    await this.optimizer.setWeights([{ name: "iter", tensor: iterations }, ...momentum]);
    tf.dispose([iterations, ...momentum.map(({ tensor }) => tensor)]);
    for (const { layer, regularizer } of this.kernels) {
      const state = projections[layer];
      if (state === undefined) throw new Error(`it has no projection of ${layer}`);
      const prefix = `projection/${layer}/`;
      const kept = Object.entries(arrays)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, { data, shape }]) => [name.slice(prefix.length), { data: Array.from(data), shape }] as const);
      regularizer.restore({ ...state, kept: Object.fromEntries(kept) });
    }
    this.done = step;
  }

  dispose(): void {
    this.model.dispose();
    this.optimizer.dispose();
    // The learning rate, which the optimizer of tfjs forgets.
    (this.optimizer as unknown as { c: tf.Scalar }).c.dispose();
    for (const { regularizer } of this.kernels) regularizer.dispose();
  }
}

/** −Σ y·log(softmax + 1e-4), y = (1 − ε)·onehot + ε/classes; mean over the batch: the authors' loss. */
export function smoothedCrossEntropy(labels: tf.Tensor1D, logits: tf.Tensor2D): tf.Scalar {
  const { labelSmoothing, probabilityFloor } = recipe;
  const logarithms = tf.log(tf.add(tf.softmax(logits), probabilityFloor));
  const targets = tf.add(tf.mul(tf.oneHot(labels, CLASSES), 1 - labelSmoothing), labelSmoothing / CLASSES);
  return tf.neg(tf.mean(tf.sum(tf.mul(targets, logarithms), 1)));
}

function toTensors({ pixels, labels, count }: Batch): { inputs: tf.Tensor4D; labels: tf.Tensor1D } {
  return {
    inputs: tf.tensor4d(pixels, [count, SIDE, SIDE, CHANNELS]),
    labels: tf.tensor1d(Int32Array.from(labels), "int32"),
  };
}
