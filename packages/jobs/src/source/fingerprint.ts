/**
 * Tells one table from another by some of its numbers. Through the readers of models, so that shards, servers, adapters and packed weights
 * are covered by one rule, whatever files they lie in.
 */
import { type FloatArray, neuronAxes } from "@comhe/core/layouts";
import { type LayerSource, sizeOf } from "@comhe/models";
import { canonicalJson } from "../identity/canonical-json.js";
import { nameLength, sha256 } from "../identity/digest.js";

/** Stretches of numbers that are looked at, evenly spaced from the first number to the last. */
const stretches = 16;
const stretchLength = 1024;
/** Layers up to so many numbers are looked at whole: a sample of them would save nothing. */
const smallEnough = 1 << 20;

/** A hash of the layer's shape, layout and type, and of numbers sampled all over it (all of a small one). @throws EnergyError `invalid-file` */
export async function sampleFingerprint(layer: LayerSource): Promise<string> {
  const size = sizeOf(layer.shape);
  const head = new TextEncoder().encode(
    canonicalJson({ shape: layer.shape, axes: neuronAxes(layer.shape, layer.layout).axes, dataType: layer.dataType }),
  );
  const parts: Uint8Array[] = [head];
  if (layer.readPart === undefined || size <= smallEnough) parts.push(bytesOf(await layer.read()));
  else {
    for (let n = 0; n < stretches; n++) {
      const from = Math.floor(((size - stretchLength) * n) / (stretches - 1));
      parts.push(bytesOf(await layer.readPart(from, stretchLength)));
    }
  }
  return (await sha256(joined(parts))).slice(0, nameLength);
}

/** The numbers' own bytes, little-endian on every machine that runs JavaScript engines of today. */
export const bytesOf = (numbers: FloatArray): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
