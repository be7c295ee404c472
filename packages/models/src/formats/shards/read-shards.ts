/** model.safetensors.index.json, pytorch_model.bin.index.json: `weight_map`, from a tensor's name to its file's. */
import { EnergyError } from "@comhe/core/layouts";
import type { ModelParts, ReadContext } from "../../format.js";
import type { ByteSource } from "../../source/byte-source.js";

/** @throws EnergyError `invalid-file` where a shard or a tensor of it is missing */
export async function readShards(index: ByteSource, { json, readBeside }: ReadContext): Promise<ModelParts> {
  const map = Object.entries((json as { weight_map: object | null }).weight_map ?? {});
  const parts = new Map<string, ModelParts>();
  for (const [tensor, file] of map) {
    if (typeof file !== "string") {
      throw new EnergyError(
        "invalid-file",
        `${index.name}: expected the name of a file for "${tensor}", got ${JSON.stringify(file)}.`,
      );
    }
    if (!parts.has(file)) parts.set(file, await readBeside(file));
  }
  checkNames(index, map as [string, string][], parts);
  const all = [...parts.values()];
  return {
    tensors: all.flatMap(({ tensors = [] }) => tensors),
    skipped: all.flatMap(({ skipped = [] }) => skipped),
    notes: [...new Set(all.flatMap(({ notes = [] }) => notes))],
    async close() {
      for (const part of all) await part.close?.();
    },
  };
}

function checkNames(index: ByteSource, map: readonly [string, string][], parts: ReadonlyMap<string, ModelParts>): void {
  const held = new Map<string, Set<string>>();
  for (const [file, { tensors = [], skipped = [] }] of parts) {
    held.set(file, new Set([...tensors, ...skipped].map(({ name }) => name)));
  }
  for (const [tensor, file] of map) {
    if (held.get(file)!.has(tensor)) continue;
    throw new EnergyError(
      "invalid-file",
      `${index.name}: expected "${tensor}" in ${file}, which doesn't hold it: these files don't belong together.`,
    );
  }
}
