/** A .npy array as a layer, whether it is a file of its own or one of an archive. */
import { type LayerSource, type SkippedTensor, whyNoNeurons } from "./model-file.js";
import { type NpyArray, type ReadBytes, readNpyNumbers } from "./npy.js";
import { rowKind } from "./row-convention.js";

export interface NpyEntry {
  readonly name: string;
  readonly array: NpyArray;
  readonly read: ReadBytes;
  /** Whether reading a part costs no more than that part. */
  readonly inParts: boolean;
}

export function addNpyLayer(
  { name, array, read, inParts }: NpyEntry,
  layers: LayerSource[],
  skipped: SkippedTensor[],
): void {
  const { shape, type, fortranOrder } = array;
  const reason = whyNoNeurons(shape) ?? (type.decode ? undefined : `${type.name}, not floating point`);
  if (reason !== undefined) {
    skipped.push({ name, shape, dataType: type.name, reason });
    return;
  }
  layers.push({
    name,
    ...rowKind(name, shape),
    shape,
    layout: "neurons-first",
    dataType: type.name,
    read: () => readNpyNumbers(array, read),
    ...(inParts && !fortranOrder
      ? { readPart: (from: number, count: number) => readNpyNumbers(array, read, from, count) }
      : {}),
  });
}
