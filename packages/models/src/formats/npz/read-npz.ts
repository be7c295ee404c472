/**
 * .npz: a zip archive of .npy arrays. Stored arrays are read in place, in parts where need be; compressed ones are unpacked
 * one at a time.
 */
import type { ModelParts } from "../../format.js";
import type { SkippedTensor } from "../../layer-source.js";
import type { ByteSource } from "../../source/byte-source.js";
import { notSound } from "../../source/not-sound.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import type { ZipEntry } from "../../zip/zip-entry.js";
import { readNpyHeader } from "../npy/npy-header.js";
import { npyTensor } from "../npy/npy-tensor.js";

/** @throws EnergyError `invalid-file` */
export async function readNpz(source: ByteSource, entries: readonly ZipEntry[]): Promise<ModelParts> {
  const tensors: StoredTensor[] = [];
  const skipped: SkippedTensor[] = [];
  const seen = new Set<string>();
  for (const entry of entries) {
    const name = entry.name.replace(/\.npy$/, "");
    if (!entry.name.endsWith(".npy")) {
      skipped.push({ name, shape: [], dataType: "", reason: "not a .npy array" });
      continue;
    }
    if (seen.has(name)) {
      throw notSound(source.name, ".npz archive", `two arrays are named "${name}"`);
    }
    seen.add(name);
    const array = await readNpyHeader(`${source.name}: ${name}`, entry.size, entry.read);
    const found = npyTensor({ name, array, read: entry.read, inParts: entry.stored });
    if ("reason" in found) skipped.push(found);
    else tensors.push(found);
  }
  return { tensors, skipped };
}
