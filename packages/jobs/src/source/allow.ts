/** Which places a worker reads: folders and hosts that its owner named, and nothing else. */
import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { allowAddresses, isAddress, refused } from "./allow-addresses.js";
import type { Allow } from "./model-shelf.js";

/**
 * A rule by which a worker reads in these places and nowhere else.
 *
 * @param places folders, and beginnings of addresses such as `https://host/models/` or `hf:org/`; links are followed first
 */
export function allowPlaces(places: readonly string[]): Allow {
  const remote = allowAddresses(places.filter(isAddress));
  const folders = places.filter((place) => !isAddress(place));
  return async (path) => {
    if (isAddress(path)) return remote(path);
    const real = await realpath(resolve(path)).catch(() => undefined);
    for (const folder of folders) {
      const root = await realpath(resolve(folder)).catch(() => undefined);
      if (root !== undefined && real !== undefined && isWithin(root, real)) return real;
    }
    throw refused(path);
  };
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === "" || !(way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way));
}
