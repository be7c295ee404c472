/** Which places a worker reads: folders and hosts that its owner named, and nothing else. */
import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { EnergyError } from "@comhe/core/layouts";
import type { Allow } from "./model-shelf.js";

/**
 * A rule by which a worker reads in these places and nowhere else.
 *
 * @param places folders, and beginnings of addresses such as `https://host/models/` or `hf:org/`; links are followed first
 */
export function allowPlaces(places: readonly string[]): Allow {
  const isRemote = (place: string) => /^(?:https?:\/\/|hf:)/i.test(place);
  const addresses = places.filter(isRemote).map((place) => (place.endsWith("/") ? place : `${place}/`));
  const folders = places.filter((place) => !isRemote(place));
  return async (path) => {
    if (isRemote(path)) {
      // `..` and credentials in an address could lead elsewhere than its beginning says.
      const plain = /^hf:/i.test(path) ? path : new URL(path).href;
      const sound = !/(?:^|\/)\.\.?(?:\/|$)|%2e|@.*:\/\/|:\/\/[^/]*@/i.test(path);
      if (sound && addresses.some((address) => plain.startsWith(address))) return path;
      throw refused(path);
    }
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

function refused(path: string): EnergyError {
  return new EnergyError(
    "unsupported",
    `${path.slice(0, 300)}: it isn't there, or it lies outside of what this worker may read. Start the worker with --allow for its folder or address.`,
  );
}
