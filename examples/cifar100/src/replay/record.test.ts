import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import { beforeAll, describe, expect, it } from "vitest";
import { newFolder, stripes } from "../../test/synthetic.js";
import type { RunLine } from "../command-line.js";
import { loadConfig } from "../config.js";
import { CONFIG_FOLDER } from "../paths.js";
import { record } from "./record.js";
import { MATRICES_FILE, RECORDING_FILE, REPLAY_FILE, type Recording, readRecording } from "./recording.js";
import { summarizeReplay } from "./summary.js";
import { replaysTable } from "./tables.js";

const data = { format: "binary", files: ["", ""], training: stripes(40), test: stripes(12) } as const;
describe("record", () => {
  beforeAll(async () => {
    enableWasmTraining();
    await tf.setBackend("wasm");
  });

  it.each([
    ["random", 2],
    ["adversarial", 1],
  ])("%s: writes matrices for %i of two steps, and each layer's energy", async (name, times) => {
    const folder = newFolder();
    const width = 0.05;
    const line = { seed: 1, steps: 2, batch: 2, width, learningRate: 0.01, augment: false } as RunLine;
    const config = loadConfig(join(CONFIG_FOLDER, `${name}.json`), width);
    await record(data, config, line, folder, () => {});
    const recording: Recording = JSON.parse(readFileSync(join(folder, RECORDING_FILE), "utf8"));
    const size = recording.layers.reduce(
      (sum, { matrices }) => sum + (matrices ? matrices.reduce((product, length) => product * length, 1) : 0),
      0,
    );
    expect(statSync(join(folder, MATRICES_FILE)).size).toBe(4 * times * size);
    expect(Object.keys(recording.steps[0]!.energies)).toEqual(recording.layers.map((layer) => layer.name));
    const { steps } = recording;
    writeFileSync(join(folder, REPLAY_FILE), JSON.stringify({ torch: "", float32: steps, float64: steps }));
    expect(readRecording(folder).replay.float32).toEqual(steps);
    expect(replaysTable([summarizeReplay(folder)])).toContain("never");
  });
});
