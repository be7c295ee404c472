/** Walks the pairs of every batch entry in tiles of bounded memory: blocks of rows against all columns. */
import type { TensorPrimitives } from "./primitives.js";

/** Arrays of a tile's size alive at once while one is worked on. */
const liveArrays = 8;

export interface Tile<T> {
  /** The tile's rows of each set, `[b, B, d]`. */
  readonly rows: readonly T[];
  /** All rows of each set, `[b, N, d]`. */
  readonly columns: readonly T[];
  /** Number of the first row; a scalar in a loop that is recorded once. */
  readonly start: number | T;
}

/** What a tile gives, and what all tiles give together. */
export interface TileResult<T> {
  /** `[b, 1, 1]`, added up over the tiles. */
  readonly sums: readonly T[];
  /** `[b, B, …]`, put one below the other. */
  readonly rows: readonly T[];
}

/**
 * Visits whole batch entries at once while they fit into `tileBytes`, otherwise row blocks of one entry at a time.
 *
 * @param sets `[batch, N, …]` each, of one N; a batch of 1 goes with every entry of the others
 */
export function forEachTile<T>(
  p: TensorPrimitives<T>,
  sets: readonly T[],
  tileBytes: number,
  visit: (tile: Tile<T>) => TileResult<T>,
): TileResult<T> {
  const count = p.shape(sets[0]!)[1]!;
  const batch = Math.max(...sets.map((set) => p.shape(set)[0]!));
  const rowBytes = count * 4 * liveArrays;
  const entries = Math.min(batch, Math.max(1, Math.floor(tileBytes / (rowBytes * count))));
  const blockRows = rowsOfTile(count, tileBytes);
  if (entries === batch && blockRows === count) return visit({ rows: sets, columns: sets, start: 0 });

  return inBlocks(p, 0, batch, entries, (entry) => {
    const columns = sets.map((set) => (p.shape(set)[0] === 1 ? set : entry.slice(set)));
    return inBlocks(p, 1, count, blockRows, (block) =>
      visit({ rows: columns.map(block.slice), columns, start: block.start }),
    );
  });
}

/** How many rows against all `count` columns fit into a tile. */
export function rowsOfTile(count: number, tileBytes: number): number {
  return Math.min(count, Math.max(1, Math.floor(tileBytes / (count * 4 * liveArrays))));
}

interface Block<T> {
  readonly start: number | T;
  readonly slice: (set: T) => T;
}

/** Cuts an axis of length `total` into blocks of `size`, the last one being what is left, and joins what they give. */
function inBlocks<T>(
  p: TensorPrimitives<T>,
  axis: 0 | 1,
  total: number,
  size: number,
  visit: (block: Block<T>) => TileResult<T>,
): TileResult<T> {
  const parts: TileResult<T>[] = [];
  const whole = Math.floor(total / size);
  const repeated = p.repeat && whole > 1 ? whole : 0;
  if (repeated > 0) parts.push(inLoop(p, axis, repeated, size, visit));
  for (let start = repeated * size; start < total; start += size) {
    const length = Math.min(size, total - start);
    parts.push(p.scope(() => visit({ start, slice: (set) => p.slice(set, axis, start, length) })));
  }
  return join(p, parts, axis);
}

/** Visits the tiles by a loop that the engine records once, over blocks of one size. */
function inLoop<T>(
  p: TensorPrimitives<T>,
  axis: 0 | 1,
  times: number,
  size: number,
  visit: (block: Block<T>) => TileResult<T>,
): TileResult<T> {
  let sums = 0;
  const stacked = p.repeat!(times, (turn) => {
    const result = visit({ start: turn.start(size), slice: (set) => turn.slice(set, axis, size) });
    sums = result.sums.length;
    return [...result.sums, ...result.rows];
  });
  // Blocks of rows are of one batch entry, so that for both axes stacking is joining.
  const joined = stacked.map((each) => {
    const [, batch, rows, ...rest] = p.shape(each) as [number, number, number];
    return p.reshape(each, axis === 0 ? [times * batch, rows, ...rest] : [batch, times * rows, ...rest]);
  });
  const together = { sums: joined.slice(0, sums), rows: joined.slice(sums) };
  return axis === 1 ? { ...together, sums: together.sums.map((each) => p.sum(each, 1)) } : together;
}

/** Rows concatenated along `axis`; sums too along the batch, added up along the rows. */
function join<T>(p: TensorPrimitives<T>, parts: readonly TileResult<T>[], axis: 0 | 1): TileResult<T> {
  if (parts.length === 1) return parts[0]!;
  const together = (of: "sums" | "rows") =>
    parts[0]![of].map((_, n) =>
      p.concat(
        parts.map((part) => part[of][n]!),
        axis,
      ),
    );
  const sums = together("sums");
  return { sums: axis === 1 ? sums.map((each) => p.sum(each, 1)) : sums, rows: together("rows") };
}

/** Masks of whole sets up to this size are kept. */
const smallCount = 256;

/** `[1, B, N]`: 0 where row `start + i` meets itself, 1 elsewhere. */
export function offDiagonal<T>(p: TensorPrimitives<T>, start: number | T, length: number, count: number): T {
  const make = () => offDiagonalTile(p, start, length, count);
  return length === count && count <= smallCount ? p.constant(`off-diagonal ${count}`, make) : make();
}

function offDiagonalTile<T>(p: TensorPrimitives<T>, start: number | T, length: number, count: number): T {
  const first = typeof start === "number" ? p.scalar(start) : start;
  const own = p.reshape(p.add(p.range(length), first), [1, length, 1]);
  const other = p.reshape(p.range(count), [1, 1, count]);
  return p.less(p.scalar(0.5), p.abs(p.sub(own, other)));
}
