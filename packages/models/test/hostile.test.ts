/** Damaged, hostile and foreign files: a clear message that names the file, and never a crash, a hang or an absurd allocation. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnergyError } from "@comhe/core";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openModel } from "../src/index.js";
import { concat, npyBytes, safetensorsBytes, safetensorsWith, write } from "./weights-files.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));
const floats = new Uint8Array(Float32Array.from({ length: 12 }, (_, n) => n - 5).buffer);

/** Opens and reads everything; whatever goes wrong must be ours. */
async function readAll(path: string): Promise<number> {
  const model = await openModel(path);
  try {
    let numbers = 0;
    for (const layer of model.layers) numbers += (await layer.read()).length;
    return numbers;
  } finally {
    await model.close();
  }
}

async function refusal(path: string): Promise<string> {
  const error = await readAll(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!EnergyError.isInstance(error)) throw error ?? new Error(`${path} was read`);
  expect(error.code).toBe("invalid-file");
  expect(error.message).toContain(path);
  return error.message;
}

const header = (tensors: object) => JSON.stringify(tensors);
const tensor = (from: number, to: number, shape = [3, 4], dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

describe("safetensors", () => {
  test.each([
    ["overlapping tensors", header({ a: tensor(0, 48), b: tensor(24, 72) }), 72, /overlap/],
    ["a tensor beyond the file", header({ a: tensor(0, 96, [6, 4]) }), 48, /claims bytes 0 to 96 of 48/],
    ["bytes of no tensor", header({ a: tensor(0, 48) }), 60, /12 bytes after "a" belong to no tensor/],
    ["a hole", header({ a: tensor(12, 60) }), 60, /between "the header" and "a"/],
    ["a shape that doesn't fit", header({ a: tensor(0, 48, [3, 5]) }), 48, /needs 60 bytes, but has 48/],
    ["a shape that overflows", header({ a: tensor(0, 48, [2 ** 40, 2 ** 40]) }), 48, /needs/],
    ["negative offsets", header({ a: tensor(-8, 40) }), 48, /data_offsets/],
    ["offsets in the wrong order", header({ a: tensor(48, 0) }), 48, /claims/],
    ["a header that isn't JSON", "{ nonsense", 48, /isn't a JSON object/],
    ["a header that is a list", "[1,2,3,4,5]", 48, /isn't a JSON object|expected/],
  ])("%s", async (name, text, size, message) => {
    const path = write(folder, `${name}.safetensors`, safetensorsWith(text as string, new Uint8Array(size as number)));
    expect(await refusal(path)).toMatch(message as RegExp);
  });

  test("header lengths of 2⁶³ and of more than there is", async () => {
    for (const length of [2n ** 63n, 2n ** 64n - 1n, 1000n]) {
      const bytes = safetensorsWith(header({ a: tensor(0, 48) }), floats);
      new DataView(bytes.buffer).setBigUint64(0, length, true);
      expect(await refusal(write(folder, "length.safetensors", bytes))).toMatch(/header claims|too few/);
    }
  });

  test("tensors that aren't floats are left out with the reason", async () => {
    const bytes = safetensorsBytes([
      { name: "ids", dtype: "I64", shape: [2, 3], bytes: new Uint8Array(48) },
      { name: "strange", dtype: "Q4", shape: [2, 3], bytes: new Uint8Array(3) },
      { name: "w", dtype: "F32", shape: [3, 4], bytes: floats },
    ]);
    const model = await openModel(write(folder, "ints.safetensors", bytes));
    expect(model.layers.map(({ name }) => name)).toEqual(["w"]);
    expect(model.skipped.map(({ reason }) => reason)).toEqual(["int64, not floating point", "Q4, not floating point"]);
    await model.close();
  });
});

describe("npy and npz", () => {
  test.each([
    ["cut short", npyBytes([3, 4], floats.slice(0, 40)), /needs 48 bytes/],
    ["a shape that overflows", npyBytes([2 ** 40, 2 ** 40], floats), /needs/],
    ["a header of code", npyBytes([3, 4], floats).map((byte, n) => (n === 14 ? 120 : byte)), /isn't the dict/],
    ["an unknown version", npyBytes([3, 4], floats).map((byte, n) => (n === 6 ? 9 : byte)), /version 9/],
  ])("%s", async (name, bytes, message) => {
    expect(await refusal(write(folder, `${name}.npy`, bytes as Uint8Array))).toMatch(message as RegExp);
  });

  test("headers made to be slow to match are refused at once", async () => {
    for (const shape of [
      `(${"1".repeat(16)}${"11111111,".repeat(40)} x)`,
      `(1,${" ".repeat(50_000)}x)`,
      `(1)${" ".repeat(50_000)}x`,
    ]) {
      const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }\n`;
      const start = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length % 256, header.length >> 8);
      const path = write(folder, "slow.npy", concat(start, new TextEncoder().encode(header), floats));
      const begin = performance.now();
      expect(await refusal(path)).toMatch(/isn't the dict/);
      expect(performance.now() - begin).toBeLessThan(5000);
    }
  });

  test("a bomb in a Keras archive is refused before it is unpacked", async () => {
    const zeros = new Uint8Array(20_000_000);
    const texts = { "metadata.json": "{}", "config.json": '{"class_name":"Sequential","config":{"layers":[]}}' };
    const entries = Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, new TextEncoder().encode(text)]),
    );
    const bomb = zipSync({ ...entries, "model.weights.h5": zeros }, { level: 6 });
    const path = write(folder, "zeros.keras", bomb);
    // As large as it says: HDF5 begins otherwise, and no more than its beginning is unpacked to see it.
    const before = process.memoryUsage().rss;
    expect(await refusal(path)).toMatch(/zeros\.keras/);
    // And as much as a directory can claim.
    const at = Buffer.from(bomb).lastIndexOf("model.weights.h5") - 46;
    const view = new DataView(bomb.buffer, bomb.byteOffset, bomb.byteLength);
    expect(view.getUint32(at, true)).toBe(0x02014b50);
    view.setUint32(at + 24, 0xfffffff0, true);
    expect(await refusal(write(folder, "claims.keras", bomb))).toMatch(/claims\.keras/);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  test("a zip bomb is refused before it is unpacked", async () => {
    const size = 20_000_000;
    const bomb = zipSync({ "w.npy": npyBytes([size / 4, 1], new Uint8Array(size)) }, { level: 6 });
    // Promise more than the limit: the size in the archive's directory, which is a claim like any other.
    const view = new DataView(bomb.buffer, bomb.byteOffset, bomb.byteLength);
    const directory = bomb.length - 22 - 46 - 5;
    expect(view.getUint32(directory, true)).toBe(0x02014b50);
    const before = process.memoryUsage().rss;
    view.setUint32(directory + 24, 0xfffffff0, true);
    expect(await refusal(write(folder, "bomb.npz", bomb))).toMatch(/bomb.npz/);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  test("an archive without arrays, a PyTorch checkpoint, a damaged directory", async () => {
    const checkpoint = zipSync({ "model/data.pkl": new Uint8Array(20) }, { level: 0 });
    expect(await refusal(write(folder, "model.pt", checkpoint))).toMatch(/not a sound PyTorch file: its pickle/);
    const broken = zipSync({ "w.npy": npyBytes([3, 4], floats) }).slice(0, -10);
    expect(await refusal(write(folder, "broken.npz", broken))).toMatch(/archive/);
  });
});

describe("tfjs", () => {
  const weight = (shape: number[]) => ({ name: "conv/filters", shape, dtype: "float32" });
  beforeAll(() => {
    write(folder, "shard.bin", floats);
  });
  const manifest = (paths: string[], weights: object[]) => JSON.stringify([{ paths, weights }]);

  test.each([
    [
      "weights beyond the shards",
      manifest(["shard.bin"], [weight([4, 4])]),
      /ends at byte 64 of its group, whose files hold 48/,
    ],
    ["shards with more than the weights", manifest(["shard.bin"], [weight([2, 4])]), /fill 32 bytes/],
    ["a shard outside", manifest(["../../etc/passwd"], [weight([3, 4])]), /leaves the model's folder/],
    ["an absolute shard", manifest(["/etc/passwd"], [weight([3, 4])]), /expected a relative path/],
    ["a shard from the network", manifest(["https://example.com/x"], [weight([3, 4])]), /expected a relative path/],
    [
      "a missing shard",
      manifest(["none.bin"], [weight([3, 4])]),
      /expected "none.bin" beside it, but there is no such file/,
    ],
    ["negative shapes", manifest(["shard.bin"], [weight([-3, -4])]), /shape/],
    ["other JSON", '{"hello": 1}', /got other JSON/],
    ["broken JSON", '{"weightsManifest": [', /expected JSON/],
  ])("%s", async (name, text, message) => {
    const path = write(folder, `${name}.json`, text as string);
    const error = await readAll(path).then(
      () => undefined,
      (reason: unknown) => reason as EnergyError,
    );
    expect(error?.code).toBe("invalid-file");
    expect(error?.message).toMatch(message as RegExp);
  });

  test("a shard that is a link to a file outside is refused", async () => {
    const inside = join(folder, "linked");
    mkdirSync(inside, { recursive: true });
    symlinkSync(join(folder, "shard.bin"), join(inside, "link.bin"));
    expect(await refusal(write(inside, "m.json", manifest(["link.bin"], [weight([3, 4])])))).toMatch(
      /a link out of the model's folder/,
    );
  });
});

describe("files", () => {
  test("empty, a folder, missing, unreadable, renamed, foreign", async () => {
    expect(await refusal(write(folder, "empty.onnx", ""))).toMatch(/empty/);
    expect(await refusal(folder)).toMatch(/it holds several models: .* Name one of them/);
    expect(await refusal(join(folder, "absent.npy"))).toMatch(/no such file/);
    expect(await refusal(write(folder, "keras.onnx", Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10)))).toMatch(
      /not a sound HDF5 file/,
    );
    expect(await refusal(write(folder, "text.npy", "hello, this is text"))).toMatch(/doesn't begin/);
    expect(await refusal(write(folder, "words.txt", "some words\nand others\n"))).toMatch(
      /it is text, but no table.*numpy\.save/,
    );
    const locked = write(folder, "locked.npy", npyBytes([3, 4], floats));
    chmodSync(locked, 0);
    // Root reads everything: as someone else for a moment.
    const root = process.getuid?.() === 0;
    if (root) process.seteuid!(65_534);
    try {
      expect(await refusal(locked)).toMatch(/permission denied/);
    } finally {
      if (root) process.seteuid!(0);
    }
    const renamed = write(folder, "renamed.onnx", npyBytes([3, 4], floats));
    expect(await readAll(renamed)).toBe(12);
  });
});
