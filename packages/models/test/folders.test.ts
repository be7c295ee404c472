/** Folders in a model's place, and models in several files: the right one is taken, or its user is asked. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { openModel } from "../src/index.js";
import { safetensorsBytes } from "./weights-files.js";

const home = mkdtempSync(join(tmpdir(), "comhe-folders-"));
afterAll(() => rmSync(home, { recursive: true }));

const state = readFileSync(new URL("./pytorch/files/ema-only.pt", import.meta.url));
const tensors = readFileSync(new URL("./pytorch/files/types.pt", import.meta.url));
const weights = (name: string, start = 0) =>
  safetensorsBytes([
    {
      name,
      dtype: "F32",
      shape: [2, 3],
      bytes: new Uint8Array(Float32Array.from({ length: 6 }, (_, n) => start + n).buffer),
    },
  ]);

let count = 0;
function folder(files: Readonly<Record<string, Uint8Array | string>>): string {
  const root = join(home, String(count++));
  mkdirSync(root);
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), bytes);
  }
  return root;
}

async function layersOf(path: string | URL) {
  const model = await openModel(path);
  try {
    return { path: model.path, names: model.layers.map(({ name }) => name) };
  } finally {
    await model.close();
  }
}

const refusal = (path: string) => layersOf(path).then(String, (error) => `${error.code}: ${error.message}`);

describe("a folder of a kind that isn't read is named", () => {
  test.each([
    ["Orbax", ["_METADATA", "manifest.ocdbt", "d/1"], /a checkpoint of Orbax, which isn't read/],
    ["Zarr", ["zarr.json", "c/0/0"], /a Zarr store, which isn't read.*numpy\.savez/],
    ["Core ML", ["Manifest.json", "Data/com.apple.CoreML/model.mlmodel"], /a Core ML package, which isn't read/],
  ])("%s", async (_, names, message) => {
    expect(await refusal(folder(Object.fromEntries(names.map((name) => [name, "x"]))))).toMatch(message);
  });
});

describe("which file of a folder", () => {
  test.each([
    ["the only one", ["weights.safetensors"], "weights.safetensors"],
    ["safetensors before PyTorch's own", ["pytorch_model.bin", "model.safetensors"], "model.safetensors"],
    [
      "an adapter before what it was saved beside",
      ["adapter_model.safetensors", "model.safetensors"],
      "adapter_model.safetensors",
    ],
    [
      "a model beside its training's state",
      ["checkpoint.pt", "optimizer.pt", "rng_state.pth", "scheduler.pt", "training_args.bin"],
      "checkpoint.pt",
    ],
  ])("%s", async (_, names, chosen) => {
    const root = folder({
      "config.json": "{}",
      "tokenizer.json": "{}",
      "README.md": "a model",
      ...Object.fromEntries(names.map((name) => [name, /safetensors$/.test(name) ? weights("w.weight") : state])),
    });
    expect((await layersOf(root)).path).toBe(join(root, chosen));
    expect((await layersOf(`${root}/`)).path).toBe(join(root, chosen));
    expect((await layersOf(pathToFileURL(root))).path).toBe(join(root, chosen));
  });

  test("several models, none, only folders: its user is asked", async () => {
    const several = folder({ "a.pt": state, "b.pt": state });
    expect(await refusal(several)).toBe(
      `invalid-file: ${several}: it holds several models: a.pt, b.pt. Name one of them, such as ${several}/a.pt.`,
    );
    expect(await refusal(folder({ "README.md": "nothing here" }))).toMatch(
      /invalid-file: .*expected a model's file in the folder, got README.md/,
    );
    expect(await refusal(folder({}))).toMatch(/got nothing/);
    const pipeline = folder({
      "model_index.json": "{}",
      "unet/model.safetensors": weights("w"),
      "vae/model.safetensors": weights("w"),
    });
    expect(await refusal(pipeline)).toMatch(/got folders: unet, vae\. Name the one of them/);
    expect(
      await refusal(
        folder({ "m-00001-of-00002.safetensors": weights("a"), "m-00002-of-00002.safetensors": weights("b") }),
      ),
    ).toMatch(/shards of a model.*but not their index/);
  });

  test("a hub's cache: the revision that is current, through its links", async () => {
    const root = folder({ "blobs/abc": weights("w.weight"), "refs/main": "r2", "snapshots/r1/config.json": "{}" });
    mkdirSync(join(root, "snapshots/r2"));
    symlinkSync("../../blobs/abc", join(root, "snapshots/r2/model.safetensors"));
    expect((await layersOf(root)).names).toEqual(["w.weight"]);
    expect((await layersOf(join(root, "snapshots/r2"))).names).toEqual(["w.weight"]);
    rmSync(join(root, "refs"), { recursive: true });
    expect(await refusal(root)).toMatch(/several revisions of a model: r1, r2\. Name one/);
    rmSync(join(root, "snapshots/r1"), { recursive: true });
    expect((await layersOf(root)).names).toEqual(["w.weight"]);
  });
});

test("the state of a model is that of all its files, and of its base's", async () => {
  const stateOf = async (path: string, base?: string) => {
    const model = await openModel(path, base === undefined ? {} : { base });
    await model.close();
    return model.state!;
  };
  const index = JSON.stringify({ weight_map: { a: "m-00001-of-00001.safetensors" } });
  const root = folder({ "m.safetensors.index.json": index, "m-00001-of-00001.safetensors": weights("a") });
  const ofShards = () => stateOf(join(root, "m.safetensors.index.json"));
  const first = await ofShards();
  expect(await ofShards()).toBe(first);
  writeFileSync(join(root, "m-00001-of-00001.safetensors"), weights("a", 7));
  expect(await ofShards()).not.toBe(first);

  const factor = (name: string, shape: number[]) => ({ name, dtype: "F32", shape, bytes: new Uint8Array(4 * 6) });
  const adapter = folder({
    "adapter_config.json": JSON.stringify({ peft_type: "LORA", r: 2, lora_alpha: 2 }),
    "adapter_model.safetensors": safetensorsBytes([
      { ...factor("base_model.model.b.lora_A.weight", [2, 3]) },
      { ...factor("base_model.model.b.lora_B.weight", [2, 2]), bytes: new Uint8Array(16) },
    ]),
    "base.safetensors": weights("b.weight"),
  });
  const onBase = () => stateOf(join(adapter, "adapter_model.safetensors"), join(adapter, "base.safetensors"));
  const before = await onBase();
  writeFileSync(join(adapter, "base.safetensors"), weights("b.weight", 7));
  expect(await onBase()).not.toBe(before);
});

describe("a model in several files", () => {
  const map = (weight_map: object) => JSON.stringify({ metadata: { total_size: 48 }, weight_map });

  test("safetensors, and PyTorch's own", async () => {
    const root = folder({
      "model.safetensors.index.json": map({
        "a.weight": "model-00001-of-00002.safetensors",
        "b.weight": "model-00002-of-00002.safetensors",
      }),
      "model-00001-of-00002.safetensors": weights("a.weight"),
      "model-00002-of-00002.safetensors": weights("b.weight", 6),
    });
    expect((await layersOf(root)).names).toEqual(["a.weight", "b.weight"]);
    const bin = folder({
      "pytorch_model.bin.index.json": map({
        float32: "pytorch_model-00001-of-00002.bin",
        "fc.weight": "pytorch_model-00002-of-00002.bin",
      }),
      "pytorch_model-00001-of-00002.bin": tensors,
      "pytorch_model-00002-of-00002.bin": state,
    });
    const model = await openModel(bin);
    expect(model.layers.map(({ name }) => name)).toEqual(expect.arrayContaining(["float32", "bfloat16", "fc.weight"]));
    const layer = model.layers.find(({ name }) => name === "fc.weight")!;
    expect((await layer.read()).length).toBe(24);
    await model.close();
    await expect(layer.read()).rejects.toThrow();
  });

  test.each([
    ["a shard that isn't there", { "a.weight": "missing.safetensors" }, /missing.safetensors.*there is no such file/],
    [
      "a tensor that isn't in its shard",
      { "z.weight": "one.safetensors" },
      /expected "z.weight" in one.safetensors, which doesn't hold it/,
    ],
    ["a shard outside of the folder", { "a.weight": "../one.safetensors" }, /leaves the model's folder/],
    ["a shard that is no name", { "a.weight": 7 }, /expected the name of a file/],
    ["a shard that is an index", { "a.weight": "model.safetensors.index.json" }, /expected a file of weights/],
  ])("%s", async (_, weightMap, message) => {
    const root = folder({ "model.safetensors.index.json": map(weightMap), "one.safetensors": weights("a.weight") });
    expect(await refusal(root)).toMatch(message);
  });
});

test("an adapter in PyTorch's own format, with its config", async () => {
  const root = fileURLToPath(new URL("./adapters/files/plain-bin/", import.meta.url));
  const { path, names } = await layersOf(root);
  expect(path).toBe(join(root, "adapter_model.bin"));
  expect(names.sort()).toEqual(["base_model.model.head.weight", "first.weight", "second.weight"]);
});
