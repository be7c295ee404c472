/**
 * TensorFlow.js: JSON beside binary shards. A model.json holds the topology, which says what each weight belongs to; a bare
 * weights manifest holds names alone. Weights of a group follow one another through its shards.
 */
import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, sep } from "node:path";
import { EnergyError, type FloatArray } from "@comhe/core/layouts";
import * as z from "zod";
import { type ByteFile, openByteFile } from "./byte-file.js";
import { float16, float32 } from "./decode-numbers.js";
import { type LayerSource, type SkippedTensor, sizeOf, whyNoNeurons } from "./model-file.js";
import { placeTfjsWeights } from "./tfjs-placement.js";

const whole = z.number().int().min(0);
const quantization = z.object({
  dtype: z.enum(["uint8", "uint16", "float16"]),
  scale: z.number().optional(),
  min: z.number().optional(),
});
const weight = z.object({
  name: z.string(),
  shape: z.array(whole).max(32),
  dtype: z.string(),
  quantization: quantization.optional(),
});
const manifest = z.array(z.object({ paths: z.array(z.string()).min(1).max(100_000), weights: z.array(weight) }));
type Weight = z.infer<typeof weight>;

const typeBytes: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  complex64: 8,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

export interface TfjsParts {
  readonly layers: LayerSource[];
  readonly skipped: SkippedTensor[];
  readonly close: () => Promise<void>;
}

/** @throws EnergyError `invalid-file` */
export async function readTfjs(path: string, json: unknown): Promise<TfjsParts> {
  const model = json as { weightsManifest?: unknown; modelTopology?: unknown };
  const parsed = manifest.safeParse(Array.isArray(json) ? json : model.weightsManifest);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw damaged(path, `${["weightsManifest", ...issue!.path].join(".")} is wrong (${issue!.message})`);
  }
  const place = placeTfjsWeights(Array.isArray(json) ? undefined : model.modelTopology);
  const layers: LayerSource[] = [];
  const skipped: SkippedTensor[] = [];
  const opened: ByteFile[] = [];
  const close = async () => void (await Promise.all(opened.map((file) => file.close())));
  try {
    const names = new Set<string>();
    for (const group of parsed.data) {
      const shards = await openShards(path, group.paths, opened);
      let offset = 0;
      let unreadable: string | undefined;
      for (const entry of group.weights) {
        if (names.has(entry.name)) throw damaged(path, `two weights are named "${entry.name}"`);
        names.add(entry.name);
        const stored = entry.quantization?.dtype ?? entry.dtype;
        const dataType = entry.quantization ? `${stored} (quantized)` : stored;
        if (entry.dtype === "string") unreadable = `after the text "${entry.name}", whose length isn't said`;
        const bytes = Object.hasOwn(typeBytes, stored) ? typeBytes[stored]! : undefined;
        if (unreadable === undefined && bytes === undefined)
          throw damaged(path, `"${entry.name}": type "${stored}" is unknown`);
        const skip = (reason: string) => skipped.push({ name: entry.name, shape: entry.shape, dataType, reason });
        if (unreadable !== undefined) {
          skip(unreadable);
          continue;
        }
        const start = offset;
        offset += sizeOf(entry.shape) * bytes!;
        if (offset > shards.size) {
          throw damaged(path, `"${entry.name}" ends at byte ${offset} of its group, whose files hold ${shards.size}`);
        }
        const reason =
          whyNoNeurons(entry.shape) ?? (entry.dtype === "float32" ? undefined : `${stored}, not floating point`);
        if (reason !== undefined) {
          skip(reason);
          continue;
        }
        const placed = place(entry.name, entry.shape);
        if (typeof placed === "string") {
          skip(placed);
          continue;
        }
        const readPart = async (from: number, count: number) =>
          decode(entry, await shards.read(start + from * bytes!, count * bytes!));
        const read = () => readPart(0, sizeOf(entry.shape));
        layers.push({ name: entry.name, shape: entry.shape, dataType, ...placed, read, readPart });
      }
      if (unreadable === undefined && offset !== shards.size) {
        throw damaged(path, `its weights fill ${offset} bytes, but ${group.paths.join(", ")} hold ${shards.size}`);
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { layers, skipped, close };
}

function decode({ quantization }: Weight, bytes: Uint8Array<ArrayBuffer>): FloatArray {
  if (!quantization) return float32.decode!(bytes);
  if (quantization.dtype === "float16") return float16.decode!(bytes);
  const { scale = 1, min = 0 } = quantization;
  const codes = quantization.dtype === "uint8" ? bytes : new Uint16Array(bytes.buffer);
  const result = new Float32Array(codes.length);
  for (let n = 0; n < result.length; n++) result[n] = codes[n]! * scale + min;
  return result;
}

interface Shards {
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Shards must lie in the model's folder, links resolved: a model from elsewhere must not read what it wasn't given. */
async function openShards(path: string, names: readonly string[], opened: ByteFile[]): Promise<Shards> {
  const folder = dirname(path);
  const home = await realpath(folder);
  const files: ByteFile[] = [];
  for (const name of names) {
    if (isAbsolute(name) || /^[a-z]+:/i.test(name) || name.split(/[\\/]/).includes("..")) {
      throw damaged(path, `shard "${name}" lies outside of its folder`);
    }
    const target = join(folder, name);
    const real = await realpath(target).catch(() => target);
    if (real !== target && !real.startsWith(home + sep))
      throw damaged(path, `shard "${name}" lies outside of its folder`);
    const file = await openByteFile(target);
    opened.push(file);
    files.push(file);
  }
  const size = files.reduce((total, file) => total + file.size, 0);
  return {
    size,
    async read(offset, length) {
      const result = new Uint8Array(length);
      let filled = 0;
      let from = 0;
      for (const file of files) {
        const begin = Math.max(offset + filled, from);
        const end = Math.min(offset + length, from + file.size);
        if (begin < end) {
          result.set(await file.read(begin - from, end - begin), filled);
          filled += end - begin;
        }
        from += file.size;
      }
      return result;
    },
  };
}

function damaged(path: string, problem: string): EnergyError {
  return new EnergyError("invalid-file", `${path}: not a sound TensorFlow.js model: ${problem}.`);
}
