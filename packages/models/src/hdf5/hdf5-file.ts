/**
 * HDF5, read only and in place: the directory and the datasets of files as h5py and Keras write them. A reader of our own
 * and not the C library (4 MB of WebAssembly, whole files in memory): what models need of the format is small.
 */
import type { ByteSource } from "../source/byte-source.js";
import { type AttributeValue, readAttributes } from "./attributes.js";
import { type Dataset, openDataset } from "./dataset.js";
import { type Links, readLinks } from "./links.js";
import { MetadataReader } from "./metadata-reader.js";
import { readMessages } from "./object-header.js";
import { readSuperblock } from "./superblock.js";

export type { AttributeValue } from "./attributes.js";
export type { Dataset } from "./dataset.js";

const mostObjects = 200_000;
const deepest = 64;

export interface Hdf5Group {
  /** "" for the root; "/a/b". */
  readonly path: string;
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  readonly groups: ReadonlyMap<string, Hdf5Group>;
  readonly datasets: ReadonlyMap<string, Hdf5Dataset>;
}

export interface Hdf5Dataset extends Dataset {
  /** "/a/b/kernel". */
  readonly path: string;
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** The whole directory; no dataset's numbers. @throws EnergyError `invalid-file`, `unsupported` */
export async function openHdf5(source: ByteSource): Promise<Hdf5Group> {
  const reader = new MetadataReader(source);
  const root = await readSuperblock(reader);
  const seen = new Set<number>();

  const readObject = async (
    address: number,
    path: string,
    depth: number,
  ): Promise<Hdf5Group | Hdf5Dataset | undefined> => {
    // An object linked twice is listed once; a group linked into itself must end.
    if (seen.has(address)) return undefined;
    seen.add(address);
    if (seen.size > mostObjects || depth > deepest)
      throw reader.damaged("it has more objects, or deeper ones, than a model");
    const messages = await readMessages(reader, address);
    const dataset = await openDataset(reader, messages);
    const attributes = await readAttributes(reader, messages);
    if (dataset) return { path, attributes, ...dataset };
    const links = await readLinks(reader, messages);
    return links ? { path, attributes, ...(await readChildren(links, path, depth)) } : undefined;
  };

  const readChildren = async (links: Links, path: string, depth: number) => {
    const groups = new Map<string, Hdf5Group>();
    const datasets = new Map<string, Hdf5Dataset>();
    for (const [name, address] of links) {
      const object = await readObject(address, `${path}/${name}`, depth + 1);
      if (object === undefined) continue;
      if ("groups" in object) groups.set(name, object);
      else datasets.set(name, object);
    }
    return { groups, datasets };
  };

  const found = await readObject(root, "", 0);
  if (found === undefined || !("groups" in found)) throw reader.damaged("its root is no group");
  return found;
}
