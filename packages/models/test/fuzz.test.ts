/**
 * Damaged and hostile files of every format: a clear error or the file's own numbers, in bounded time and memory. A few hundred
 * here; `npm run fuzz --workspace=@comhe/models` does ten thousand.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { randomStream } from "@comhe/core";
import { expect, test } from "vitest";
import { type Answer, ask, type Bounds, startWorker } from "./support/ask-worker.js";
import { mutate } from "./support/mutate.js";
import { writeAll, writeQuantized } from "./weights-files.js";

/** Vitest passes its mode on. */
const full = process.env.MODE === "full";
const files = full ? 10_000 : 500;
/** The largest of the seeds has 2 kB. */
const bounds: Bounds = { milliseconds: 10_000, bytes: 32 * 2 ** 20, heapMegabytes: 192 };

/**
 * Whether the numbers of a float32 layer lie in these bytes: as they are or transposed, in either byte order. A NaN is a NaN, since
 * JavaScript may set its quiet bit when it moves the number.
 */
function holds(bytes: Buffer, { shape, data }: Answer["layers"][0]): boolean {
  const orders: ArrayLike<number>[] = [data];
  const [rows, columns] = shape as [number, number];
  if (shape.length === 2) {
    orders.push(Float32Array.from(data, (_, n) => data[(n % rows) * columns + Math.floor(n / rows)]!));
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const lies = (numbers: ArrayLike<number>, start: number, littleEndian: boolean) => {
    for (let n = 0; n < numbers.length; n++) {
      if (!Object.is(view.getFloat32(start + 4 * n, littleEndian), numbers[n])) return false;
    }
    return true;
  };
  for (let start = 0; start + 4 * data.length <= bytes.length; start++) {
    if (orders.some((numbers) => lies(numbers, start, true) || lies(numbers, start, false))) return true;
  }
  return false;
}

test(`${files} damaged files`, { timeout: 900_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "comhe-fuzz-"));
  const data = randomStream(1, "fuzz", 0).fillNormal(new Float32Array(30));
  const seeds = {
    ...writeAll(folder, { name: "dense", shape: [6, 5], data }),
    ...writeQuantized(folder, "dense", [5, 6], data),
  };
  const stream = randomStream(2, "fuzz", 0);
  const outcomes = new Map<string, { read: number; refused: number }>();
  let slowest = 0;
  let largest = 0;
  const worker = await startWorker(bounds);
  try {
    for (const path of Object.values(seeds)) expect((await ask(worker, path, bounds)).failure, path).toBeUndefined();
    const entries = Object.entries(seeds);
    for (let n = 0; n < files; n++) {
      const [format, model] = entries[n % entries.length]!;
      // A TensorFlow.js model is several files: now the JSON, now a shard.
      const shards = model.endsWith(".json")
        ? [...readFileSync(model, "utf8").matchAll(/[\w-]+\.bin/g)].map(String)
        : [];
      const victim =
        shards.length > 0 && stream.below(4) === 0 ? join(folder, shards[stream.below(shards.length)]!) : model;
      const sound = readFileSync(victim);
      const bytes = Buffer.from(mutate(sound, stream));
      writeFileSync(victim, bytes);
      const answer = await ask(worker, model, bounds).catch((error: Error) => {
        throw new Error(`file ${n}, ${format}, ${basename(victim)}: ${error.message}\n${bytes.toString("hex")}`);
      });
      const numbers =
        victim === model && shards.length > 0
          ? Buffer.concat(shards.map((shard) => readFileSync(join(folder, shard))))
          : bytes;
      writeFileSync(victim, sound);
      slowest = Math.max(slowest, answer.ms);
      largest = Math.max(largest, answer.allocated);
      const outcome = outcomes.get(format) ?? { read: 0, refused: 0 };
      outcomes.set(format, outcome);
      if (answer.failure === undefined) outcome.read++;
      else outcome.refused++;
      if (answer.failure !== undefined) {
        expect(answer.code, `file ${n}, ${format}: ${answer.failure}`).toBe("invalid-file");
        expect(answer.message, `file ${n}`).toContain(folder);
      }
      for (const layer of answer.layers) {
        expect(layer.data.length, `file ${n}, ${format}`).toBe(
          layer.shape.reduce((product, size) => product * size, 1),
        );
        const plain = layer.dataType === "float32" && !/compressed/.test(format) && victim === model;
        if (plain)
          expect(holds(numbers, layer), `file ${n}, ${format}: ${layer.name} has other numbers than the file`).toBe(
            true,
          );
      }
    }
  } finally {
    await worker.terminate();
    rmSync(folder, { recursive: true });
  }
  const counts = [...outcomes].map(([format, { read, refused }]) => `${format} ${read} read, ${refused} refused`);
  console.info(
    `${files} files: ${counts.join("; ")}; slowest ${slowest.toFixed(0)} ms, at most ${Math.ceil(largest / 1024)} KiB allocated.`,
  );
  const total = (key: "read" | "refused") => [...outcomes.values()].reduce((sum, outcome) => sum + outcome[key], 0);
  expect(total("refused")).toBeGreaterThan(files / 20);
  expect(total("read")).toBeGreaterThan(files / 20);
});
