/** A short training of the digits network on the native library, and the helper's choice of it. */
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { loadArms } from "../../../examples/digits/src/arms.js";
import { loadDigits } from "../../../examples/digits/src/digits-data.js";
import { ARMS_FILE, DATA_FILE } from "../../../examples/digits/src/paths.js";
import { trainDigits } from "../../../examples/digits/src/train.js";
import { loadTfjs } from "../../../packages/tfjs/src/index.js";
import { useBackend } from "./backends.js";

beforeAll(() => useBackend("tensorflow"));

test("loadTfjs picks tfjs-node and says so", async () => {
  const loaded = await loadTfjs({
    quiet: true,
    // The repository doesn't depend on it: as if it were installed beside @comhe/tfjs.
    importModule: (name) => (name === "@tensorflow/tfjs-node" ? import("@tensorflow/tfjs") : import(name)),
  });
  expect(loaded.backend).toBe("tensorflow");
  expect(loaded.packageName).toBe("@tensorflow/tfjs-node");
  expect(loaded.message).toContain("native, CPU");
});

test("half-space MHE lowers the energy of every layer of the digits network", async () => {
  const arms = loadArms({ armsFile: ARMS_FILE, tuningFile: "" });
  const { config } = arms.find(({ name }) => name === "half-space-mhe")!;
  const run = await trainDigits(loadDigits(DATA_FILE), { arm: config, seed: 1, samples: 100, epochs: 4 });
  expect(tf.getBackend()).toBe("tensorflow");
  expect(run.diverged).toBe(false);
  for (const { energies } of run.layers) expect(energies.at(-1)).toBeLessThan(energies[0]!);
});
