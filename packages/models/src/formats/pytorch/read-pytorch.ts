import type { ModelParts } from "../../format.js";
import type { SkippedTensor } from "../../layer-source.js";
import type { ByteSource } from "../../source/byte-source.js";
import { notSound } from "../../source/not-sound.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import type { ZipEntry } from "../../zip/zip-entry.js";
import { storedTensor } from "./numbers/stored-tensors.js";
import { PickleProblem } from "./pickle/pickle-cursor.js";
import { readLegacyFile } from "./rebuild/legacy-file.js";
import { readZipFile } from "./rebuild/zip-file.js";
import { findWeights } from "./weights/find-weights.js";
import { placePaddle } from "./weights/paddle.js";

/**
 * @param zip its files, where it is an archive
 * @throws EnergyError `invalid-file` where it is damaged, or its pickle names or calls what is refused
 */
export async function readPytorch(source: ByteSource, zip: readonly ZipEntry[] | undefined): Promise<ModelParts> {
  const file = zip ? await readZipFile(source, zip) : await readLegacyFile(source);
  try {
    const weights = findWeights(file.root, file.constants);
    const tensors: StoredTensor[] = [];
    const skipped: SkippedTensor[] = [...weights.skipped];
    for (const found of weights.tensors) {
      const stored = storedTensor(found, source.name);
      if ("read" in stored) tensors.push(stored);
      else skipped.push(stored);
    }
    const placed = placePaddle(file.root, tensors);
    const nothing = tensors.length + skipped.length === 0 ? ["it holds no array at all"] : [];
    return {
      tensors: placed.tensors,
      skipped: [...skipped, ...placed.skipped],
      notes: [...file.notes, ...weights.notes, ...nothing],
    };
  } catch (error) {
    if (!(error instanceof PickleProblem)) throw error;
    throw notSound(source.name, "PyTorch file", error.message);
  }
}
