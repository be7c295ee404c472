/** A .npy array as a tensor, whether it is a file of its own or one of an archive. */

import type { SkippedTensor } from "../../layer-source.js";
import { sizeOf } from "../../layer-source.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import { type NpyArray, type ReadBytes, readNpyNumbers } from "./npy-header.js";

export interface NpyEntry {
  readonly name: string;
  readonly array: NpyArray;
  readonly read: ReadBytes;
  /** Whether reading a part costs no more than that part. */
  readonly inParts: boolean;
}

/** The tensor; or why there is none: objects, text and records aren't numbers. */
export function npyTensor({ name, array, read, inParts }: NpyEntry): StoredTensor | SkippedTensor {
  const { shape, type, typeName, fortranOrder } = array;
  if (type === undefined) return { name, shape, dataType: typeName, reason: reasonFor(typeName) };
  const count = sizeOf(shape);
  return {
    name,
    shape,
    dataType: typeName,
    floating: type.floating,
    inParts: inParts && !fortranOrder,
    async read(from, length) {
      if (!fortranOrder) return readNpyNumbers(array, read, from, length);
      const all = await readNpyNumbers(array, read);
      return length === count ? all : all.slice(from, from + length);
    },
  };
}

function reasonFor(typeName: string): string {
  if (typeName === "object")
    return "an array of Python objects, which aren't numbers: save it with its own dtype, such as float32";
  return `${typeName}, not floating point`;
}
