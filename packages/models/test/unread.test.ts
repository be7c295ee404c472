/** What isn't the file: pointers, pages, other programs' models, pipes. Each is named, with what to do, and none is called damaged. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnergyError } from "@comhe/core";
import { zipSync } from "fflate";
import { afterAll, describe, expect, test } from "vitest";
import { beginsAsOnnx } from "../src/formats/onnx/begins-as-onnx.js";
import { openModel } from "../src/index.js";
import { onnxFile } from "./onnx-file.mjs";
import { concat, npyBytes, safetensorsBytes, write } from "./weights-files.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-unread-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function refusal(model: Parameters<typeof openModel>[0], name?: string): Promise<string> {
  const error = await openModel(model, { name }).then(
    async (found) => {
      await found.close();
      throw new Error(`${name ?? model} was read as ${found.format}`);
    },
    (reason: unknown) => reason,
  );
  if (!EnergyError.isInstance(error)) throw error;
  expect(error.code).toBe("invalid-file");
  expect(error.message).not.toMatch(/damaged|not a whole/);
  return error.message;
}

const latin = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const oid = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 99\n`;
const floats = new Uint8Array(Float32Array.from({ length: 12 }, (_, n) => n - 5).buffer);

describe("a Git LFS pointer in place of", () => {
  test.each([
    "m.safetensors",
    "m.onnx",
    "pytorch_model.bin",
    "m.npy",
    "m.npz",
    "model.json",
    "m.h5",
    "m.gguf",
    "m.parquet",
    "any",
  ])("%s", async (name) => {
    expect(await refusal(latin(pointer), name)).toMatch(/Git LFS pointer of 1\d\d bytes.*\(99 bytes\).*git lfs pull/);
  });

  test("a shard of an index, and of a TensorFlow.js model", async () => {
    write(folder, "lfs/shard.safetensors", pointer);
    const index = write(folder, "lfs/m.index.json", JSON.stringify({ weight_map: { w: "shard.safetensors" } }));
    expect(await refusal(index)).toMatch(/shard\.safetensors: it is a Git LFS pointer/);
    write(folder, "lfs/group1-shard1of1.bin", pointer);
    const weights = [{ name: "a/kernel", shape: [3, 4], dtype: "float32" }];
    const model = write(folder, "lfs/model.json", JSON.stringify([{ paths: ["group1-shard1of1.bin"], weights }]));
    expect(await refusal(model)).toMatch(/group1-shard1of1\.bin: it is a Git LFS pointer/);
  });

  test("external data of ONNX", async () => {
    write(folder, "lfs/w.bin", pointer);
    const model = write(folder, "lfs/m.onnx", externalOnnx("w.bin"));
    expect(await refusal(model)).toMatch(/w\.bin: it is a Git LFS pointer/);
  });
});

/** A Gemm whose matrix lies in another file: {@link onnxFile}'s bytes with the numbers taken out. */
function externalOnnx(location: string): Uint8Array {
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]);
  const field = (number: number, content: Uint8Array | string) => {
    const bytes = typeof content === "string" ? latin(content) : content;
    return concat(Uint8Array.from([number * 8 + 2, ...varint(bytes.length)]), bytes);
  };
  const number = (at: number, value: number) => Uint8Array.from([at * 8, ...varint(value)]);
  const entry = concat(field(1, "location"), field(2, location));
  const tensor = concat(number(1, 3), number(1, 4), number(2, 1), field(8, "w"), field(13, entry), number(14, 1));
  const node = concat(field(1, "x"), field(1, "w"), field(2, "y"), field(4, "MatMul"));
  return concat(number(1, 8), field(7, concat(field(1, node), field(5, tensor))), field(8, number(2, 17)));
}

/** Bytes of a message of protobuf. */
const savedModel = `\x08\x01\x12\x9a\x10\x0a\x1e\x12\x1a\x0a\x05Const${"\0".repeat(30)}`;
const frozen = "\x0a\x2c\x0a\x05input\x12\x0bPlaceholder*\x0f\x0a\x05dtype\x12\x020\x01";
const coreMl = "\x08\x04\x12\x50\x0a\x1d\x0a\x05image\x1a\x14";

describe("of other programs", () => {
  test.each([
    ["page.onnx", "<!DOCTYPE html>\n<html><head><title>Sign in</title>", /web page \(HTML\).*resolve/],
    ["m.safetensors", "\n<html lang=en>", /web page \(HTML\)/],
    ["m.npz", "<!-- saved -->\n<!doctype html>", /web page \(HTML\)/],
    ["table.csv", "<!doctype html><p>1,2,3\n4,5,6", /web page \(HTML\)/],
    ["m.safetensors", "Entry not found", /hub.*no such file/],
    ["m.bin", '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', /XML document/],
    ["model.xml", '<?xml version="1.0"?>\n<net name="m" version="11">', /OpenVINO/],
    ["saved_model.pb", savedModel, /SavedModel.*tf2onnx/],
    ["other.pb", savedModel, /SavedModel/],
    ["frozen.pb", frozen, /frozen graph.*--graphdef/],
    ["frozen.onnx", frozen, /frozen graph/],
    ["m.mlmodel", coreMl, /Core ML/],
    ["m.tflite", "\x1c\0\0\0TFL3\x14\0", /TensorFlow Lite/],
    ["m.ort", "\x1c\0\0\0ORTM\x14\0", /ONNX Runtime's own/],
    ["tokenizer.model", "\x0a\x0e\x0a\x05<unk>\x15\0\0\0\0\x18\x02", /SentencePiece/],
    ["lid.176.bin", "\xba\x16\x4f\x2f\x0c\0\0\0", /fastText.*\.vec/],
    ["m.safetensors.lz4", "\x04\x22\x4d\x18\x64\x40", /LZ4 file.*Unpack/],
    ["m.onnx.gz", "\x1f\x8b\x08\0", /gzip file.*Unpack/],
    ["m.tar", `${"m.onnx".padEnd(257, "\0")}ustar\x0000`, /tar archive.*Unpack/],
    ["v.feather", "FEA1\0\0", /Feather/],
    ["params", "\x89PNG\r\n\x1a\n", /picture/],
    ["ggml-model.bin", "tjgg\x01\0\0\0", /GGML/],
    ["variables.data-00000-of-00001", "\0\0\x80\x3f\x11\x88", /TensorFlow checkpoint or SavedModel/],
    ["group1-shard1of1.bin", "\0\0\x80\x3f\x11\x88", /shard of a TensorFlow\.js model.*model\.json/],
    ["model.onnx_data", "\0\0\x80\x3f\x11\x88", /data of an ONNX model.*\.onnx/],
    ["flax_model.msgpack", "\x81\xa6params\x81", /sound msgpack file/],
    ["yolo.weights", "\0\0\0\0\x02\0\0\0", /Darknet/],
    ["unknown", "\x07\x13\x99\xaa", /of no format that is known.*numpy\.save/],
    ["readme", "Just some words.\nAnd more.\n", /text, but no table/],
    ["config.json", '{"model_type": "bert"}', /config, and it holds no weights.*beside it/],
    ["tokenizer.json", '{"version": "1.0", "added_tokens": []}', /tokenizer/],
    ["Manifest.json", '{"itemInfoEntries": {}}', /Core ML package/],
    ["v.index", "IxFI\x08\0\0\0\x14\0\0\0", /index of FAISS.*reconstruct_n/],
    ["hnsw.faiss", "IHNf\0\x01\0\0\x14\0\0\0", /index of FAISS/],
    ["m.joblib", "\x80\x04\x95\x01\0\0\0\0\0\0\0}\x8c\x13joblib.numpy_pickle", /file of joblib.*numpy\.savez/],
    ["rows.jsonl", '{"id": 1, "v": [1, 2]}\n{"id": 2, "v": [3, 4]}\n', /JSON value in each line.*numpy\.save/],
    ["rows.json", "[[1, 2], [3, 4]]", /a list, which isn't read.*numpy\.save/],
    ["utf16.csv", "\xff\xfe1\0,\x002\0\n\x003\0,\x004\0", /UTF-16.*UTF-8/],
    ["topology.json", '{"class_name": "Sequential", "config": []}', /topology of a Keras model/],
  ])("%s", async (name, bytes, message) => {
    expect(await refusal(latin(bytes), name)).toMatch(message);
  });

  test.each([
    ["hand.task", { "hand_detector.tflite": new Uint8Array(9) }, /TensorFlow Lite/],
    ["m.zip", { "m/saved_model.pb": new Uint8Array(9) }, /SavedModel/],
    ["m.zip", { "weights/m.safetensors": new Uint8Array(9) }, /archive that holds a model.*Unpack/],
    ["m.zip", { "readme.txt": new Uint8Array(9) }, /expected \.npz/],
  ])("%s, a zip archive", async (name, files, message) => {
    expect(await refusal(zipSync(files as Record<string, Uint8Array>), name)).toMatch(message);
  });
});

describe("ONNX is what begins as ONNX does", () => {
  const sound = onnxFile([{ name: "w", shape: [3, 4], data: new Float32Array(12) }]);

  test("whatever it is called", () => {
    expect(beginsAsOnnx(sound, sound.length)).toBe(true);
    expect(beginsAsOnnx(sound.subarray(0, 10), sound.length)).toBe(true);
    expect(beginsAsOnnx(externalOnnx("w.bin"), 1000)).toBe(true);
    // PyTorch's exporter: IR version, producer's name and version, then the graph.
    expect(beginsAsOnnx(latin("\x08\x07\x12\x07pytorch\x1a\x032.1:\xff\x01"), 4000)).toBe(true);
  });

  test.each([
    savedModel,
    frozen,
    coreMl,
    "",
    "\x08",
    "{}",
    "\x08\xff\xff\x7f",
    "\x12\xff\xff\xff\xff\x7f",
    "PK\x03\x04",
  ])("and not %j", (bytes) => {
    expect(beginsAsOnnx(latin(bytes), bytes.length)).toBe(false);
  });
});

test.skipIf(process.platform === "win32")("a named pipe is refused at once, as the model and beside it", async () => {
  const pipe = join(folder, "pipe.safetensors");
  execFileSync("mkfifo", [pipe]);
  const begin = performance.now();
  expect(await refusal(pipe)).toMatch(/named pipe.*Copy it to a file/);
  const index = write(folder, "pipe.index.json", JSON.stringify({ weight_map: { w: "pipe.safetensors" } }));
  expect(await refusal(index)).toMatch(/named pipe/);
  expect(performance.now() - begin).toBeLessThan(5000);
});

describe("the cache of a hub", () => {
  const blobs = join(folder, "hub", "blobs");
  const snapshot = join(folder, "hub", "snapshots", "r", "onnx");

  test("links from a snapshot into the blobs are the model's", async () => {
    mkdirSync(snapshot, { recursive: true });
    write(blobs, "aaa", externalOnnx("model.onnx_data"));
    write(blobs, "bbb", floats);
    symlinkSync("../../../blobs/aaa", join(snapshot, "model.onnx"));
    symlinkSync("../../../blobs/bbb", join(snapshot, "model.onnx_data"));
    const model = await openModel(join(snapshot, "model.onnx"));
    expect([...(await model.layers[0]!.read())]).toEqual([...new Float32Array(floats.buffer)]);
    await model.close();
  });

  test("a TensorFlow.js model, and an index of safetensors, alike", async () => {
    const weights = [{ name: "a/kernel", shape: [3, 4], dtype: "float32" }];
    write(blobs, "ccc", JSON.stringify([{ paths: ["group1-shard1of1.bin"], weights }]));
    write(blobs, "ddd", JSON.stringify({ weight_map: { w: "model-00001-of-00001.safetensors" } }));
    write(blobs, "eee", safetensorsBytes([{ name: "w", dtype: "F32", shape: [3, 4], bytes: floats }]));
    const link = (blob: string, name: string) => symlinkSync(`../../../blobs/${blob}`, join(snapshot, name));
    link("ccc", "model.json");
    link("bbb", "group1-shard1of1.bin");
    link("ddd", "model.safetensors.index.json");
    link("eee", "model-00001-of-00001.safetensors");
    for (const name of ["model.json", "model.safetensors.index.json"]) {
      const model = await openModel(join(snapshot, name));
      expect((await model.layers[0]!.read()).length).toBe(12);
      await model.close();
    }
  });

  test("but a link to elsewhere stays refused, whether the model is a link or not", async () => {
    const secret = write(folder, "elsewhere/secret", floats);
    symlinkSync(secret, join(snapshot, "stolen.bin"));
    write(blobs, "fff", externalOnnx("stolen.bin"));
    symlinkSync("../../../blobs/fff", join(snapshot, "linked.onnx"));
    expect(await refusal(join(snapshot, "linked.onnx"))).toMatch(/a link out of the model's folder/);
    expect(await refusal(write(snapshot, "plain.onnx", externalOnnx("model.onnx_data")))).toMatch(/a link out/);
  });
});

test("standard input is told from a file that isn't there", async () => {
  await expect(openModel("-")).rejects.toThrow(/-: can't be read \(standard input isn't: .*Save it to a file first\)/);
});

test("a model without layers says why", async () => {
  const made = latin("\x08\x08\x3a\x1c\x0a\x1a\x0a\x01x\x0a\x01w\x12\x01y\x22\x06MatMul\x32\x07weights");
  const model = await openModel(made, { name: "made.onnx" });
  expect([model.layers, model.notes]).toEqual([[], [expect.stringMatching(/computed when it runs.*initializers/)]]);
  const numbers = await openModel(npyBytes([12], floats), { name: "vector.npy" });
  expect(numbers.notes).toEqual([expect.stringMatching(/no layer of neurons.*array: a vector/)]);
});

test("an array of objects is said to be one", async () => {
  const model = await openModel(npyBytes([3], latin("\x80\x04K\x01."), "|O"), { name: "objects.npy" });
  expect(model.layers).toEqual([]);
  expect(model.skipped[0]!.reason).toMatch(/Python objects.*dtype/);
});
