/**
 * Damaged files of PyTorch's: a clear error or numbers of the right count, in bounded time and memory, whatever was damaged:
 * the archive, the pickle or the storages. A few hundred here; `npm run fuzz --workspace=@comhe/models` does ten thousand.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RandomStream, randomStream } from "@comhe/core";
import { unzipSync, zipSync } from "fflate";
import { expect, test } from "vitest";
import { ask, type Bounds, startWorker } from "../support/ask-worker.js";
import { mutate } from "../support/mutate.js";

/** Vitest passes its mode on. */
const files = process.env.MODE === "full" ? 10_000 : 300;
/** The largest of the seeds has 26 kB. */
const bounds: Bounds = { milliseconds: 10_000, bytes: 64 * 2 ** 20, heapMegabytes: 192 };
const folder = new URL("./files/", import.meta.url);

/** A pickle's opcodes, and bytes that its numbers are made of. */
const opcodes =
  "(.012FGIJKLMNPQRSTUVXabcd}eghijl]opqrst)uBC\x80\x81\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x00\x01\xff";

/** Within the pickle alone, so that the archive still opens: opcodes, numbers, whole stretches. */
function mutatePickle(pickle: Uint8Array, stream: RandomStream): Uint8Array {
  const bytes = Uint8Array.from(pickle);
  for (let times = 1 + stream.below(3); times > 0; times--) {
    const at = stream.below(bytes.length);
    const from = stream.below(bytes.length);
    if (stream.below(3) === 0) bytes.copyWithin(at, from, from + stream.below(40));
    else bytes[at] = opcodes.charCodeAt(stream.below(opcodes.length));
  }
  return bytes;
}

function damage(sound: Uint8Array, stream: RandomStream): Uint8Array {
  const zipped = sound[0] === 0x50;
  if (stream.below(3) === 0) return mutate(sound, stream);
  if (!zipped) return mutatePickle(sound, stream);
  const entries = unzipSync(sound);
  const [name] = Object.keys(entries).filter((key) => key.endsWith("data.pkl"));
  return zipSync({ ...entries, [name!]: mutatePickle(entries[name!]!, stream) }, { level: 0 });
}

test(`${files} damaged files`, { timeout: 900_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), "comhe-fuzz-"));
  const seeds = readdirSync(folder).filter((name) => !/\.json$|protocol0/.test(name));
  const stream = randomStream(3, "fuzz", 0);
  let [read, refused, slowest, largest] = [0, 0, 0, 0];
  const worker = await startWorker(bounds);
  try {
    for (let n = 0; n < files; n++) {
      const name = seeds[n % seeds.length]!;
      const bytes = damage(readFileSync(new URL(name, folder)), stream);
      const path = join(home, name);
      writeFileSync(path, bytes);
      const answer = await ask(worker, path, bounds).catch((error: Error) => {
        throw new Error(`file ${n}, ${name}: ${error.message}\n${Buffer.from(bytes).toString("hex")}`);
      });
      slowest = Math.max(slowest, answer.ms);
      largest = Math.max(largest, answer.allocated);
      if (answer.failure === undefined) read++;
      else {
        refused++;
        expect(answer.code, `file ${n}, ${name}: ${answer.failure}`).toMatch(/^(invalid-file|unsupported)$/);
        expect(answer.message, `file ${n}, ${name}`).toContain(home);
      }
      for (const layer of answer.layers) {
        const size = layer.shape.reduce((product, length) => product * length, 1);
        expect(layer.data.length, `file ${n}, ${name}: ${layer.name}`).toBe(size);
      }
    }
  } finally {
    await worker.terminate();
    rmSync(home, { recursive: true });
  }
  console.info(
    `${files} files: ${read} read, ${refused} refused; slowest ${slowest.toFixed(0)} ms, at most ${Math.ceil(largest / 1024)} KiB allocated.`,
  );
  expect(read).toBeGreaterThan(files / 20);
  expect(refused).toBeGreaterThan(files / 20);
});
