/** Interrupted runs, damaged checkpoints, full disks. On tfjs wasm, whose numbers are the same every time. */
import * as nodeFiles from "node:fs";
import { join } from "node:path";
import type { RegularizeModelOptions } from "@comhe/tfjs";
import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import { UserError } from "@comhe-examples/study-kit/worker";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { newFolder, stripes } from "../../test/synthetic.js";
import { loadConfig } from "../config.js";
import { CONFIG_FOLDER } from "../paths.js";
import { previousOf, readCheckpoint } from "./checkpoint-file.js";
import { type RunOptions, runTraining } from "./run.js";

const data = { format: "binary", files: ["", ""], training: stripes(40), test: stripes(12) } as const;
const steps = 6;

beforeAll(async () => {
  enableWasmTraining();
  await tf.setBackend("wasm");
});

function start(
  folder: string,
  regularize: RegularizeModelOptions | undefined,
  changes: Partial<RunOptions> & { stopAt?: number; warnings?: string[] } = {},
) {
  const { stopAt, warnings = [], ...rest } = changes;
  const controller = new AbortController();
  return runTraining(data, {
    regularize,
    ...{ seed: 3, width: 0.05, steps, batch: 8, augment: true, testImages: undefined },
    ...{ testEvery: 3, logEvery: 1, checkpointEvery: 2 },
    checkpoint: join(folder, "checkpoint"),
    key: "this run",
    signal: controller.signal,
    hooks: {
      start() {},
      step: (step) => step === stopAt && controller.abort(),
      log() {},
      tested() {},
      warn: (line) => void warnings.push(line),
    },
    ...rest,
  });
}

/** The authors' three and the other strategies, as their files have them, in networks narrow enough for a test. */
const narrow: Readonly<Record<string, object>> = {
  random: { dimension: 6, count: 2 },
  "random-hadamard-max": { dimension: 6, count: 2 },
  "angle-preserving": { dimension: 6 },
  adversarial: { dimension: 6, steps: 2 },
  bilateral: { rank: 4 },
  pca: { dimension: 3, refresh: 2 },
  group: { groups: 2 },
};
function narrowed(name: string): RegularizeModelOptions | undefined {
  const { regularize } = JSON.parse(readFileSync(join(CONFIG_FOLDER, `${name}.json`), "utf8"));
  if (!regularize) return undefined;
  const projection = { ...regularize.hidden.projection, ...narrow[name] };
  return { ...regularize, hidden: { ...regularize.hidden, projection } };
}
const names = nodeFiles.readdirSync(CONFIG_FOLDER).map((file) => file.replace(".json", ""));

describe("a run", () => {
  it.each(names)("%s: interrupted and taken up again, has the losses of one that never was", async (name) => {
    const regularize = narrowed(name);
    const whole = await start(newFolder(), regularize);
    expect(whole).toMatchObject({ finished: true, step: steps });
    expect(whole.history.log.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(whole.history.tests.map(({ step }) => step)).toEqual([3, 6]);

    const folder = newFolder();
    const stopped = await start(folder, regularize, { stopAt: 3 });
    expect(stopped).toMatchObject({ finished: false, step: 3 });
    const resumed = await start(folder, regularize);
    expect(resumed.history).toEqual({ ...whole.history, seconds: expect.any(Number) });
    expect(resumed.layers).toEqual(whole.layers);
    // To the last bit: weights, averages, momentum, what projections keep.
    const { trainer } = readCheckpoint(join(folder, "checkpoint"));
    expect(Object.keys(trainer.arrays).some((array) => array.startsWith("projection/"))).toBe(
      ["angle-preserving", "adversarial", "pca"].includes(name),
    );
    expect(trainer.step).toBe(steps);
  });

  it("goes on from the checkpoint before a damaged one, and says so", async () => {
    const folder = newFolder();
    await start(folder, undefined, { stopAt: 4 });
    const path = join(folder, "checkpoint");
    const bytes = readFileSync(path);
    bytes[bytes.length - 100] = bytes[bytes.length - 100]! ^ 1;
    writeFileSync(path, bytes);
    const warnings: string[] = [];
    const outcome = await start(folder, undefined, { warnings });
    expect(warnings[0]).toMatch(/checkpoint: the checkpoint is damaged.* Going on from the one before it, of step 4\./);
    expect(outcome.history.log.length).toBe(steps);
  });

  it.each([
    ["cut short", (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1), /damaged: its contents don't match/],
    ["another file", () => Buffer.from("PK\x03\x04 something else\n"), /expected a checkpoint .*, got another file/],
    ["empty", () => Buffer.alloc(0), /expected a checkpoint/],
  ])("refuses a checkpoint that is %s where there is no other", async (_, damage, message) => {
    const folder = newFolder();
    await start(folder, undefined, { steps: 1 });
    const path = join(folder, "checkpoint");
    writeFileSync(path, damage(readFileSync(path)));
    nodeFiles.rmSync(previousOf(path), { force: true });
    await expect(start(folder, undefined)).rejects.toThrow(message);
    await expect(start(folder, undefined)).rejects.toThrow(/--fresh begins anew/);
  });

  it("refuses the checkpoint of another run", async () => {
    const folder = newFolder();
    await start(folder, undefined, { steps: 1 });
    await expect(start(folder, undefined, { key: "another" })).rejects.toThrow(/other settings.*--fresh.*--out/);
  });

  it("trains on over a full disk, keeps the checkpoint it had, and ends with an error that says so", async () => {
    const folder = newFolder();
    const path = join(folder, "checkpoint");
    await start(folder, undefined, { stopAt: 2 });
    const before = readFileSync(path);
    const files = {
      ...nodeFiles,
      writeSync() {
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      },
    };
    const warnings: string[] = [];
    const run = start(folder, undefined, { files, warnings });
    await expect(run).rejects.toThrow(UserError);
    await expect(run).rejects.toThrow(/the checkpoint of step 6 can't be written: the disk is full\./);
    expect(warnings).toEqual([expect.stringMatching(/step 4 can't be written: the disk is full\. Training goes on/)]);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(nodeFiles.existsSync(`${path}.writing`)).toBe(false);
  });

  it("ends where the loss isn't finite", async () => {
    const warnings: string[] = [];
    const regularize = { hidden: { weight: 1e30, projection: { kind: "none" } } } as const;
    const outcome = await start(newFolder(), regularize, { warnings, testEvery: 100 });
    expect(outcome).toMatchObject({ finished: true, history: { diverged: true } });
    expect(warnings[0]).toMatch(/Step \d: the loss isn't finite any more/);
  });

  it("refuses a batch larger than the data", async () => {
    await expect(start(newFolder(), undefined, { batch: 41 })).rejects.toThrow(/--batch: expected at most 40/);
  });
});

describe("config files", () => {
  it("fit the authors' network, each with its strategy", () => {
    const kinds = Object.fromEntries(
      names.map((name) => {
        // The singular vectors of the whole network take ten seconds.
        const width = name === "pca" ? 0.5 : 1;
        const { hidden } = loadConfig(join(CONFIG_FOLDER, `${name}.json`), width).regularize ?? {};
        return [name, hidden ? hidden.projection?.kind : undefined];
      }),
    );
    expect(kinds).toEqual({
      adversarial: "adversarial",
      "angle-preserving": "angle-preserving",
      bilateral: "bilateral",
      group: "group",
      "half-space-mhe": "none",
      none: undefined,
      pca: "pca",
      random: "random",
      "random-hadamard-max": "random",
    });
  });

  it.each([
    [
      "an unknown strategy",
      { regularize: { hidden: { projection: { kind: "nonesuch" } } } },
      /mine\.json: regularize: /,
    ],
    ["an unknown option", { regularize: { hiden: {} } }, /"hiden"/],
    ["an unknown key", { regularise: {} }, /regularise/],
    [
      "a rank above a layer's neurons",
      { regularize: { hidden: { projection: { kind: "random", dimension: 2, count: 1 } } } },
      /dimension/,
    ],
  ])("with %s are refused in one line that names the file", (_, content, message) => {
    const file = join(newFolder(), "mine.json");
    writeFileSync(file, JSON.stringify(content));
    expect(() => loadConfig(file, 1)).toThrow(UserError);
    expect(() => loadConfig(file, 1)).toThrow(message);
  });
});
