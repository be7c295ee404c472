/** Columns taken apart into groups and put back, by gathers. */
import type { TensorPrimitives } from "./primitives.js";

export function gatherColumns<T>(p: TensorPrimitives<T>, array: T, index: Int32Array, columns: number): T {
  const batch = index.length / columns;
  const [, rows] = p.shape(array) as [number, number, number];
  const gathered = p.reshape(
    p.gather(
      array,
      index.map((at) => Math.max(at, 0)),
      2,
    ),
    [1, rows, batch, columns],
  );
  const split = p.reshape(p.transpose(gathered, [2, 1, 0, 3]), [batch, rows, columns]);
  if (!index.includes(-1)) return split;
  const placed = Float32Array.from(index, (at) => (at < 0 ? 0 : 1));
  return p.mul(split, p.upload(placed, [batch, 1, columns], "placed"));
}

export function scatterColumns<T>(p: TensorPrimitives<T>, array: T, index: Int32Array, dim: number): T {
  const [batch, rows, columns] = p.shape(array) as [number, number, number];
  const flat = p.reshape(p.transpose(array, [1, 0, 2]), [1, rows, batch * columns]);
  const sources = columnSources(index, dim);
  const gathered = sources.map((from) => {
    const picked = p.gather(
      flat,
      from.map((at) => Math.max(at, 0)),
      2,
    );
    if (!from.includes(-1)) return picked;
    const placed = Float32Array.from(from, (at) => (at < 0 ? 0 : 1));
    return p.mul(picked, p.upload(placed, [1, 1, dim], "placed"));
  });
  return gathered.reduce((total, part) => p.add(total, part));
}

/**
 * Turns a scatter of columns into gathers, for engines that have no scatter: the n-th array says, for each of the `dim` target columns, which source
 * column is the n-th to land there (−1: none). Where no two land on the same one, as with groups of coordinates, there is one array.
 */
export function columnSources(index: Int32Array, dim: number): Int32Array[] {
  const sources: Int32Array[] = [];
  const landed = new Int32Array(dim);
  index.forEach((target, source) => {
    if (target < 0) return;
    const layer = landed[target]!++;
    sources[layer] ??= new Int32Array(dim).fill(-1);
    sources[layer]![target] = source;
  });
  return sources.length > 0 ? sources : [new Int32Array(dim).fill(-1)];
}
