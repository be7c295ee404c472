/**
 * Parts of an array at what they cost. Where a format can't read a part alone (a compressed archive), every read costs the
 * whole array; then it is read once, and the parts are cut from it.
 */
import type { NumberArray, StoredTensor } from "./stored-tensor.js";

export type ReadNumbers = (from: number, count: number) => Promise<NumberArray>;

/** Reads parts of a tensor for as long as one job lasts; whoever drops it drops what it keeps. */
export function partReader(tensor: StoredTensor): ReadNumbers {
  if (tensor.inParts) return (from, count) => tensor.read(from, count);
  let whole: Promise<NumberArray> | undefined;
  return async (from, count) => {
    whole ??= tensor.read(0, countOf(tensor));
    return (await whole).subarray(from, from + count) as NumberArray;
  };
}

export const countOf = ({ shape }: Pick<StoredTensor, "shape">): number =>
  shape.reduce((product, size) => product * size, 1);

/** All numbers of a small tensor, such as scales. */
export const readAll = (tensor: StoredTensor): Promise<NumberArray> => tensor.read(0, countOf(tensor));
