import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import { beforeAll, describe, expect, it } from "vitest";
import { stripes } from "../test/synthetic.js";
import { takeBatch } from "./data/batches.js";
import { buildNetwork, HIDDEN_LAYERS, OUTPUT_LAYER, withAverages } from "./network.js";
import { learningRateAt } from "./recipe.js";
import { smoothedCrossEntropy, Trainer } from "./training/trainer.js";

beforeAll(async () => {
  enableWasmTraining();
  await tf.setBackend("wasm");
});

describe("the authors' network", () => {
  it("has their layers, shapes and initial deviations", () => {
    const model = buildNetwork(1, 1);
    const kernels = [...HIDDEN_LAYERS, OUTPUT_LAYER].map((name) => model.getLayer(name).getWeights()[0]!);
    expect(kernels.map(({ shape }) => shape.join("×"))).toEqual([
      ...["3×3×3×64", "3×3×64×64", "3×3×64×64"],
      ...["3×3×64×128", "3×3×128×128", "3×3×128×128"],
      ...["3×3×128×256", "3×3×256×256", "3×3×256×256"],
      ...["4×4×256×256", "1×1×256×100"],
    ]);
    for (const kernel of kernels) {
      const fan = kernel.shape.slice(0, -1).reduce((product, length) => product * length, 1);
      const variance = tf.tidy(() => tf.moments(kernel).variance.dataSync()[0]!);
      // Of n values the variance is known to √(2/n); 4 of them.
      expect(Math.abs((variance * fan) / 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / kernel.size));
    }
    expect(model.outputShape).toEqual([null, 100]);
    // Kernels, and γ and β of nine batch normalizations; no biases.
    expect(model.trainableWeights.length).toBe(11 + 18);
    model.dispose();
  });

  it("lowers the learning rate where they do, and at the same shares of a shorter run", () => {
    const at = (step: number) => learningRateAt(step, 75_000);
    expect(
      [at(0), at(29_999), at(30_000), at(49_999), at(50_000), at(64_999), at(65_000)].map((rate) =>
        Number(rate.toPrecision(6)),
      ),
    ).toEqual([0.1, 0.1, 0.01, 0.01, 0.001, 0.001, 0.0001]);
    expect(learningRateAt(39, 100)).toBe(0.1);
    expect(learningRateAt(40, 100)).toBeCloseTo(0.01, 12);
    expect([0, 40].map((step) => learningRateAt(step, 100, 0.02))).toEqual([0.02, 0.002]);
  });

  it("has their loss: smoothed labels, and 1e-4 inside the logarithm", () => {
    const logits = [
      [2, -1, 0.5],
      [40, 0, 0],
    ].map((row) => [...row, ...new Array<number>(97).fill(0)]);
    const labels = [1, 2];
    const expected =
      logits.reduce((sum, row, n) => {
        const total = row.reduce((all, value) => all + Math.exp(value), 0);
        return row.reduce((inner, value, k) => {
          const target = (k === labels[n] ? 0.99 : 0) + 0.01 / 100;
          return inner - target * Math.log(Math.exp(value) / total + 1e-4);
        }, sum);
      }, 0) / 2;
    const actual = smoothedCrossEntropy(tf.tensor1d(labels, "int32"), tf.tensor2d(logits)).dataSync()[0]!;
    expect(actual).toBeCloseTo(expected, 4);
  });
});

describe("a step", () => {
  const batch = takeBatch(stripes(6), [0, 1, 2, 3, 4, 5]);
  const energies = { hidden: { weight: 1, projection: { kind: "none" } } } as const;

  it("is momentum on the sum of loss, decay and energies, and tells its parts apart", async () => {
    const trainer = new Trainer({ regularize: energies, seed: 1, width: 0.05, steps: 10 });
    const before = trainer.model.trainableWeights.map((weight) => Array.from(weight.read().dataSync()));
    const report = (await trainer.train(batch, true))!;
    const squares = before.reduce((sum, data) => data.reduce((inner, value) => inner + value * value, sum), 0);
    expect(report.decay).toBeCloseTo((5e-4 / 2) * squares, 5);
    expect(report.fit).toBeGreaterThan(3);
    // Ten hidden layers at about ½ or more each, ten times the output layer's.
    expect(report.hidden).toBeGreaterThan(4.5);
    expect(report.output).toBeGreaterThan(4.5);
    trainer.dispose();
  });

  it("leaves nothing behind, whether it is read or not", async () => {
    const random = { hidden: { projection: { kind: "random", dimension: 6, count: 2 } } } as const;
    const trainer = new Trainer({ regularize: random, seed: 1, width: 0.05, steps: 10 });
    await trainer.train(batch, true);
    const tensors = tf.memory().numTensors;
    await trainer.train(batch, true);
    await trainer.train(batch, false);
    await trainer.countRight(batch);
    expect(tf.memory().numTensors).toBe(tensors);
    trainer.dispose();
  });
});

describe("withAverages", () => {
  it("takes what is left of the zeros out of the averages, and puts them back", async () => {
    const trainer = new Trainer({ regularize: undefined, seed: 1, width: 0.05, steps: 10 });
    const batch = takeBatch(stripes(6), [0, 1, 2, 3, 4, 5]);
    await trainer.train(batch, false);
    const first = trainer.model.getLayer("conv1_0_norm");
    const averages = () =>
      first
        .getWeights()
        .slice(2)
        .map((weight) => [...weight.dataSync()]);
    const before = averages();
    const tensors = tf.memory().numTensors;
    // After one step at decay 0.999 an average holds 0.001 of that step's value.
    const inside = await withAverages(trainer.model, 1, async () => averages());
    inside.flat().forEach((value, n) => void expect(value).toBeCloseTo(1000 * before.flat()[n]!, 3));
    expect(averages()).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    trainer.dispose();
  });
});
