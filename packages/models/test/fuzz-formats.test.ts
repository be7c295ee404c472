/**
 * The same as `fuzz.test.ts` for the formats whose sound files are fixtures: GGUF, HDF5 and Keras, Flax, TensorFlow Lite, Parquet, Arrow,
 * tables of text and vectors in binary. `npm run fuzz --workspace=@comhe/models` does ten thousand of each.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RandomStream, randomStream } from "@comhe/core";
import { afterAll, expect, test } from "vitest";
import { ask, type Bounds, startWorker } from "./support/ask-worker.js";
import { ggufFile } from "./support/gguf-file.js";
import { mutate } from "./support/mutate.js";

/** Vitest passes its mode on. */
const files = process.env.MODE === "full" ? 10_000 : 120;
/** The largest of the seeds has 100 kB. */
const bounds: Bounds = { milliseconds: 10_000, bytes: 32 * 2 ** 20, heapMegabytes: 192 };
const folder = mkdtempSync(join(tmpdir(), "comhe-fuzz-formats-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Seed = readonly [name: string, bytes: Uint8Array];
const fixtures = (kind: string, pattern: RegExp): Seed[] => {
  const from = new URL(`./fixtures/${kind}/`, import.meta.url);
  return readdirSync(from)
    .filter((name) => pattern.test(name))
    .map((name) => [name, new Uint8Array(readFileSync(new URL(name, from)))]);
};
const text = (name: string, lines: readonly string[]): Seed => [
  name,
  new TextEncoder().encode(`${lines.join("\n")}\n`),
];
const vectors = Array.from({ length: 6 }, (_, n) => Array.from({ length: 4 }, (_, k) => (n * 7 + k * 3) / 8 - 2));
const floats = (row: readonly number[]) => [...new Uint8Array(Float32Array.from(row).buffer)];
const int32 = (value: number) => [...new Uint8Array(Int32Array.of(value).buffer)];

const kinds: Readonly<Record<string, readonly Seed[]>> = {
  gguf: [
    ...fixtures("gguf", /^types\.gguf$/),
    [
      "small.gguf",
      ggufFile(
        {
          "general.architecture": "llama",
          "llama.attention.head_count": 2,
          "tokenizer.ggml.tokens": ["a", "b", "c", "d"],
        },
        [
          { name: "token_embd.weight", shape: [4, 8] },
          { name: "blk.0.attn_qkv.weight", shape: [24, 8] },
          { name: "blk.0.ffn_up_exps.weight", shape: [2, 3, 8] },
        ],
      ),
    ],
  ],
  hdf5: fixtures("hdf5", /\.h5$/),
  keras: fixtures("keras", /\.(keras|h5)$/),
  parquet: fixtures("tables", /\.parquet$/),
  arrow: fixtures("tables", /\.arrow$/),
  flax: fixtures("flax", /\.msgpack$/),
  tflite: fixtures("tflite", /\.tflite$/),
  text: [
    text("named.csv", ["word,x,y,z", ...vectors.map((row, n) => `"w ${n}",${row.slice(1).join(",")}`)]),
    text(
      "glove.txt",
      vectors.map((row, n) => `w${n} ${row.join(" ")}`),
    ),
    text("words.vec", ["6 4", ...vectors.map((row, n) => `w${n} ${row.join(" ")}`)]),
  ],
  vectors: [
    ["some.fvecs", Uint8Array.from(vectors.flatMap((row) => [...int32(4), ...floats(row)]))],
    ["some.fbin", Uint8Array.from([...int32(6), ...int32(4), ...vectors.flatMap(floats)])],
    [
      "words.bin",
      Uint8Array.from([
        ...Buffer.from("6 4\n"),
        ...vectors.flatMap((row, n) => [...Buffer.from(`w${n} `), ...floats(row)]),
      ]),
    ],
  ],
};

/** Directories of these formats lie anywhere in the file, not only at its start. */
function damage(sound: Uint8Array, stream: RandomStream): Uint8Array {
  if (stream.below(2) === 0) return mutate(sound, stream);
  const bytes = Uint8Array.from(sound);
  for (let times = 1 + stream.below(4); times > 0; times--) {
    const at = stream.below(bytes.length);
    const values = [0, 1, 0xff, 0x7f, 0x80, stream.below(256)];
    bytes.fill(values[stream.below(values.length)]!, at, at + 1 + stream.below(stream.below(4) === 0 ? 8 : 1));
  }
  return bytes;
}

test.each(Object.keys(kinds))(`%s: ${files} damaged files`, { timeout: 900_000 }, async (kind) => {
  const seeds = kinds[kind]!;
  const stream = randomStream(3, kind, 0);
  let read = 0;
  let slowest = 0;
  let largest = 0;
  const worker = await startWorker(bounds);
  try {
    for (let n = 0; n < files; n++) {
      const [name, sound] = seeds[n % seeds.length]!;
      const path = join(folder, name);
      const bytes = damage(sound, stream);
      writeFileSync(path, bytes);
      const answer = await ask(worker, path, bounds).catch((error: Error) => {
        throw new Error(`file ${n}, ${name}: ${error.message}`);
      });
      slowest = Math.max(slowest, answer.ms);
      largest = Math.max(largest, answer.allocated);
      if (answer.failure === undefined) read++;
      else {
        expect(answer.code ?? "none of ours", `file ${n}, ${name}: ${answer.failure}`).toMatch(
          /^(invalid-file|unsupported)$/,
        );
        expect(answer.message, `file ${n}, ${name}`).toContain(name);
      }
      for (const { shape, data } of answer.layers) {
        expect(data.length, `file ${n}, ${name}`).toBe(shape.reduce((product, size) => product * size, 1));
      }
    }
  } finally {
    await worker.terminate();
  }
  console.info(
    `${kind}: ${read} of ${files} read; slowest ${slowest.toFixed(0)} ms, at most ${Math.ceil(largest / 1024)} KiB allocated.`,
  );
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(files);
});
