/**
 * The files beside a model: shards, external data, config.json, tokenizers. A model names them, and a model may come from
 * anywhere, so nothing outside of its own folder is ever opened (links of a hub's cache excepted; `folder-on-disk.ts`
 * says which).
 */
import type { ByteSource } from "./byte-source.js";

/** The files beside a model: its shards, external data, config and vocabulary. */
export interface Neighbours {
  /**
   * Opens a file beside the model. Whoever opens it closes it.
   *
   * @param relativePath with forward slashes, relative to the model's folder
   * @returns `undefined` where there is no such file
   * @throws EnergyError `invalid-file` for a path that leaves the folder, and for a file that is there but can't be read
   */
  open(relativePath: string): Promise<ByteSource | undefined>;
  /** Lists the names of the files beside the model, without those in folders; none where they can't be listed. */
  list(): Promise<string[]>;
}

/** The neighbours of a model that has nothing beside it. */
export const noNeighbours: Neighbours = { open: async () => undefined, list: async () => [] };
