/**
 * How an array is cut that is larger than a buffer may be: into blocks of whole batch entries where an entry fits, else of rows of one entry. A
 * block is one run of numbers in memory. Blocks of rows end at tiles' edges, and two of them, padded to whole tiles, fit into one buffer,
 * since a tile's rows may lie in one and its columns in another.
 */
import type { Shape } from "@comhe/core";
import { roundUp, sizeOf } from "./sizes.js";

/** Some entries, or some rows of one, of an array `[batch, rows, columns]`. */
export interface Block {
  readonly entry: number;
  readonly entries: number;
  readonly row: number;
  readonly rows: number;
}

/** Rows of the largest tile, and numbers that its kernels take of a row at once: what rows and columns are padded to at most. */
export const [tileRows, tileDepth] = [128, 16];

export const wholeOf = ([entries = 1, rows = 1]: Shape): Block => ({ entry: 0, entries, row: 0, rows });

/**
 * Blocks that pairs of rows are computed in: one where all of them, padded, fit into a buffer.
 *
 * @param largest bytes of a buffer at most
 * @returns nothing where even a tile's rows don't fit
 */
export function blocksOf(shape: Shape, largest: number): readonly Block[] | undefined {
  const [batch, count, dim] = shape as [number, number, number];
  if (shape.length !== 3) return undefined;
  const rowBytes = 4 * roundUp(Math.max(1, dim), tileDepth);
  // The slopes of one row of tiles with all columns are an array, too.
  const mostRows = Math.floor(largest / (4 * tileRows));
  const entries = count > mostRows ? 0 : Math.floor(largest / (roundUp(Math.max(1, count), tileRows) * rowBytes));
  if (entries >= 1) {
    return cut(batch, entries).map(([entry, entries]) => ({ entry, entries, row: 0, rows: count }));
  }
  const rows = Math.floor(Math.min(mostRows, largest / 2 / rowBytes) / tileRows) * tileRows;
  if (rows === 0) return undefined;
  return Array.from({ length: batch }, (_, entry) =>
    cut(count, rows).map(([row, rows]) => ({ entry, entries: 1, row, rows })),
  ).flat();
}

/** Blocks that an array is kept in: one as long as its own numbers fit into a buffer. */
export function storedBlocksOf(shape: Shape, largest: number): readonly Block[] | undefined {
  // Kernels see whole vectors of four numbers, and limits needn't be: 2³¹ − 4 is a common one.
  return roundUp(4 * sizeOf(shape), 16) <= largest ? [wholeOf(shape)] : blocksOf(shape, largest);
}

function cut(total: number, size: number): (readonly [start: number, length: number])[] {
  return Array.from({ length: Math.ceil(total / size) }, (_, n) => [n * size, Math.min(size, total - n * size)]);
}

/** What two blocks have in common. */
export function commonOf(a: Block, b: Block): Block | undefined {
  const [entry, row] = [Math.max(a.entry, b.entry), Math.max(a.row, b.row)];
  const entries = Math.min(a.entry + a.entries, b.entry + b.entries) - entry;
  const rows = Math.min(a.row + a.rows, b.row + b.rows) - row;
  return entries > 0 && rows > 0 ? { entry, entries, row, rows } : undefined;
}

export const isSame = (a: Block, b: Block): boolean =>
  a.entry === b.entry && a.entries === b.entries && a.row === b.row && a.rows === b.rows;

/** The first of a block's numbers, and how many there are, in the whole array. */
export function runOf({ entry, entries, row, rows }: Block, [, count, dim]: Shape) {
  return { start: (entry * count! + row) * dim!, size: entries * rows * dim! };
}
