/** Which addresses a worker reads: those below the beginnings that its owner named, and nothing else. */
import { EnergyError } from "@comhe/core/layouts";
import type { Allow } from "./model-shelf.js";

/** Whether a place is an address, and no path. */
export const isAddress = (place: string): boolean => /^(?:https?:\/\/|hf:)/i.test(place);

/**
 * A rule by which a worker reads below these addresses and nowhere else.
 *
 * @param places beginnings of addresses such as `https://host/models/` or `hf:org/`
 */
export function allowAddresses(places: readonly string[]): Allow {
  const addresses = places.map((place) => (place.endsWith("/") ? place : `${place}/`));
  return (path) => {
    // `..` and credentials in an address could lead elsewhere than its beginning says.
    const isSound = isAddress(path) && !/(?:^|\/)\.\.?(?:\/|$)|%2e|@.*:\/\/|:\/\/[^/]*@/i.test(path);
    if (isSound) {
      const plain = /^hf:/i.test(path) ? path : new URL(path).href;
      if (addresses.some((address) => plain.startsWith(address))) return path;
    }
    throw refused(path);
  };
}

/** What a worker says of a place that it doesn't read. */
export function refused(path: string): EnergyError {
  return new EnergyError(
    "unsupported",
    `${path.slice(0, 300)}: it isn't there, or it lies outside of what this worker may read. Start the worker with --allow for its folder or address.`,
  );
}
