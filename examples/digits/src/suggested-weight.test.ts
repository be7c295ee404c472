/** What `suggestWeight` says of this network, held to what its sweeps found: half-space MHE works at weights from 10 to 1000. */
import { type KernelToWeigh, suggestWeight } from "@comhe/tfjs";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { loadArms } from "./arms.js";
import { loadDigits, PIXELS } from "./digits-data.js";
import { buildNetwork } from "./network.js";
import { ARMS_FILE, DATA_FILE, TUNING_FILE } from "./paths.js";
import { regime } from "./regime.js";
import { splitDigits } from "./split.js";
import { useBackend } from "./tfjs-backend.js";

const arms = loadArms({ armsFile: ARMS_FILE, tuningFile: TUNING_FILE });
const armOf = (name: string) => arms.find((arm) => arm.name === name)!.config;
const digits = loadDigits(DATA_FILE);

beforeAll(() => useBackend("wasm"));

/** The median over hidden layers, on the first batches of a seed. */
async function suggested(arm: string, seed: number): Promise<number> {
  const { training } = splitDigits(digits, seed, regime.samples);
  const network = buildNetwork(armOf("none"), seed);
  const batches = [0, 1, 2, 3, 4].map((n) => {
    const [from, to] = [n * regime.batchSize, (n + 1) * regime.batchSize];
    return {
      x: tf.tensor2d(training.inputs.slice(from * PIXELS, to * PIXELS), [regime.batchSize, PIXELS]),
      y: tf.oneHot(tf.tensor1d(training.labels.slice(from, to), "int32"), regime.classes),
    };
  });
  const energy = armOf(arm).energy!;
  const config = ({ role }: KernelToWeigh) => (role === "output" ? undefined : energy);
  const lossFn = (y: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(y, logits);
  const { kernels, byRole } = await suggestWeight(network.model, { config, batches, lossFn });
  expect(kernels).toHaveLength(regime.hiddenLayers);
  tf.dispose(batches.map(({ x, y }) => [x, y]));
  network.dispose();
  return byRole.hidden!;
}

describe("the suggested weight", () => {
  it.each([1, 2, 3])("of half-space MHE lies in the window that works, seed %d", async (seed) => {
    const weight = await suggested("half-space-mhe", seed);
    expect(weight).toBeGreaterThan(10);
    expect(weight).toBeLessThan(1000);
  });

  it.each(["mhe", "half-space-mhe", "random-comhe"])(
    "of %s is of the order of magnitude that tuning chose",
    async (arm) => {
      const ratio = (await suggested(arm, 1)) / armOf(arm).weight;
      expect(ratio).toBeGreaterThan(1 / 10);
      expect(ratio).toBeLessThan(10);
    },
  );
});
