/**
 * Git LFS keeps large files elsewhere; a clone without it has small texts in their place that say where. They turn up
 * wherever a weights file is expected: as the model, as a shard, as external data.
 * Format: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 */
import { EnergyError } from "@comhe/core/layouts";
import type { ByteSource } from "./byte-source.js";
import type { Neighbours } from "./neighbours.js";

/** A pointer must be smaller than this, by its specification. */
const largestPointer = 1024;
const beginning = "version https://git-lfs.github.com/spec/";

/** @throws EnergyError `invalid-file` where these are the first bytes of a pointer */
export function refusePointer(name: string, size: number, start: Uint8Array): void {
  if (size >= largestPointer) return;
  const text = new TextDecoder("latin1").decode(start);
  if (!text.startsWith(beginning)) return;
  const bytes = /^size (\d{1,16})$/m.exec(text)?.[1];
  throw new EnergyError(
    "invalid-file",
    `${name}: it is a Git LFS pointer of ${size} bytes, not the file itself${bytes === undefined ? "" : ` (${bytes} bytes)`}. ` +
      "Fetch it by `git lfs pull` in its repository, or download the file.",
  );
}

/** Files beside a model, none of which is a pointer. */
export function refusePointers(neighbours: Neighbours): Neighbours {
  return {
    list: () => neighbours.list(),
    async open(relativePath) {
      const source = await neighbours.open(relativePath);
      if (source === undefined || source.size >= largestPointer) return source;
      try {
        refusePointer(source.name, source.size, await source.read(0, source.size));
      } catch (error) {
        await source.close?.();
        throw error;
      }
      return source;
    },
  };
}

/** Whether there is little enough of it to be one: what isn't read further then. */
export async function checkPointer(source: ByteSource): Promise<void> {
  if (source.size < largestPointer) refusePointer(source.name, source.size, await source.read(0, source.size));
}
