/** A file of this folder, by its tensors' names. */
import { readFileSync } from "node:fs";
import { readPytorch } from "../../../src/formats/pytorch/read-pytorch.js";
import type { SkippedTensor } from "../../../src/layer-source.js";
import { memorySource } from "../../../src/source/memory-source.js";
import type { StoredTensor } from "../../../src/tensors/stored-tensor.js";
import { openZip } from "../../../src/zip/open-zip.js";

export interface Fixture {
  readonly found: ReadonlyMap<string, StoredTensor>;
  readonly skipped: readonly SkippedTensor[];
  readonly notes: readonly string[];
}

export function readFixture(name: string): Promise<Fixture> {
  return readBytes(readFileSync(new URL(`../files/${name}`, import.meta.url)), name);
}

export async function readBytes(bytes: Uint8Array, name: string): Promise<Fixture> {
  const source = memorySource(bytes, name);
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const {
    tensors = [],
    skipped = [],
    notes = [],
  } = await readPytorch(source, isZip ? await openZip(source) : undefined);
  return { found: new Map(tensors.map((tensor) => [tensor.name, tensor])), skipped, notes };
}
