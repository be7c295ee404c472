/** Columns taken apart into groups and put back, of rows in several buffers: group by group, where one buffer takes them all at once. */
import { columnSources, type TensorPrimitives } from "@comhe/core/tensor-backend";
import type { DeviceArray } from "../device/device-array.js";

type Primitives = TensorPrimitives<DeviceArray>;

/** A backend's `gatherColumns`, for arrays that may lie in several buffers. */
export function gatherColumnsInParts(
  p: Primitives,
  array: DeviceArray,
  index: Int32Array,
  columns: number,
): DeviceArray {
  const groups = Array.from({ length: index.length / columns }, (_, group) =>
    pick(p, array, index.subarray(group * columns, (group + 1) * columns)),
  );
  return groups.length === 1 ? groups[0]! : p.concat(groups, 0);
}

/** A backend's `scatterColumns`, for arrays that may lie in several buffers. */
export function scatterColumnsInParts(p: Primitives, array: DeviceArray, index: Int32Array, dim: number): DeviceArray {
  const groups = Array.from({ length: array.shape[0]! }, (_, group) => p.slice(array, 0, group, 1));
  const beside = groups.length === 1 ? groups[0]! : p.concat(groups, 2);
  return columnSources(index, dim)
    .map((from) => pick(p, beside, from))
    .reduce((total, part) => p.add(total, part));
}

/** Some of the columns; −1: one of zeros. */
function pick(p: Primitives, array: DeviceArray, from: Int32Array): DeviceArray {
  const picked = p.gather(
    array,
    from.map((at) => Math.max(at, 0)),
    2,
  );
  if (!from.includes(-1)) return picked;
  const placed = Float32Array.from(from, (at) => (at < 0 ? 0 : 1));
  return p.mul(picked, p.upload(placed, [1, 1, from.length], "placed"));
}
