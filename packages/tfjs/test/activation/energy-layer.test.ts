/** The layer that adds the energy of what passes through it, in fit and in loops of one's own. */
import { createEvaluator, type EnergyConfig, energyAndGradient, referenceBackend } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, it } from "vitest";
import {
  useBackend as computeOn,
  EnergyLayer,
  energyLayer,
  energyOf,
  modelPenalty,
  regularizeModel,
  suggestWeight,
  withoutRegularizers,
} from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { expectClose } from "../support/compare.js";
import { classes, saveAndLoad, train } from "../support/models.js";
import { normalArray } from "../support/numbers.js";

const projection = { kind: "random", dimension: 6, count: 3 } as const;
const config: EnergyConfig = { space: "half", projection };

/** Dense 12-8, the energy of the 16 rows of 8, and a classifier. */
function spread(energy: EnergyLayer | "without" = energyLayer({ ...config, weight: 20, seed: 2, name: "spread" })) {
  const model = tf.sequential();
  const init = (seed: number) => tf.initializers.heNormal({ seed });
  model.add(tf.layers.dense({ name: "embedding", inputShape: [12], units: 8, kernelInitializer: init(1) }));
  if (energy !== "without") model.add(energy);
  model.add(tf.layers.dense({ name: "logits", units: 3, activation: "softmax", kernelInitializer: init(2) }));
  return model;
}

const compiled = (model: tf.LayersModel, rate = 0.05) => {
  model.compile({ optimizer: tf.train.sgd(rate), loss: "categoricalCrossentropy" });
  return model;
};
const energyIn = (model: tf.LayersModel) => model.layers.find((layer) => layer instanceof EnergyLayer)!.energy;
const embeddings = (model: tf.LayersModel, x: tf.Tensor) => model.layers[0]!.apply(x) as tf.Tensor2D;

/** Behind forward passes in training, as in a loop of one's own. */
function penaltyOf(model: tf.LayersModel, ...inputs: tf.Tensor[]): number {
  const dummy = tf.variable(tf.scalar(1));
  const { value, grads } = tf.variableGrads(() => {
    const outputs = inputs.map((x) => tf.sum(model.apply(x, { training: true }) as tf.Tensor));
    return tf.addN([tf.mul(dummy, 0), ...outputs.map((output) => tf.mul(output, 0)), modelPenalty(model)]) as tf.Scalar;
  }, [dummy]);
  const [penalty] = value.dataSync();
  tf.dispose([dummy, value, grads]);
  return penalty!;
}

describe.each(backends)("on tfjs's %s", (engine) => {
  beforeEach(() => useBackend(engine));

  it("adds weight × energy of its input to the loss of a step, at the projections of that step", async () => {
    const { x, y } = classes();
    const [model, plain] = [compiled(spread(), 0), compiled(spread("without"), 0)];
    const run = createEvaluator(referenceBackend(), config, { seed: 2, name: "spread" });
    const data = embeddings(model, x).dataSync<"float32">();
    for (let step = 0; step < 3; step++) {
      const [loss, task] = [await model.trainOnBatch(x, y), await plain.trainOnBatch(x, y)] as [number, number];
      const { energy } = await run.evaluate({ data, shape: [16, 8] });
      expectClose([loss], [task + 20 * energy], 1e-4, `step ${step}`);
    }
    expect(energyIn(model).step).toBe(3);
  });

  it("takes the steps of a loss with energyOf, and of a loop of one's own with modelPenalty", async () => {
    const { x, y } = classes();
    const [fitted, own, plain] = [compiled(spread()), spread(), spread("without")];
    const optimizer = tf.train.sgd(0.05);
    const task = (output: unknown) => tf.metrics.categoricalCrossentropy(y, output as tf.Tensor).mean();
    for (let step = 0; step < 4; step++) {
      await fitted.trainOnBatch(x, y);
      optimizer.minimize(
        () => tf.add(task(own.apply(x, { training: true })), modelPenalty(own)) as tf.Scalar,
        false,
        own.trainableWeights.map((weight) => weight.read() as tf.Variable),
      );
      optimizer.minimize(
        () => {
          const rows = embeddings(plain, x);
          const energy = energyOf(rows, config, { seed: 2, name: "spread", step });
          return tf.add(task(plain.layers[1]!.apply(rows)), tf.mul(20, energy)) as tf.Scalar;
        },
        false,
        plain.trainableWeights.map((weight) => weight.read() as tf.Variable),
      );
    }
    const kernels = [fitted, own, plain].map((model) => model.getWeights().flatMap((weight) => [...weight.dataSync()]));
    expectClose(kernels[1]!, kernels[0]!, 1e-4, "a loop of one's own");
    expectClose(kernels[2]!, kernels[0]!, 1e-4, "energyOf");
    expect([energyIn(fitted).step, energyIn(own).step]).toEqual([4, 4]);
  });

  it("spreads: fit lowers the energy of the embeddings, which nothing did without it", async () => {
    const { x, y } = classes();
    const energyAfter = async (model: tf.LayersModel) => {
      await compiled(model).fit(x, y, { epochs: 40, batchSize: 16, verbose: 0, shuffle: false });
      const data = embeddings(model, x).dataSync<"float32">();
      return (await energyAndGradient(referenceBackend(), { space: "half" }, { data, shape: [16, 8] })).energy;
    };
    const layer = energyLayer({ space: "half", weight: 1 });
    const [spreadOut, plain] = [await energyAfter(spread(layer)), await energyAfter(spread("without"))];
    expect(spreadOut).toBeLessThan(0.9 * plain);
  });

  it("leaves predict and evaluate alone, and a penalty asked for without a forward pass is 0", async () => {
    const { x, y } = classes();
    const [model, plain] = [compiled(spread()), compiled(spread("without"))];
    expect((model.predict(x) as tf.Tensor).dataSync()).toEqual((plain.predict(x) as tf.Tensor).dataSync());
    const [mine, theirs] = [model, plain].map((of) => (of.evaluate(x, y) as tf.Scalar).dataSync()[0]!);
    expect(mine).toBe(theirs);
    expect(modelPenalty(model).dataSync()[0]).toBe(0);
    expect(energyIn(model).step).toBe(0);
  });

  it("counts every forward pass since the last sum: two views of a batch", () => {
    const { x } = classes();
    const model = spread(energyLayer({ weight: 2 }));
    const [a, b] = [x, tf.tensor2d(normalArray(9, 16 * 12), [16, 12])];
    const sum = penaltyOf(model, a, b);
    const each = [a, b].map((view) => 2 * energyOf(embeddings(model, view), {}).dataSync()[0]!);
    expectClose([sum], [each[0]! + each[1]!], 1e-5, "sum");
    expect(energyIn(model).step).toBe(2);
  });

  it("forgets passes of gradients that were taken without it, and keeps nothing of them", () => {
    const { x } = classes();
    const model = spread(energyLayer({ weight: 2 }));
    const kernels = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const without = () =>
      tf.dispose(
        tf.variableGrads(() => tf.mean(model.apply(x, { training: true }) as tf.Tensor) as tf.Scalar, kernels),
      );
    without();
    const before = tf.memory().numTensors;
    for (let n = 0; n < 5; n++) without();
    // Outside of a gradient, as where dropout stays on in predictions, nothing is computed.
    for (let n = 0; n < 5; n++) tf.dispose(model.apply(x, { training: true }) as tf.Tensor);
    expect(tf.memory().numTensors).toBe(before);
    expect(energyIn(model).step).toBe(6);
    expect(modelPenalty(model).dataSync()[0]).toBe(0);
    const expected = 2 * energyOf(embeddings(model, x), {}).dataSync()[0]!;
    expectClose([penaltyOf(model, x)], [expected], 1e-5, "one pass, after those");
  });

  it("suggestWeight takes no step of it", async () => {
    const { x, y } = classes();
    const model = compiled(spread());
    await suggestWeight(model, { config: { space: "half" }, batches: [{ x, y }] });
    expect(energyIn(model).step).toBe(0);
  });

  it.each([
    config,
    { projection: { kind: "adversarial", dimension: 6 } },
    { projection: { kind: "pca", dimension: 6, refresh: 3 } },
  ] as EnergyConfig[])(
    "is saved and loaded, and goes on as the saved model would have: $projection.kind",
    async (of) => {
      const { x, y } = classes();
      const model = compiled(spread(energyLayer({ ...of, weight: 20, seed: 2, name: "spread" })));
      await train(model, x, y, 3);
      const loaded = compiled(await saveAndLoad(model));
      expect(energyIn(loaded).step).toBe(3);
      expect(energyIn(loaded).spec).toEqual(energyIn(model).spec);
      expect(energyIn(loaded).state()).toEqual(energyIn(model).state());
      expect(await train(loaded, x, y, 3)).toEqual(await train(model, x, y, 3));
    },
  );

  it("withoutRegularizers puts tfjs's own identity in its place", async () => {
    const { x, y } = classes();
    const model = compiled(spread());
    await train(model, x, y, 2);
    const plain = await withoutRegularizers(model);
    expect(JSON.stringify(plain.toJSON(null, false))).not.toMatch(/Energy/);
    expect(plain.layers.map((layer) => layer.name)).toEqual(model.layers.map((layer) => layer.name));
    expect((plain.predict(x) as tf.Tensor).dataSync()).toEqual((model.predict(x) as tf.Tensor).dataSync());
  });

  it("within nested models and TimeDistributed, beside regularized kernels, on another backend", async () => {
    const { x, y } = classes();
    const input = tf.input({ shape: [12] });
    const output = spread().apply(input) as tf.SymbolicTensor;
    const nested = tf.model({ inputs: input, outputs: output });
    regularizeModel(nested, { hidden: { weight: 3, projection: { kind: "none" } }, output: false });
    expect(computeOn(nested, referenceBackend())).toHaveLength(2);
    const plain = compiled(spread("without"), 0);
    const task = (await plain.trainOnBatch(x, y)) as number;
    const kernel = plain.layers[0]!.getWeights()[0]!;
    const ofKernel = energyOf(kernel, { space: "half" }, { layout: "neurons-last" }).dataSync()[0]!;
    const ofRows = energyOf(embeddings(plain, x), config, { seed: 2, name: "spread" }).dataSync()[0]!;
    const loss = (await compiled(nested, 0).trainOnBatch(x, y)) as number;
    expectClose([loss], [task + 3 * ofKernel + 20 * ofRows], 1e-4, "loss");

    const steps = tf.sequential();
    const inner = energyLayer({ weight: 1, potential: { kind: "riesz", s: 0 } });
    steps.add(tf.layers.timeDistributed({ inputShape: [3, 5], layer: inner }));
    steps.add(tf.layers.flatten());
    const tokens = tf.tensor3d(normalArray(4, 4 * 15), [4, 3, 5]);
    const penalty = penaltyOf(steps, tokens);
    const each = tf
      .unstack(tokens, 1)
      .map((step) => energyOf(step, { potential: { kind: "riesz", s: 0 } }).dataSync()[0]!);
    expectClose([penalty], [each[0]! + each[1]! + each[2]!], 1e-5, "a pass for each step");
  });

  it("another layout: the tokens of all sentences as one set of points", () => {
    const layout = { neuronAxes: [0, 1] };
    const model = tf.sequential();
    model.add(energyLayer({ weight: 1, layout, inputShape: [3, 8] }));
    model.add(tf.layers.flatten());
    const tokens = tf.tensor3d(normalArray(4, 4 * 24), [4, 3, 8]);
    const penalty = penaltyOf(model, tokens);
    expectClose([penalty], energyOf(tf.reshape(tokens, [12, 8]), {}).dataSync(), 1e-6, "penalty");
  });

  it.each([
    { kind: "random", dimension: 6 },
    { kind: "adversarial", dimension: 6 },
  ] as const)("training and model.dispose() leave nothing behind: $kind", async (projection) => {
    const round = async () => {
      const { x, y } = tf.tidy(classes);
      const layer = energyLayer({ projection, weight: 1 });
      const model = spread(layer);
      // An optimizer of the model's own goes with it.
      model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
      await model.fit(x, y, { epochs: 2, batchSize: 6, verbose: 0 });
      model.dispose();
      tf.dispose([x, y]);
      return tf.memory().numTensors;
    };
    await round();
    const alive = [await round(), await round()];
    expect(alive[1]).toBe(alive[0]);
  });
});

it("refuses options that aren't, with words", () => {
  expect(() => energyLayer({ ...config } as never)).toThrow(/weight: expected a number ≥ 0, got nothing/);
  expect(() => energyLayer({ ...config, weight: 1, units: 3 } as never)).toThrow(/units/);
  expect(() => energyLayer(undefined as never)).toThrow(/weight/);
});

it("tfjs's own option for it is still refused by tfjs, which is why this is a layer", () => {
  const layer = tf.layers.dense({
    units: 2,
    inputShape: [3],
    activityRegularizer: tf.regularizers.l2({ l2: 1 }) as never,
  });
  expect(() => tf.sequential().add(layer)).toThrow(/activity regularizer\(s\) is not supported yet/);
});
