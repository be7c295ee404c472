/** A digest of all of a layer's numbers, for whoever can afford to read them once. */
import { createHash } from "node:crypto";
import { type LayerSource, sizeOf } from "@comhe/models";
import { nameLength } from "../identity/digest.js";
import { bytesOf } from "../source/fingerprint.js";

/** Numbers that are read at a time. */
const atOnce = 1 << 22;

/**
 * A digest (SHA-256) of all of a layer's numbers, row major in its own shape; they are read in parts where the format allows it.
 *
 * @throws EnergyError `invalid-file` where they are damaged or can't be had
 */
export async function digestOf(layer: LayerSource): Promise<string> {
  const hash = createHash("sha256");
  const size = sizeOf(layer.shape);
  if (layer.readPart === undefined || size <= atOnce) hash.update(bytesOf(await layer.read()));
  else
    for (let from = 0; from < size; from += atOnce)
      hash.update(bytesOf(await layer.readPart(from, Math.min(atOnce, size - from))));
  return `sha256:${hash.digest("hex").slice(0, nameLength)}`;
}
