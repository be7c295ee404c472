/**
 * Blocks of similar rows, by random hyperplanes: rows on the same side of all k of them share a block. Two directions at the
 * angle θ share one with probability p = (1 − θ/π)^k exactly (Charikar 2002), so that what the search misses is known: of T
 * independent tables, a pair is found by at least one with probability 1 − (1 − p)^T. Near pairs are found all but surely,
 * coincident ones always. In half space a row and its mirror image share a block: p = (1 − θ/π)^k + (θ/π)^k.
 *
 * Where near pairs are more than can be looked at, each table takes a share f of the rows, drawn anew: then p is f² as large.
 */
import type { FloatArray } from "../backend/backend.js";
import type { Space } from "../config/types.js";
import { randomStream } from "../random/random-stream.js";
import type { DirectionTable } from "./direction-table.js";
import { type RowProducts, rowRanges } from "./row-products.js";

/** Codes are whole numbers in float64. */
export const mostPlanes = 52;

/** Tables that are made in one pass over the rows. */
const tablesAtOnce = 4;

/** Probability that two directions at an angle share a block. */
export function blockProbability(angle: number, planes: number, space: Space): number {
  const far = angle / Math.PI;
  return (1 - far) ** planes + (space === "half" ? far ** planes : 0);
}

export interface BlockPlan {
  readonly planes: number;
  readonly tables: number;
}

export interface BlockTables {
  readonly planes: number;
  readonly tables: number;
  /** The code of row i in table t is `codes[i·stride + t]`; NaN where the table doesn't take the row. */
  readonly codes: Float64Array;
  readonly stride: number;
  /** f, the share of the rows in each table. */
  readonly share: number;
}

export interface BlockOptions extends BlockPlan {
  readonly space: Space;
  readonly seed: number;
  readonly name: string;
  /** Asked before every four tables but the first: whether to stop at those made. */
  readonly enough?: (() => boolean) | undefined;
}

export async function blockTables(
  table: DirectionTable,
  products: RowProducts,
  { planes, tables, space, seed, name, enough = () => false }: BlockOptions,
): Promise<BlockTables> {
  const { unit, count, dim } = table;
  const rows = { data: unit, count, dim };
  const codes = new Float64Array(count * tables);
  let done = 0;
  while (done < tables && (done === 0 || !enough())) {
    const made = Math.min(tablesAtOnce, tables - done);
    const size = planes * dim;
    const normals = new Float32Array(made * size);
    for (let t = 0; t < made; t++) {
      randomStream(seed, `${name}, blocks`, done + t).fillNormal(normals.subarray(t * size, (t + 1) * size));
    }
    for (const [from, to] of rowRanges(rows, made * planes)) {
      const sides = await products.withVectors(rows, from, to, normals);
      const place = { stride: tables, start: from * tables + done };
      packSides(signBits(sides), { rows: to - from, tables: made, planes, half: space === "half" }, codes, place);
    }
    done += made;
  }
  return { planes, tables: done, codes, stride: tables, share: 1 };
}

function signBits(numbers: FloatArray): Int32Array {
  const { buffer, byteOffset, length } = numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
  return new Int32Array(buffer, byteOffset, length);
}

/** Sides of all planes as one number for each row and table. Signs are read as bits: a branch on each would be guessed wrong half the time. */
function packSides(
  bits: Int32Array,
  { rows, tables, planes, half }: { rows: number; tables: number; planes: number; half: boolean },
  codes: Float64Array,
  { stride, start }: { stride: number; start: number },
): void {
  const first = Math.min(26, planes);
  const unit = 2 ** (planes - first);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < tables; t++) {
      // The mirror image lies on the other side of every plane: the code that begins with 0 stands for both.
      const flip = half ? bits[at]! >>> 31 : 0;
      let high = 0;
      let low = 0;
      for (let plane = 0; plane < first; plane++) high = (high << 1) | ((bits[at + plane]! >>> 31) ^ flip);
      for (let plane = first; plane < planes; plane++) low = (low << 1) | ((bits[at + plane]! >>> 31) ^ flip);
      codes[start + row * stride + t] = high * unit + low;
      at += planes;
    }
  }
}

/** The tables with only a share of the rows in each. */
export function takeShare(blocks: BlockTables, share: number, seed: number, name: string): BlockTables {
  const { stride, tables } = blocks;
  const codes = blocks.codes.slice();
  for (let t = 0; t < tables; t++) {
    const stream = randomStream(seed, `${name}, rows of blocks`, t);
    for (let at = t; at < codes.length; at += stride) if (stream.word() >= share * 2 ** 32) codes[at] = Number.NaN;
  }
  return { ...blocks, codes, share };
}

/** Buckets of a hash table over the blocks of one table. */
function bucketOf(code: number, shift: number): number {
  return Math.imul((code >>> 0) ^ Math.imul(Math.floor(code / 2 ** 32), 0x85ebca6b), 0x9e3779b1) >>> shift;
}

function bucketBits(count: number): number {
  return Math.max(4, Math.ceil(Math.log2(count)) + 1);
}

/** About how many pairs share a block, each counted in every table where it does. One pass over the rows for each table. */
export function countNearPairs({ codes, stride, tables }: BlockTables, count: number): number {
  const bits = bucketBits(count);
  const sizes = new Int32Array(2 ** bits);
  let total = 0;
  for (let t = 0; t < tables; t++) {
    sizes.fill(0);
    for (let i = 0; i < count; i++) {
      const code = codes[i * stride + t]!;
      if (!Number.isNaN(code)) total += sizes[bucketOf(code, 32 - bits)]!++;
    }
  }
  // Blocks that share a bucket by chance don't share a pair.
  return Math.max(0, total - (tables * count * (count - 1)) / 2 ** (bits + 1));
}

/** Calls `visit` once with every pair that shares a block in at least one table; `only`: the table, where it is a single one. */
export function forEachNearPair(
  { codes, stride, tables }: BlockTables,
  count: number,
  visit: (i: number, j: number, only: number | undefined) => void,
): void {
  const bits = bucketBits(count);
  const heads = new Int32Array(2 ** bits);
  const next = new Int32Array(count);
  for (let t = 0; t < tables; t++) {
    heads.fill(-1);
    for (let i = 0; i < count; i++) {
      const own = codes[i * stride + t]!;
      if (Number.isNaN(own)) continue;
      const bucket = bucketOf(own, 32 - bits);
      for (let j = heads[bucket]!; j >= 0; j = next[j]!) {
        if (codes[j * stride + t] !== own) continue;
        const [a, b] = [i * stride, j * stride];
        let earlier = false;
        for (let s = 0; s < t && !earlier; s++) earlier = codes[a + s] === codes[b + s];
        if (earlier) continue;
        let later = false;
        for (let s = t + 1; s < tables && !later; s++) later = codes[a + s] === codes[b + s];
        visit(i, j, later ? undefined : t);
      }
      next[i] = heads[bucket]!;
      heads[bucket] = i;
    }
  }
}
