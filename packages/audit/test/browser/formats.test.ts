/** Every format that is read, opened in the page: layer by layer the numbers that Node gives. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openModel } from "@comhe/models";
import { launchChromium, type Served, skipReason } from "@comhe/page-kit";
import { wasmBackend } from "@comhe/wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { safetensorsBytes, writeAll } from "../../../models/test/weights-files.js";
import { auditModel } from "../../src/index.js";
import { choose, type OpenPage, openPage, savedReport, servePage, settled } from "./page-server.js";

if (skipReason) console.info(`every format in the page: skipped, ${skipReason}`);

const models = fileURLToPath(new URL("../../../models/test/", import.meta.url));
const fixture = (path: string) => join(models, path);
const folder = mkdtempSync(join(tmpdir(), "comhe-formats-"));
const rows = Array.from({ length: 12 }, (_, row) =>
  Float32Array.from({ length: 5 }, (_, k) => Math.sin(7 * row + 3 * k * k + 1)),
);
const matrix = Float32Array.from(rows.flatMap((row) => [...row]));
const bytes = (data: Float32Array) => new Uint8Array(data.buffer);
const write = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** Files that are chosen together, the model first. */
function filesByFormat(): Record<string, readonly string[]> {
  const made = writeAll(folder, { name: "dense", shape: [12, 5], data: matrix });
  const shard = (n: number) => {
    const tensor = { name: `layer${n}.weight`, dtype: "F32", shape: [12, 5], bytes: bytes(matrix) };
    return write(`model-0000${n}-of-00002.safetensors`, safetensorsBytes([tensor]));
  };
  const shards = [shard(1), shard(2)];
  const map = Object.fromEntries([1, 2].map((n) => [`layer${n}.weight`, `model-0000${n}-of-00002.safetensors`]));
  const line = (row: Float32Array, between: string) => [...row].join(between);
  const word2vec = rows.flatMap((row, n) => [Buffer.from(`word${n} `), Buffer.from(row.buffer), Buffer.from("\n")]);
  const length = Buffer.from(Int32Array.of(5).buffer);
  return {
    ...Object.fromEntries(Object.entries(made).map(([name, path]) => [name, [path]])),
    "tfjs layers model": [made["tfjs layers model"]!, join(folder, "float32-1.bin"), join(folder, "float32-2.bin")],
    "tfjs manifest, float16": [
      made["tfjs manifest, float16"]!,
      join(folder, "float16-1.bin"),
      join(folder, "float16-2.bin"),
    ],
    "safetensors in shards": [write("model.safetensors.index.json", JSON.stringify({ weight_map: map })), ...shards],
    "PyTorch, a state": [fixture("pytorch/files/types.pt")],
    "PyTorch, a whole module": [fixture("pytorch/files/module.pt")],
    "PyTorch, before 1.6": [fixture("pytorch/files/legacy-protocol2.pth")],
    "PyTorch, TorchScript": [fixture("pytorch/files/script.pt")],
    "PyTorch, a checkpoint": [fixture("pytorch/files/lightning.ckpt")],
    "a LoRA adapter": ["adapter_model.safetensors", "adapter_config.json"].map((name) =>
      fixture(`adapters/files/rslora/${name}`),
    ),
    Keras: [fixture("fixtures/keras/trained.keras")],
    "Keras, HDF5": [fixture("fixtures/keras/trained.h5")],
    "Keras, weights": [fixture("fixtures/keras/layers.weights.h5")],
    HDF5: [fixture("fixtures/hdf5/new.h5")],
    Flax: [fixture("fixtures/flax/params.msgpack")],
    "TensorFlow, a checkpoint": ["plain.index", "plain.data-00000-of-00001"].map((name) =>
      fixture(`fixtures/tensorflow/${name}`),
    ),
    "TensorFlow Lite": [fixture("fixtures/tflite/float.tflite")],
    GGUF: [fixture("fixtures/gguf/values.gguf")],
    ...Object.fromEntries(
      ["snappy", "gzip", "brotli", "zstd", "lz4"].map((codec) => [
        `Parquet, ${codec}`,
        [fixture(`fixtures/tables/${codec}.parquet`)],
      ]),
    ),
    Arrow: [fixture("fixtures/tables/file.arrow")],
    "Arrow, zstd": [fixture("fixtures/tables/zstd.arrow")],
    CSV: [write("a.csv", rows.map((row, n) => `w${n},${line(row, ",")}\n`).join(""))],
    TSV: [write("a.tsv", rows.map((row) => `${line(row, "\t")}\n`).join(""))],
    GloVe: [write("glove.txt", rows.map((row, n) => `word${n} ${line(row, " ")}\n`).join(""))],
    "word2vec, text": [write("a.vec", `12 5\n${rows.map((row, n) => `word${n} ${line(row, " ")}\n`).join("")}`)],
    "word2vec, binary": [write("vectors.bin", Buffer.concat([Buffer.from("12 5\n"), ...word2vec]))],
    fvecs: [write("a.fvecs", Buffer.concat(rows.flatMap((row) => [length, Buffer.from(row.buffer)])))],
  };
}

const backend = wasmBackend({ threads: 1 });

/** What Node gives for the same file. */
async function inNode(path: string) {
  const model = await openModel(path);
  const report = await auditModel(model, { backend });
  await model.close();
  return report;
}

const numbersOf = (report: Awaited<ReturnType<typeof inNode>>) =>
  report.layers
    .map(({ layer, count, dim, kind, energyHalf, duplicates, dead }) => ({
      layer,
      count,
      dim,
      kind,
      duplicates,
      dead,
      energyHalf: Number(energyHalf.toPrecision(4)),
    }))
    .sort((a, b) => (a.layer < b.layer ? -1 : 1));

describe.skipIf(skipReason !== undefined)("every format in the page", () => {
  let served: Served;
  let browser: Awaited<ReturnType<typeof launchChromium>>;
  let open: OpenPage;
  const files = filesByFormat();

  beforeAll(async () => {
    served = await servePage(false);
    browser = await launchChromium([]);
    open = await openPage(served, {}, browser);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    rmSync(folder, { recursive: true });
  });

  test.each(Object.keys(files))("%s", async (format) => {
    const { page } = open;
    const chosen = files[format]!;
    expect(await choose(page, chosen), await page.locator("main").innerText()).toBe("done");
    const report = await savedReport(page);
    const expected = await inNode(chosen[0]!);
    expect(expected.layers.length).toBeGreaterThan(0);
    expect(numbersOf(report)).toEqual(numbersOf(expected));
    expect(report.skipped.map(({ name }) => name)).toEqual(expected.skipped.map(({ name }) => name));
    expect(report.failed.map(({ layer }) => layer)).toEqual(expected.failed.map(({ layer }) => layer));
  });

  test("a SavedModel, chosen as a folder", async () => {
    const { page } = open;
    const saved = fixture("fixtures/tensorflow/saved");
    await page.evaluate(() => {
      document.body.dataset.state = "chosen";
    });
    await page.locator("#folder-input").setInputFiles(saved);
    expect(await settled(page), await page.locator("main").innerText()).toBe("done");
    const [main] = readdirSync(saved).filter((name) => name === "saved_model.pb");
    const expected = await inNode(main ? join(saved, main) : join(saved, "variables/variables.index"));
    expect(numbersOf(await savedReport(page))).toEqual(numbersOf(expected));
  });

  test("nothing was asked of any other server, and nothing of this one but its own files", () => {
    const own = new Set(readdirSync(new URL("../../page/", import.meta.url)));
    for (const address of open.requests) {
      expect(address).toMatch(new RegExp(`^(blob:)?${served.url}`));
      const { pathname, protocol } = new URL(address);
      if (protocol !== "blob:" && pathname !== "/") expect(own).toContain(pathname.slice(1));
    }
    expect(open.complaints).toEqual([]);
    expect(readFileSync(new URL("../../page/index.html", import.meta.url), "utf8")).toContain("connect-src 'none'");
  });
});
