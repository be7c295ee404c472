/**
 * Blocks of similar rows, by random hyperplanes: rows on the same side of all k of them share a block. Two directions at the
 * angle θ share one with probability p = (1 − θ/π)^k exactly (Charikar 2002), so that what the search misses is known: of T
 * independent tables, a pair is found by at least one with probability 1 − (1 − p)^T. Near pairs are found all but surely,
 * coincident ones always. In half space a row and its mirror image share a block: p = (1 − θ/π)^k + (θ/π)^k.
 */
import type { FloatArray } from "../backend/backend.js";
import type { Space } from "../config/types.js";
import { randomStream } from "../random/random-stream.js";
import type { DirectionTable } from "./direction-table.js";

/** Codes are whole numbers in float64. */
export const mostPlanes = 52;

/** Probability that two directions at an angle share a block. */
export function blockProbability(angle: number, planes: number, space: Space): number {
  const far = angle / Math.PI;
  return (1 - far) ** planes + (space === "half" ? far ** planes : 0);
}

export interface BlockTables {
  readonly planes: number;
  /** For each table the block of every row. */
  readonly codes: readonly Float64Array[];
}

export function blockTables(
  table: DirectionTable,
  { planes, tables, space, seed, name }: { planes: number; tables: number; space: Space; seed: number; name: string },
): BlockTables {
  const { unit, count, dim } = table;
  // Four planes at once: one sum alone waits for itself. A plane more than there are costs little; its side isn't read.
  const padded = Math.ceil(planes / 4) * 4;
  const normals = new Float32Array(padded * dim);
  const sides = new Uint8Array(padded);
  const codes = Array.from({ length: tables }, (_, t) => {
    randomStream(seed, `${name}, blocks`, t).fillNormal(normals.subarray(0, planes * dim));
    const code = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      for (let plane = 0; plane < padded; plane += 4) sideOfFour(sides, plane, normals, unit, i * dim, dim);
      // The mirror image lies on the other side of every plane: the code that begins with 0 stands for both.
      const flip = space === "half" ? sides[0]! : 0;
      let bits = 0;
      for (let plane = 0; plane < planes; plane++) bits = 2 * bits + (sides[plane]! ^ flip);
      code[i] = bits;
    }
    return code;
  });
  return { planes, codes };
}

function sideOfFour(
  sides: Uint8Array,
  plane: number,
  normals: Float32Array,
  unit: FloatArray,
  start: number,
  dim: number,
): void {
  const [first, second, third, fourth] = [plane * dim, (plane + 1) * dim, (plane + 2) * dim, (plane + 3) * dim];
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let k = 0; k < dim; k++) {
    const x = unit[start + k]!;
    a += normals[first + k]! * x;
    b += normals[second + k]! * x;
    c += normals[third + k]! * x;
    d += normals[fourth + k]! * x;
  }
  sides[plane] = a >= 0 ? 1 : 0;
  sides[plane + 1] = b >= 0 ? 1 : 0;
  sides[plane + 2] = c >= 0 ? 1 : 0;
  sides[plane + 3] = d >= 0 ? 1 : 0;
}

/** Calls `visit` once with every pair that shares a block in at least one table; `only`: the table, where it is a single one. */
export function forEachNearPair(
  { codes }: BlockTables,
  count: number,
  visit: (i: number, j: number, only: number | undefined) => void,
): void {
  const bits = Math.max(4, Math.ceil(Math.log2(count)) + 1);
  const heads = new Int32Array(2 ** bits);
  const next = new Int32Array(count);
  codes.forEach((code, t) => {
    heads.fill(-1);
    for (let i = 0; i < count; i++) {
      const own = code[i]!;
      const slot =
        Math.imul((own >>> 0) ^ Math.imul(Math.floor(own / 2 ** 32), 0x85ebca6b), 0x9e3779b1) >>> (32 - bits);
      for (let j = heads[slot]!; j >= 0; j = next[j]!) {
        if (code[j] !== own) continue;
        let earlier = false;
        for (let s = 0; s < t && !earlier; s++) earlier = codes[s]![i] === codes[s]![j];
        if (earlier) continue;
        let later = false;
        for (let s = t + 1; s < codes.length && !later; s++) later = codes[s]![i] === codes[s]![j];
        visit(i, j, later ? undefined : t);
      }
      next[i] = heads[slot]!;
      heads[slot] = i;
    }
  });
}
