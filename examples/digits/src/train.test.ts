import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { type ArmConfig, loadArms } from "./arms.js";
import { loadDigits } from "./digits-data.js";
import { ARMS_FILE, DATA_FILE } from "./paths.js";
import { useBackend } from "./tfjs-backend.js";
import { cosineRate, type TrainingJob, trainDigits } from "./train.js";

beforeAll(() => useBackend("wasm"));

const digits = loadDigits(DATA_FILE);
const arms = loadArms({ armsFile: ARMS_FILE, tuningFile: "" });
const configOf = (name: string): ArmConfig => arms.find((arm) => arm.name === name)!.config;

async function train(arm: string, change: Partial<TrainingJob> = {}) {
  const { seconds, ...run } = await trainDigits(digits, {
    arm: configOf(arm),
    seed: 1,
    samples: 40,
    epochs: 2,
    ...change,
  });
  return run;
}

describe("trainDigits", () => {
  it("gives the same numbers for the same seed, and others for another", async () => {
    const first = await train("random-comhe");
    expect(await train("random-comhe")).toEqual(first);
    expect(await train("random-comhe", { seed: 2 })).not.toEqual(first);
  });

  it("starts every arm from the same weights", async () => {
    const energies = async (arm: string) => (await train(arm, { epochs: 1 })).layers.map((layer) => layer.energies[0]);
    expect(await energies("half-space-mhe")).toEqual(await energies("none"));
    expect(await energies("batch-norm")).toEqual(await energies("none"));
  });

  it("lowers the energy of every hidden layer under the regularizer, and knows its floor", async () => {
    const { layers } = await train("half-space-mhe", { samples: 100 });
    expect(layers).toHaveLength(8);
    for (const { energies, floor, uniform, count } of layers) {
      expect(energies.at(-1)).toBeLessThan(energies[0]!);
      expect(energies.at(-1)).toBeGreaterThanOrEqual(floor!);
      // Orthogonal lines: (N − ¾)/(2N − 1).
      expect(floor).toBeCloseTo((count - 0.75) / (2 * count - 1), 12);
      expect(uniform).toBeGreaterThan(floor!);
    }
  });

  it("counts the angle of every pair of neurons", async () => {
    const { layers } = await train("none", { epochs: 1 });
    for (const { count, anglesBefore, anglesAfter } of layers) {
      const pairs = (count * (count - 1)) / 2;
      for (const histogram of [anglesBefore, anglesAfter]) {
        expect(histogram.reduce((sum, value) => sum + value, 0)).toBe(pairs);
      }
    }
  });

  it.each(["none", "orthogonality", "half-space-mhe", "random-comhe", "group-comhe", "batch-norm"])(
    "leaves no tensor behind: %s",
    async (arm) => {
      await train(arm, { epochs: 1 });
      const before = tf.memory().numTensors;
      await train(arm, { epochs: 1 });
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it("says so when training diverges, and counts every prediction as wrong", async () => {
    const arm = { ...configOf("none"), learningRate: 1e6 };
    expect(await train("none", { arm })).toMatchObject({
      diverged: true,
      testError: 100,
      validationError: 100,
      trainingLoss: null,
    });
  });
});

describe("cosineRate", () => {
  it("falls from the rate to zero", () => {
    expect([0, 0.5, 1].map((progress) => cosineRate(0.03, progress))).toEqual([0.03, expect.closeTo(0.015, 12), 0]);
  });
});
