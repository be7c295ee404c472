/** Opens whatever a user names. What a file is, its bytes say; its name only helps where they don't. */
import { dirname, join } from "node:path";
import { EnergyError } from "@comhe/core/layouts";
import { type ByteFile, openByteFile } from "./byte-file.js";
import type { LayerSource, ModelContents, SkippedTensor } from "./model-file.js";

/** Larger JSON is no model description. */
const largestJson = 512 * 2 ** 20;

/**
 * Opens a model file and lists its layers: ONNX, TensorFlow.js (`model.json` or a weights manifest), safetensors, npy or npz. What it is,
 * its bytes say. Close it in the end.
 *
 * @throws EnergyError `invalid-file` where it can't be read, is damaged, or is none of these
 */
export async function openModel(path: string): Promise<ModelContents> {
  const file = await openByteFile(path);
  try {
    return await openAs(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openAs(file: ByteFile): Promise<ModelContents> {
  const { path } = file;
  const start = await file.read(0, Math.min(16, file.size));
  const text = String.fromCharCode(...start);
  const contents = (
    format: ModelContents["format"],
    { layers, skipped, close }: { layers: LayerSource[]; skipped: SkippedTensor[]; close?: () => unknown },
  ): ModelContents => ({
    path,
    format,
    layers,
    skipped,
    async close() {
      await close?.();
      await file.close();
    },
  });
  if (text.startsWith("\x93NUMPY")) {
    const [{ readNpyHeader }, { addNpyLayer }] = await Promise.all([import("./npy.js"), import("./npy-layer.js")]);
    const read = file.read;
    const array = await readNpyHeader(path, file.size, read);
    const parts = { layers: [] as LayerSource[], skipped: [] as SkippedTensor[] };
    addNpyLayer({ name: "array", array, read, inParts: true }, parts.layers, parts.skipped);
    return contents("npy", parts);
  }
  if (text.startsWith("PK\x03\x04") || text.startsWith("PK\x05\x06")) {
    const { readNpz } = await import("./npz.js");
    return contents("npz", await readNpz(file));
  }
  if (text[8] === "{" && start[7] === 0) {
    const { readSafetensors } = await import("./safetensors.js");
    return contents("safetensors", await readSafetensors(file));
  }
  if (/^(\xef\xbb\xbf)?\s*[[{]/.test(text)) return readJsonModel(file, contents);
  const other = knownOthers.find(({ test }) => test(text));
  if (other) throw new EnergyError("invalid-file", `${path}: ${other.what}, which isn't read. ${other.instead}`);
  if (/\.safetensors$/i.test(path)) {
    const { readSafetensors } = await import("./safetensors.js");
    return contents("safetensors", await readSafetensors(file));
  }
  if (/\.np[yz]$/i.test(path)) {
    throw new EnergyError(
      "invalid-file",
      `${path}: it doesn't begin as a .npy or .npz file does: it is damaged or something else.`,
    );
  }
  if (!/\.(onnx|ort|pb)$/i.test(path) && /^[\t\n\r\x20-\x7e]+$/.test(text)) {
    throw new EnergyError(
      "invalid-file",
      `${path}: it is text; expected .onnx, a TensorFlow.js model.json, .safetensors, .npy or .npz. Save a table of numbers as ` +
        ".npy: numpy.save.",
    );
  }
  const { readOnnx } = await import("./onnx-model.js");
  return contents("onnx", await readOnnx(path));
}

type MakeContents = (
  format: ModelContents["format"],
  parts: { layers: LayerSource[]; skipped: SkippedTensor[]; close?: () => unknown },
) => ModelContents;

async function readJsonModel(file: ByteFile, contents: MakeContents): Promise<ModelContents> {
  const { path, size } = file;
  if (size > largestJson) {
    throw new EnergyError("invalid-file", `${path}: ${size} bytes of JSON are more than a model description has.`);
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(await file.read(0, size)));
  } catch (error) {
    throw new EnergyError("invalid-file", `${path}: expected JSON (${(error as Error).message}).`, {}, error);
  }
  const { weight_map: map, weightsManifest } = json as { weight_map?: unknown; weightsManifest?: unknown };
  if (typeof map === "object" && map !== null) return contents("safetensors", await readShards(path, map));
  if (Array.isArray(json) || weightsManifest !== undefined) {
    const { readTfjs } = await import("./tfjs-model.js");
    return contents("tfjs", await readTfjs(path, json));
  }
  throw new EnergyError(
    "invalid-file",
    `${path}: expected a TensorFlow.js model.json or weights manifest, or a safetensors index; got other JSON.`,
  );
}

/** model.safetensors.index.json: which file holds which tensor. */
async function readShards(path: string, map: object) {
  const { readSafetensors } = await import("./safetensors.js");
  const names = [...new Set(Object.values(map).map(String))];
  const outside = names.find((name) => /[\\/]|^\.\.?$/.test(name));
  if (outside !== undefined) {
    throw new EnergyError("invalid-file", `${path}: shard "${outside}" lies outside of its folder.`);
  }
  const files: ByteFile[] = [];
  const close = async () => void (await Promise.all(files.map((file) => file.close())));
  try {
    const layers: LayerSource[] = [];
    const skipped: SkippedTensor[] = [];
    for (const name of names) {
      const file = await openByteFile(join(dirname(path), name));
      files.push(file);
      const parts = await readSafetensors(file);
      layers.push(...parts.layers);
      skipped.push(...parts.skipped);
    }
    return { layers, skipped, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const knownOthers: readonly { what: string; instead: string; test: (start: string) => boolean }[] = [
  {
    what: "an HDF5 file (Keras)",
    instead: "Convert it with tensorflowjs_converter, or save its arrays with numpy.savez.",
    test: (start) => start.startsWith("\x89HDF"),
  },
  { what: "a GGUF file", instead: "Use the safetensors it was made from.", test: (start) => start.startsWith("GGUF") },
  { what: "a gzip file", instead: "Unpack it first.", test: (start) => start.startsWith("\x1f\x8b") },
  {
    what: "a Python pickle (PyTorch)",
    instead: "Save it as safetensors.",
    test: (start) => start.startsWith("\x80") && "\x02\x03\x04\x05".includes(start[1]!),
  },
  {
    what: "a TensorFlow Lite file",
    instead: "Use the model it was made from.",
    test: (start) => start.slice(4, 8) === "TFL3",
  },
];
