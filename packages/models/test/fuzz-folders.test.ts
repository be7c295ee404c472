/**
 * The same as `fuzz-formats.test.ts` for what is read from several files: adapters, whose config says how their factors are put together,
 * and TensorFlow's variables, whose index says where they lie. One file of the folder is damaged at a time.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomStream } from "@comhe/core";
import { afterAll, expect, test } from "vitest";
import { ask, type Bounds, startWorker } from "./support/ask-worker.js";
import { mutate } from "./support/mutate.js";

/** Vitest passes its mode on. */
const files = process.env.MODE === "full" ? 10_000 : 120;
/** The largest of the seeds has 20 kB. */
const bounds: Bounds = { milliseconds: 10_000, bytes: 32 * 2 ** 20, heapMegabytes: 192 };
const folder = mkdtempSync(join(tmpdir(), "comhe-fuzz-folders-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Seed {
  /** What is opened. */
  readonly main: string;
  /** What may be damaged. */
  readonly parts: readonly string[];
}

function copied(from: string, to: string): string {
  const target = join(folder, to);
  cpSync(fileURLToPath(new URL(from, import.meta.url)), target, { recursive: true });
  return target;
}

const adapters = ["plain", "rslora", "patterns", "dora", "conv", "embedding", "fan-in-fan-out", "oft", "boft"];
const kinds: Readonly<Record<string, readonly Seed[]>> = {
  adapters: adapters.map((name) => {
    const at = copied(`./adapters/files/${name}/`, name);
    const parts = readdirSync(at).map((part) => join(at, part));
    return { main: parts.find((part) => part.endsWith(".safetensors"))!, parts };
  }),
  tensorflow: (() => {
    const at = copied("./fixtures/tensorflow/", "tensorflow");
    const parts = readdirSync(at)
      .filter((name) => /^plain\./.test(name))
      .map((name) => join(at, name));
    return [{ main: parts.find((part) => part.endsWith(".index"))!, parts }];
  })(),
};

test.each(Object.keys(kinds))(`%s: ${files} damaged files`, { timeout: 900_000 }, async (kind) => {
  const seeds = kinds[kind]!;
  for (const { parts } of seeds) expect(parts.filter((part) => statSync(part).isFile()).length).toBeGreaterThan(1);
  const stream = randomStream(5, kind, 0);
  let read = 0;
  let slowest = 0;
  const worker = await startWorker(bounds);
  try {
    for (const { main } of seeds) expect((await ask(worker, main, bounds)).failure, main).toBeUndefined();
    for (let n = 0; n < files; n++) {
      const { main, parts } = seeds[n % seeds.length]!;
      const victim = parts[stream.below(parts.length)]!;
      const sound = readFileSync(victim);
      writeFileSync(victim, mutate(new Uint8Array(sound), stream));
      const answer = await ask(worker, main, bounds).catch((error: Error) => {
        throw new Error(`file ${n}, ${victim}: ${error.message}`);
      });
      writeFileSync(victim, sound);
      slowest = Math.max(slowest, answer.ms);
      if (answer.failure === undefined) read++;
      else {
        expect(answer.code ?? "none of ours", `file ${n}, ${victim}: ${answer.failure}`).toMatch(
          /^(invalid-file|unsupported)$/,
        );
        expect(answer.message, `file ${n}, ${victim}`).toContain(folder);
      }
      for (const { name, shape, data } of answer.layers) {
        expect(data.length, `file ${n}, ${victim}: ${name}`).toBe(shape.reduce((product, size) => product * size, 1));
      }
    }
  } finally {
    await worker.terminate();
  }
  console.info(`${kind}: ${read} of ${files} read; slowest ${slowest.toFixed(0)} ms.`);
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(files);
});
