import type { ModelParts, ReadContext } from "../../format.js";
import { type SkippedTensor, sizeOf, whyNoNeurons } from "../../layer-source.js";
import type { ByteSource } from "../../source/byte-source.js";
import { joinSources } from "../../source/join-sources.js";
import { notSound } from "../../source/not-sound.js";
import { openRequired } from "../../source/open-source.js";
import { float16, float32 } from "../../tensors/decode-numbers.js";
import type { NumberArray, StoredTensor } from "../../tensors/stored-tensor.js";
import { parseManifest, type WeightEntry } from "./parse-manifest.js";
import { placeTfjsWeights } from "./tfjs-placement.js";

const typeBytes: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  complex64: 8,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/** @throws EnergyError `invalid-file` */
export async function readTfjs(path: string, { json, neighbours }: ReadContext): Promise<ModelParts> {
  const damaged = (problem: string) => notSound(path, "TensorFlow.js model", problem);
  const model = json as { weightsManifest?: unknown; modelTopology?: unknown };
  const groups = parseManifest(Array.isArray(json) ? json : model.weightsManifest, damaged);
  const place = placeTfjsWeights(Array.isArray(json) ? undefined : model.modelTopology);
  const tensors: StoredTensor[] = [];
  const skipped: SkippedTensor[] = [];
  const opened: ByteSource[] = [];
  const close = async () => void (await Promise.all(opened.map((file) => file.close?.())));
  try {
    const names = new Set<string>();
    for (const group of groups) {
      const files: ByteSource[] = [];
      for (const name of group.paths) {
        const file = await openRequired(neighbours, path, name);
        opened.push(file);
        files.push(file);
      }
      const shards = joinSources(group.paths.join(", "), files);
      let offset = 0;
      let unreadable: string | undefined;
      for (const entry of group.weights) {
        if (names.has(entry.name)) throw damaged(`two weights are named "${entry.name}"`);
        names.add(entry.name);
        const stored = entry.quantization?.dtype ?? entry.dtype;
        const dataType = entry.quantization ? `${stored} (quantized)` : stored;
        if (entry.dtype === "string") unreadable = `after the text "${entry.name}", whose length isn't said`;
        const bytes = Object.hasOwn(typeBytes, stored) ? typeBytes[stored]! : undefined;
        if (unreadable === undefined && bytes === undefined)
          throw damaged(`"${entry.name}": type "${stored}" is unknown`);
        const skip = (reason: string) => skipped.push({ name: entry.name, shape: entry.shape, dataType, reason });
        if (unreadable !== undefined) {
          skip(unreadable);
          continue;
        }
        const start = offset;
        offset += sizeOf(entry.shape) * bytes!;
        if (offset > shards.size) {
          throw damaged(`"${entry.name}" ends at byte ${offset} of its group, whose files hold ${shards.size}`);
        }
        const reason =
          whyNoNeurons(entry.shape) ?? (entry.dtype === "float32" ? undefined : `${stored}, not floating point`);
        if (reason !== undefined) {
          skip(reason);
          continue;
        }
        const known = place(entry.name, entry.shape);
        if (typeof known === "string") {
          skip(known);
          continue;
        }
        tensors.push({
          name: entry.name,
          shape: entry.shape,
          dataType,
          floating: true,
          inParts: true,
          known,
          read: async (from, count) => decode(entry, await shards.read(start + from * bytes!, count * bytes!)),
        });
      }
      if (unreadable === undefined && offset !== shards.size) {
        throw damaged(`its weights fill ${offset} bytes, but ${group.paths.join(", ")} hold ${shards.size}`);
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { tensors, skipped, close };
}

function decode({ quantization }: WeightEntry, bytes: Uint8Array<ArrayBuffer>): NumberArray {
  if (!quantization) return float32.decode(bytes);
  if (quantization.dtype === "float16") return float16.decode(bytes);
  const { scale = 1, min = 0 } = quantization;
  const codes = quantization.dtype === "uint8" ? bytes : new Uint16Array(bytes.buffer);
  const result = new Float32Array(codes.length);
  for (let n = 0; n < result.length; n++) result[n] = codes[n]! * scale + min;
  return result;
}
