/** Training loops of one's own: tfjs adds penalties in `fit` and `trainOnBatch` alone, so that a loop adds them itself. The recipe of docs/usage/training-loops.md. */
import { referenceBackend } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  useBackend as computeOn,
  EnergyMonitor,
  type HypersphericalEnergy,
  modelPenalty,
  regularizeModel,
} from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { classes, mlp } from "../support/models.js";

const kinds: Readonly<Record<string, () => tf.LayersModel>> = {
  sequential: () => mlp(),
  functional() {
    const input = tf.input({ shape: [12] });
    const dense = (units: number, seed: number, activation: "relu" | "softmax") =>
      tf.layers.dense({ units, activation, kernelInitializer: tf.initializers.heNormal({ seed }) });
    const hidden = dense(8, 5, "relu").apply(dense(10, 4, "relu").apply(input));
    return tf.model({ inputs: input, outputs: dense(3, 6, "softmax").apply(hidden) as tf.SymbolicTensor });
  },
  nested() {
    const input = tf.input({ shape: [12] });
    return tf.model({ inputs: input, outputs: mlp().apply(input) as tf.SymbolicTensor });
  },
};

/** One step of the recipe. */
function step(model: tf.LayersModel, optimizer: tf.Optimizer, x: tf.Tensor, y: tf.Tensor): number {
  const loss = optimizer.minimize(() => {
    const predicted = model.apply(x, { training: true }) as tf.Tensor;
    const task = tf.metrics.categoricalCrossentropy(y, predicted).mean();
    return tf.add(task, modelPenalty(model)) as tf.Scalar;
  }, true)!;
  const [value] = loss.dataSync();
  loss.dispose();
  return value!;
}

const weights = (model: tf.LayersModel) => model.getWeights().map((weight) => Array.from(weight.dataSync()));
const options = { hidden: { weight: 30, projection: { kind: "none" } } } as const;

describe.each(backends)("on tfjs's %s", (engine) => {
  beforeEach(() => useBackend(engine));

  describe.each(Object.keys(kinds))("a %s model", (kind) => {
    it.each(["tfjs", "another backend", "another backend, given later"])(
      "takes the same steps as trainOnBatch, energies by %s",
      async (where) => {
        const { x, y } = classes();
        const make = () => {
          const model = kinds[kind]!();
          const own = where === "another backend" ? { ...options, backend: referenceBackend() } : options;
          const { regularized } = regularizeModel(model, own);
          if (where === "another backend, given later") computeOn(model, referenceBackend());
          return { model, regularizers: regularized.map(({ regularizer }) => regularizer) };
        };
        const [own, fitted] = [make(), make()];
        const optimizer = tf.train.sgd(0.05);
        fitted.model.compile({ optimizer: tf.train.sgd(0.05), loss: "categoricalCrossentropy" });
        for (let n = 0; n < 5; n++) {
          const expected = (await fitted.model.trainOnBatch(x, y)) as number;
          expect(step(own.model, optimizer, x, y)).toBeCloseTo(expected, 4);
        }
        const steps = (regularizers: readonly HypersphericalEnergy[]) =>
          regularizers.map((regularizer) => regularizer.step);
        expect(steps(own.regularizers)).toEqual([5, 5, 5]);
        expect(steps(own.regularizers)).toEqual(steps(fitted.regularizers));
        const expected = weights(fitted.model);
        weights(own.model).forEach((values, n) => {
          values.forEach((value, m) => {
            expect(value).toBeCloseTo(expected[n]![m]!, 4);
          });
        });
      },
    );
  });

  it.each([
    { kind: "random", dimension: 6, count: 3 },
    { kind: "adversarial", dimension: 6, steps: 2 },
    { kind: "angle-preserving", dimension: 6, through: "unrolled" },
    { kind: "pca", dimension: 6, refresh: 2 },
  ] as const)("by variableGrads too the schedule goes on: $kind", async (projection) => {
    const { x, y } = classes();
    const make = () => {
      const model = mlp(() => undefined);
      const { regularized } = regularizeModel(model, { hidden: { weight: 30, projection }, first: "projected" });
      return { model, states: () => regularized.map(({ regularizer }) => regularizer.state()) };
    };
    const [own, fitted] = [make(), make()];
    const start = JSON.stringify(own.states());
    fitted.model.compile({ optimizer: tf.train.sgd(0.05), loss: "categoricalCrossentropy" });
    const optimizer = tf.train.sgd(0.05);
    for (let n = 0; n < 4; n++) {
      await fitted.model.trainOnBatch(x, y);
      tf.tidy(() => {
        const { grads } = tf.variableGrads(() => {
          const task = tf.metrics
            .categoricalCrossentropy(y, own.model.apply(x, { training: true }) as tf.Tensor)
            .mean();
          return tf.add(task, modelPenalty(own.model)) as tf.Scalar;
        });
        const mine = new Set(own.model.trainableWeights.map((weight) => (weight.read() as tf.Variable).name));
        optimizer.applyGradients(Object.fromEntries(Object.entries(grads).filter(([name]) => mine.has(name))));
      });
    }
    expect(own.states().map(({ step }) => step)).toEqual([4, 4, 4]);
    expect(JSON.stringify(own.states())).not.toBe(start);
    own.states().forEach(({ kept }, n) => {
      const expected = fitted.states()[n]!.kept;
      expect(Object.keys(kept)).toEqual(Object.keys(expected));
      for (const [name, { data }] of Object.entries(kept)) {
        data.forEach((value, m) => {
          expect(value).toBeCloseTo(expected[name]!.data[m]!, 3);
        });
      }
    });
    const expected = weights(fitted.model);
    weights(own.model).forEach((values, n) => {
      values.forEach((value, m) => {
        expect(value).toBeCloseTo(expected[n]![m]!, 3);
      });
    });
  });

  it("a sum of everything that fit adds, the user's own regularizers too; 0 where there is none", () => {
    const l2 = () => tf.regularizers.l2({ l2: 0.5 });
    const model = mlp((layer) => (layer === "logits" ? l2() : undefined));
    const kernel = model.layers[2]!.getWeights()[0]!;
    expect(modelPenalty(model).dataSync()[0]).toBeCloseTo(0.5 * tf.sum(tf.square(kernel)).dataSync()[0]!, 4);
    expect(modelPenalty(mlp()).dataSync()[0]).toBe(0);
    expect(modelPenalty(mlp()).shape).toEqual([]);
  });

  it("200 steps leave nothing behind", () => {
    const { x, y } = classes();
    const model = mlp();
    regularizeModel(model, { hidden: { weight: 30, projection: { kind: "random", dimension: 6, count: 2 } } });
    const optimizer = tf.train.momentum(0.01, 0.9);
    step(model, optimizer, x, y);
    const before = tf.memory().numTensors;
    for (let n = 0; n < 200; n++) step(model, optimizer, x, y);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("without the penalties nothing of the energy acts, and the monitor says so once", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { x, y } = classes();
    const model = mlp();
    const { regularized } = regularizeModel(model, options);
    const optimizer = tf.train.sgd(0.05);
    const monitor = new EnergyMonitor();
    for (let epoch = 0; epoch < 3; epoch++) {
      await monitor.record(model, epoch);
      optimizer.minimize(() => tf.metrics.categoricalCrossentropy(y, model.apply(x) as tf.Tensor).mean() as tf.Scalar);
    }
    expect(regularized.map(({ regularizer }) => regularizer.step)).toEqual([0, 0, 0]);
    expect(warn.mock.calls).toEqual([[expect.stringContaining("adds modelPenalty(model) to its loss")]]);
    warn.mockClear();
    const other = new EnergyMonitor();
    for (let epoch = 0; epoch < 3; epoch++) {
      await other.record(model, epoch);
      step(model, optimizer, x, y);
    }
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});

it("modelPenalty refuses what has no penalties to sum up", () => {
  const unbuilt = tf.sequential();
  expect(() => modelPenalty(unbuilt)).toThrow(expect.objectContaining({ code: "invalid-state" }));
  expect(() => modelPenalty({} as tf.LayersModel)).toThrow(expect.objectContaining({ code: "invalid-config" }));
});

it("loss holds the penalties, val_loss and evaluate don't: a metric compares them", async () => {
  await useBackend("wasm");
  const { x, y } = classes();
  const model = mlp();
  regularizeModel(model, { hidden: { weight: 300, projection: { kind: "none" } }, output: false });
  model.compile({ optimizer: tf.train.sgd(0), loss: "categoricalCrossentropy", metrics: ["categoricalCrossentropy"] });
  // The same batch for both, and a rate of 0, so that nothing else tells them apart.
  const { history } = await model.fit(x, y, { epochs: 1, batchSize: 16, validationData: [x, y], verbose: 0 });
  const [loss, task, validation, metric] = [
    "loss",
    "categoricalCrossentropy",
    "val_loss",
    "val_categoricalCrossentropy",
  ].map((key) => history[key]![0] as number);
  expect(validation).toBeCloseTo(task!, 4);
  expect(metric).toBeCloseTo(task!, 4);
  const penalties = tf.tidy(() => tf.addN(model.calculateLosses()).dataSync()[0]!);
  expect(penalties).toBeGreaterThan(100);
  expect(loss! - task!).toBeCloseTo(penalties, 2);
  const [evaluated] = model.evaluate(x, y, { batchSize: 16 }) as tf.Scalar[];
  expect(evaluated!.dataSync()[0]).toBeCloseTo(task!, 4);
});
