/** Walks the pairs of every batch entry in tiles of bounded memory. */
import type { TensorPrimitives } from "./primitives.js";

/** Arrays of a tile's size alive at once while one is worked on. */
const liveArrays = 8;

export interface Tile<T> {
  /** `[b, B, d]` */
  readonly rows: T;
  /** `[b, N, d]` */
  readonly columns: T;
  /** Number of the first row. */
  readonly start: number;
}

/** `energy` `[b, 1, 1]` and `gradient` `[b, B, d]` of a tile's rows. */
export interface TileResult<T> {
  readonly energy: T;
  readonly gradient: T;
}

/**
 * Adds up what the tiles give: energies `[batch, 1, 1]`, gradients `[batch, N, d]`. Whole batch entries at once while
 * they fit into `tileBytes`, otherwise row blocks of one entry at a time.
 */
export function forEachTile<T>(
  p: TensorPrimitives<T>,
  unit: T,
  tileBytes: number,
  visit: (tile: Tile<T>) => TileResult<T>,
): TileResult<T> {
  const [batch, count] = p.shape(unit) as [number, number, number];
  const rowBytes = count * 4 * liveArrays;
  const entries = Math.min(batch, Math.max(1, Math.floor(tileBytes / (rowBytes * count))));
  const blockRows = Math.min(count, Math.max(1, Math.floor(tileBytes / rowBytes)));
  if (entries === batch && blockRows === count) return visit({ rows: unit, columns: unit, start: 0 });

  const chunks: TileResult<T>[] = [];
  for (let first = 0; first < batch; first += entries) {
    const columns = p.slice(unit, 0, first, Math.min(entries, batch - first));
    const blocks: TileResult<T>[] = [];
    for (let start = 0; start < count; start += blockRows) {
      const length = Math.min(blockRows, count - start);
      blocks.push(p.scope(() => visit({ rows: p.slice(columns, 1, start, length), columns, start })));
    }
    chunks.push(p.scope(() => join(p, blocks, 1)));
  }
  return join(p, chunks, 0);
}

/** Gradients concatenated along `axis`; energies too along the batch, summed along the rows. */
function join<T>(p: TensorPrimitives<T>, parts: readonly TileResult<T>[], axis: 0 | 1): TileResult<T> {
  if (parts.length === 1) return parts[0]!;
  const energies = p.concat(
    parts.map(({ energy }) => energy),
    axis,
  );
  const gradient = p.concat(
    parts.map((part) => part.gradient),
    axis,
  );
  return { energy: axis === 1 ? p.sum(energies, 1) : energies, gradient };
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
