/** The tiles of N rows, as `assembly/tiles.ts` counts them. */
import type { WasmArray } from "../memory/arrays.js";
import type { Context } from "./context.js";

export interface Tiles {
  /** Of one batch entry, those that odd numbers of blocks leave out included. */
  readonly count: number;
  /** Batch, N, rows of a tile, progress. */
  readonly slots: readonly [number, number, number, number];
  readonly progress: WasmArray;
}

/**
 * Rows of a tile depend on N alone, never on the number of threads, so that results don't either: small enough for several
 * threads to share few rows, large enough to stream.
 */
function sideFor(count: number): number {
  return count <= 512 ? 72 : 120;
}

export function tilesOf({ arrays }: Context, batch: number, count: number): Tiles {
  const side = sideFor(count);
  const blocks = Math.ceil(count / side);
  const even = blocks + (blocks % 2);
  const progress = arrays.zeros([batch * blocks]);
  return {
    count: blocks + (even - 1) * (even / 2),
    slots: [batch, count, side, progress.address],
    progress,
  };
}
