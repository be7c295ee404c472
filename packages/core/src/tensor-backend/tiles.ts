/** Walks the pairs of every batch entry in tiles of bounded memory: blocks of rows against all columns. */
import type { TensorPrimitives } from "./primitives.js";

/** Arrays of a tile's size alive at once while one is worked on. */
const liveArrays = 8;

export interface Tile<T> {
  /** Of each set, the tile's rows: `[b, B, d]`. */
  readonly rows: readonly T[];
  /** Of each set, all rows: `[b, N, d]`. */
  readonly columns: readonly T[];
  /** Number of the first row. */
  readonly start: number;
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
  const blockRows = Math.min(count, Math.max(1, Math.floor(tileBytes / rowBytes)));
  if (entries === batch && blockRows === count) return visit({ rows: sets, columns: sets, start: 0 });

  const chunks: TileResult<T>[] = [];
  for (let first = 0; first < batch; first += entries) {
    const length = Math.min(entries, batch - first);
    const chunk = p.scope(() => {
      const columns = sets.map((set) => (p.shape(set)[0] === 1 ? set : p.slice(set, 0, first, length)));
      const blocks: TileResult<T>[] = [];
      for (let start = 0; start < count; start += blockRows) {
        const size = Math.min(blockRows, count - start);
        blocks.push(p.scope(() => visit({ rows: columns.map((set) => p.slice(set, 1, start, size)), columns, start })));
      }
      return join(p, blocks, 1);
    });
    chunks.push(chunk);
  }
  return join(p, chunks, 0);
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
export function offDiagonal<T>(p: TensorPrimitives<T>, start: number, length: number, count: number): T {
  const make = () => offDiagonalTile(p, start, length, count);
  return length === count && count <= smallCount ? p.constant(`off-diagonal ${count}`, make) : make();
}

function offDiagonalTile<T>(p: TensorPrimitives<T>, start: number, length: number, count: number): T {
  const own = p.reshape(p.add(p.range(length), p.scalar(start)), [1, length, 1]);
  const other = p.reshape(p.range(count), [1, 1, count]);
  return p.less(p.scalar(0.5), p.abs(p.sub(own, other)));
}
