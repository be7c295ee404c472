/** A digest of all of a layer's numbers, for whoever can afford to read them once. */
import { createHash } from "node:crypto";
import { type LayerSource, sizeOf } from "@comhe/models";
import { nameLength } from "../identity/digest.js";
import { bytesOf } from "../source/fingerprint.js";

/** Numbers that are read at a time. */
const atOnce = 1 << 22;

/** SHA-256 of the numbers in the kernel's own order, in parts where the format allows it. @throws EnergyError `invalid-file` */
export async function digestOf(layer: LayerSource): Promise<string> {
  const hash = createHash("sha256");
  const size = sizeOf(layer.shape);
  if (layer.readPart === undefined || size <= atOnce) hash.update(bytesOf(await layer.read()));
  else
    for (let from = 0; from < size; from += atOnce)
      hash.update(bytesOf(await layer.readPart(from, Math.min(atOnce, size - from))));
  return `sha256:${hash.digest("hex").slice(0, nameLength)}`;
}
