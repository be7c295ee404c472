import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { writeSynthetic } from "../test/synthetic.js";
import { loadArms } from "./arms.js";
import { loadFashion } from "./fashion-data.js";
import { ARMS_FILE } from "./paths.js";
import { checkSamples, drawSample } from "./sample.js";
import { cosineRate, trainFashion } from "./train.js";

const data = loadFashion(writeSynthetic({ training: 200 }));
const size = { seed: 1, samples: 100, epochs: 2 };

describe("a run", () => {
  beforeAll(async () => {
    enableWasmTraining();
    await tf.setBackend("wasm");
  });

  it("learns, watches the hidden layers, gives the same numbers again and leaves nothing behind", async () => {
    const progress: number[] = [];
    const run = await trainFashion(data, size, (fraction) => progress.push(fraction));
    const { numTensors } = tf.memory();
    const again = await trainFashion(data, size);
    expect(run.testError).toBeLessThan(60);
    expect(run.diverged).toBe(false);
    expect(run.layers.map(({ name, count, dim }) => [name, count, dim])).toEqual([
      ["conv-1", 32, 9],
      ["conv-2", 64, 288],
      ["dense", 128, 3136],
    ]);
    for (const { energies, anglesBefore, count } of run.layers) {
      expect(energies).toHaveLength(3);
      expect(anglesBefore.reduce((sum, pairs) => sum + pairs, 0)).toBe((count * (count - 1)) / 2);
    }
    expect(progress).toEqual([0.45, 0.9]);
    expect({ ...again, seconds: 0 }).toEqual({ ...run, seconds: 0 });
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("starts every arm from the same weights, and lowers the energies under a regularizer", async () => {
    const small = { ...size, samples: 50 };
    const plain = await trainFashion(data, small);
    for (const { regularize } of loadArms(ARMS_FILE).filter(({ role }) => role === "energy")) {
      const run = await trainFashion(data, { ...small, regularize });
      run.layers.forEach((layer, index) => {
        const unregularized = plain.layers[index]!.energies;
        expect(layer.energies[0]).toBe(unregularized[0]);
        expect(layer.energies[2]).toBeLessThan(unregularized[2]!);
      });
    }
  });

  it("says that it diverged, and keeps what it had seen", async () => {
    const regularize = { hidden: { weight: 1e30 } };
    const run = await trainFashion(data, { ...size, samples: 50, regularize });
    expect(run).toMatchObject({ testError: 100, validationError: 100, trainingLoss: null, diverged: true });
    for (const { energies } of run.layers) expect(energies.length).toBeLessThan(3);
  });
});

describe("what a run is made of", () => {
  it("draws training and validation images apart, by the seed alone", () => {
    const { training, validation } = drawSample(1200, 100, 3);
    expect(new Set([...training, ...validation]).size).toBe(1100);
    expect(drawSample(1200, 100, 3).training).toEqual(training);
    expect(drawSample(1200, 100, 4).training).not.toEqual(training);
  });

  it("refuses more images than there are", () => {
    const images = { ...data.training, count: 1200 };
    expect(() => checkSamples(images, 200)).not.toThrow();
    expect(() => checkSamples(images, 201)).toThrow(/--samples: expected a whole number from 50, .* to 200/);
  });

  it("lets the learning rate fall to zero along a cosine", () => {
    expect(cosineRate(0.5)).toBeCloseTo(cosineRate(0) / 2, 12);
    expect(cosineRate(1)).toBeCloseTo(0, 12);
  });
});
