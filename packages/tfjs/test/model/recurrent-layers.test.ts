/**
 * Recurrent layers: an energy for each gate's matrix, in the loss (tfjs leaves regularizers of cells out of it), in the gradient, in reports and
 * monitors, in what is saved.
 */
import { energyAndGradient, referenceBackend } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, it } from "vitest";
import {
  useBackend as computeOn,
  EnergyMonitor,
  findEnergies,
  gateEnergies,
  hypersphericalEnergy,
  kernelSites,
  regularizeModel,
  suggestWeight,
  withoutRegularizers,
} from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { expectClose } from "../support/compare.js";
import { saveAndLoad, train } from "../support/models.js";
import { normalArray } from "../support/numbers.js";

type Recurrent = Parameters<typeof tf.layers.bidirectional>[0]["layer"];
type Option = NonNullable<Parameters<typeof tf.layers.lstm>[0]["kernelRegularizer"]>;

const units = 4;
const init = (seed: number) => tf.initializers.randomNormal({ seed });
const common = { units, kernelInitializer: init(1), recurrentInitializer: init(2) };
const gates = {
  SimpleRNN: [],
  GRU: ["update", "reset", "candidate"],
  LSTM: ["input", "forget", "cell", "output"],
} as const;

/** Each gate's name as a site shows it, in order; without gates the kernel's. */
const named = (kind: keyof typeof gates, kernel: string) =>
  gates[kind].length === 0 ? [kernel] : gates[kind].map((gate) => `${kernel}[${gate}]`);
const both = (kind: keyof typeof gates, prefix = "") =>
  ["kernel", "recurrentKernel"].flatMap((kernel) => named(kind, `${prefix}${kernel}`));

const layersOf = {
  SimpleRNN: () => [tf.layers.simpleRNN({ ...common, name: "recurrent" }), both("SimpleRNN")],
  GRU: () => [tf.layers.gru({ ...common, name: "recurrent" }), both("GRU")],
  LSTM: () => [tf.layers.lstm({ ...common, name: "recurrent" }), both("LSTM")],
  "GRU in Bidirectional": () => [
    tf.layers.bidirectional({
      name: "recurrent",
      layer: tf.layers.gru({ ...common }) as Recurrent,
      mergeMode: "concat",
    }),
    [...both("GRU", "forward/"), ...both("GRU", "backward/")],
  ],
  "LSTM in Bidirectional": () => [
    tf.layers.bidirectional({ name: "recurrent", layer: tf.layers.lstm({ ...common }) as Recurrent, mergeMode: "sum" }),
    [...both("LSTM", "forward/"), ...both("LSTM", "backward/")],
  ],
  "stacked cells": () => [
    tf.layers.rnn({
      name: "recurrent",
      cell: tf.layers.stackedRNNCells({ cells: [tf.layers.gruCell(common), tf.layers.lstmCell(common)] }),
    }),
    [...both("GRU", "cell 0/"), ...both("LSTM", "cell 1/")],
  ],
} as const satisfies Record<string, () => readonly [tf.layers.Layer, readonly string[]]>;
const kinds = Object.keys(layersOf) as (keyof typeof layersOf)[];

function classifier(layer: tf.layers.Layer): tf.Sequential {
  const model = tf.sequential();
  model.add(tf.layers.inputLayer({ inputShape: [3, 5] }));
  model.add(layer);
  model.add(tf.layers.dense({ name: "logits", units: 2, activation: "softmax", kernelInitializer: init(3) }));
  model.build();
  return model;
}

const batch = () => ({
  x: tf.tensor3d(normalArray(5, 8 * 15), [8, 3, 5]),
  y: tf.oneHot(tf.tensor1d([0, 1, 0, 1, 1, 0, 1, 0], "int32"), 2),
});
const compiled = (model: tf.LayersModel, rate = 0.05) => {
  model.compile({ optimizer: tf.train.sgd(rate), loss: "categoricalCrossentropy" });
  return model;
};
const options = { hidden: { weight: 3, projection: { kind: "random", dimension: 6, count: 2 } }, seed: 4 } as const;

/** The columns of one gate, as numbers on the host. */
function matrixOf(site: ReturnType<typeof kernelSites>["sites"][number]) {
  const { variable, gate } = site;
  const kernel = variable.read() as tf.Tensor2D;
  const width = kernel.shape[1] / (gate?.count ?? 1);
  const matrix = tf.slice(kernel, [0, width * (gate?.index ?? 0)], [-1, width]);
  const data = matrix.dataSync<"float32">().slice();
  matrix.dispose();
  return { data, shape: matrix.shape, layout: "neurons-last" } as const;
}

describe.each(backends)("on tfjs's %s", (engine) => {
  beforeEach(() => useBackend(engine));

  it.each(kinds)("%s: an energy for each gate's matrix, of input and state, in the loss", async (kind) => {
    const [layer, weights] = layersOf[kind]();
    const { x, y } = batch();
    const model = classifier(layer);
    const task = (await compiled(model, 0).trainOnBatch(x, y)) as number;
    const { regularized, skipped } = regularizeModel(model, { ...options, output: false });
    expect(regularized.map((each) => `${each.layer}/${each.weight}`)).toEqual(
      weights.map((each) => `recurrent/${each}`),
    );
    expect(skipped).toEqual([{ layer: "logits", weight: "kernel", reason: "output: false" }]);
    const { sites } = kernelSites(layer);
    expect(sites.map(({ weight }) => weight)).toEqual(weights);
    let sum = 0;
    for (const [n, site] of sites.entries()) {
      const { regularizer, role } = regularized[n]!;
      expect(findEnergies(site.regularizer)).toEqual([regularizer]);
      // What the first layer takes in has no kernel before it; what comes from the step before, or from another cell, has.
      expect(role).toBe(/recurrent|cell 1/.test(site.weight) ? "hidden" : "first");
      const seed = { seed: 4, name: `recurrent/${site.weight}` };
      const { energy } = await energyAndGradient(referenceBackend(), regularizer.spec, matrixOf(site), seed);
      sum += 3 * energy;
    }
    const loss = (await compiled(model, 0).trainOnBatch(x, y)) as number;
    expectClose([loss], [task + sum], 1e-4, "loss");
    expect(regularized.map(({ regularizer }) => regularizer.step)).toEqual(weights.map(() => 1));
  });

  it.each(kinds)("%s: energies by another backend, joined, train alike", async (kind) => {
    const { x, y } = batch();
    const make = () => {
      const model = classifier(layersOf[kind]()[0]);
      regularizeModel(model, options);
      return compiled(model);
    };
    const [own, other] = [make(), make()];
    computeOn(other, referenceBackend());
    const losses = await train(own, x, y, 3);
    expectClose(await train(other, x, y, 3), losses, 1e-4, "losses");
    const flat = (model: tf.LayersModel) => model.getWeights().flatMap((weight) => [...weight.dataSync()]);
    expectClose(flat(other), flat(own), 1e-4, "weights");
  });

  it.each(kinds)("%s: saved and loaded, it goes on as the saved model would have", async (kind) => {
    for (const projection of [options.hidden.projection, { kind: "adversarial", dimension: 6 }] as const) {
      const { x, y } = batch();
      const model = classifier(layersOf[kind]()[0]);
      const hidden = { ...options.hidden, projection };
      const { regularized } = regularizeModel(model, { ...options, hidden, first: "projected" });
      await train(compiled(model), x, y, 2);
      const loaded = compiled(await saveAndLoad(model));
      const states = kernelSites(loaded.layers[1]!).sites.map(({ regularizer }) =>
        findEnergies(regularizer)[0]!.state(),
      );
      expect(states).toEqual(regularized.slice(0, -1).map(({ regularizer }) => regularizer.state()));
      expect(await train(loaded, x, y, 3)).toEqual(await train(model, x, y, 3));
    }
  });

  it.each(kinds)("%s: a copy without energies, a monitor, a suggestion, and nothing left behind", async (kind) => {
    const round = async () => {
      const { x, y } = tf.tidy(batch);
      const [layer, weights] = layersOf[kind]();
      const model = classifier(layer);
      regularizeModel(model, options);
      const monitor = new EnergyMonitor();
      model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
      await model.fit(x, y, { epochs: 1, batchSize: 8, verbose: 0, callbacks: [monitor] });
      expect(monitor.history.map((record) => record.weight).slice(0, weights.length)).toEqual(weights);
      const last = monitor.history.at(-1 - 1)!;
      const site = kernelSites(layer).sites.at(-1)!;
      const { potential, space } = findEnergies(site.regularizer)[0]!.spec;
      const { energy } = await energyAndGradient(referenceBackend(), { potential, space } as never, matrixOf(site));
      expectClose([last.unprojected], [energy], 1e-4, "unprojected energy");
      const { kernels } = await suggestWeight(model, { config: { space: "half" }, batches: [{ x, y }] });
      expect(kernels.map(({ weight }) => weight)).toEqual([...weights, "kernel"]);
      expect(kernels.every(({ balanced }) => balanced > 0)).toBe(true);
      const plain = await withoutRegularizers(model);
      expect(JSON.stringify(plain.toJSON(null, false))).not.toMatch(/Energy|backwardEnergies|backward_energies/);
      plain.dispose();
      model.dispose();
      tf.dispose([x, y]);
    };
    await round();
    const before = tf.memory().numTensors;
    await round();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("in a layer's own options", () => {
  beforeEach(() => useBackend("wasm"));

  it("gateEnergies, and the whole kernel as one set", async () => {
    const energy = { space: "half", weight: 2 } as const;
    const layer = tf.layers.lstm({
      ...common,
      kernelRegularizer: gateEnergies("LSTM", energy) as unknown as Option,
      recurrentRegularizer: hypersphericalEnergy(energy) as unknown as Option,
    });
    const model = classifier(layer);
    const { sites } = kernelSites(layer);
    expect(sites.map(({ weight }) => weight)).toEqual([...named("LSTM", "kernel"), "recurrentKernel"]);
    const energies = await Promise.all(
      sites.map(
        async (site) => (await energyAndGradient(referenceBackend(), { space: "half" }, matrixOf(site))).energy,
      ),
    );
    const losses = tf.tidy(() => model.calculateLosses().map((loss) => loss.dataSync()[0]!));
    expectClose(
      losses,
      energies.map((each) => 2 * each),
      1e-4,
      "losses",
    );
    expect(() => regularizeModel(model)).toThrow(/its kernel\[input\] already has hyperspherical energy/);
    const loaded = await saveAndLoad(model);
    (loaded as tf.Sequential).build();
    expectClose(
      tf.tidy(() => loaded.calculateLosses().map((loss) => loss.dataSync()[0]!)),
      losses,
      1e-4,
      "loaded",
    );
  });

  it("within TimeDistributed and nested models the losses are there", () => {
    const inner = tf.layers.lstm({
      ...common,
      kernelRegularizer: gateEnergies("LSTM", { weight: 1 }) as unknown as Option,
    });
    const model = tf.sequential();
    model.add(tf.layers.timeDistributed({ inputShape: [2, 3, 5], layer: inner }));
    model.build();
    expect(tf.tidy(() => model.calculateLosses().length)).toBe(4);
    const outer = tf.input({ shape: [2, 3, 5] });
    const nested = tf.model({ inputs: outer, outputs: model.apply(outer) as tf.SymbolicTensor });
    expect(tf.tidy(() => nested.calculateLosses().length)).toBe(4);
  });

  it("tfjs's own regularizers of cells stay where tfjs leaves them", () => {
    const l2 = tf.regularizers.l2({ l2: 100 });
    const model = classifier(tf.layers.lstm({ ...common, kernelRegularizer: l2, recurrentRegularizer: l2 }));
    expect(model.calculateLosses()).toEqual([]);
    regularizeModel(model, { output: false });
    expect(tf.tidy(() => model.calculateLosses().length)).toBe(8);
  });

  it("a cell of an unknown class is left alone, and reported", () => {
    class Own extends tf.layers.RNNCell {
      static className = "OwnCell";
      readonly stateSize = 5;
      override build() {
        this.built = true;
      }
      override call(inputs: tf.Tensor | tf.Tensor[]) {
        return [inputs, inputs].flat();
      }
    }
    const model = tf.sequential();
    const cell = new Own({}) as never;
    model.add(tf.layers.dense({ units: 5, inputShape: [3, 5] }));
    model.add(tf.layers.rnn({ name: "own", cell }));
    const { skipped } = regularizeModel(model, {});
    expect(skipped).toEqual([{ layer: "own", reason: expect.stringMatching(/cells of class OwnCell/) }]);
  });

  it("refuses gates that aren't", () => {
    expect(() => gateEnergies("RNN" as never, { weight: 1 })).toThrow(/expected "LSTM" or "GRU", got "RNN"/);
    expect(() => hypersphericalEnergy({ weight: 1, gate: { index: 4, count: 4 } })).toThrow(/gate: expected/);
    const three = hypersphericalEnergy({ weight: 1, gate: { index: 0, count: 3 } });
    expect(() => three.apply(tf.zeros([5, 16]))).toThrow(/3 gates of the same size side by side, got \[5, 16\]/);
    expect(() => three.check([5, 16])).toThrow(expect.objectContaining({ code: "invalid-shape" }));
  });

  it("the gradient of one gate is 0 for the others", () => {
    const kernel = tf.tensor2d(normalArray(3, 5 * 16), [5, 16]);
    const energy = hypersphericalEnergy({ weight: 1, gate: { index: 1, count: 4 } });
    const { gradient } = energy.evaluate(kernel);
    const byGrad = tf.grad((at) => energy.apply(at))(kernel);
    expectClose(byGrad.dataSync(), gradient.dataSync(), 1e-5, "gradient");
    const columns = tf.sum(tf.abs(gradient), 0).dataSync();
    expect(Array.from(columns, (sum) => sum > 0)).toEqual(Array.from({ length: 16 }, (_, n) => n >= 4 && n < 8));
  });
});
