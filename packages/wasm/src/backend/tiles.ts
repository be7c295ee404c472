/** The tiles of N rows, as `assembly/tiles.ts` counts them. */

import type { TileFields } from "../kernels/commands.js";
import type { WasmArray } from "../memory/arrays.js";
import type { Context } from "./context.js";

export interface Tiles extends TileFields {
  readonly progress: WasmArray;
  /** Blocks of rows of all batch entries. */
  readonly blocks: number;
}

/** 4096×512 takes 17 MB. For 16384×256 it would be 34, beside the 50 of its rows, directions and gradients. */
const mostPackedBytes = 20e6;

/** One order alone, where there is no gradient: as much as the directions of 32,000×256 or 128,000×64. */
const mostPackedForCosines = 40e6;

/**
 * Room for each block of rows in the two orders in which the products read them, as `assembly/gram.ts` packs them: a block is packed once
 * instead of for every tile it is in. Nothing where it would take more memory than that is worth; then every tile packs what it needs.
 */
export function packedRoom({ arrays }: Context, tiles: Tiles, dim: number): WasmArray | undefined {
  const size = packedSize(tiles, dim);
  return 8 * size > mostPackedBytes ? undefined : arrays.make([2, size]);
}

/** The same in the order of the first product alone. */
export function packedForCosines({ arrays }: Context, tiles: Tiles, dim: number): WasmArray | undefined {
  const size = packedSize(tiles, dim);
  return 4 * size > mostPackedForCosines ? undefined : arrays.make([size]);
}

function packedSize({ blocks, side }: Tiles, dim: number): number {
  return blocks * Math.ceil(side / 8) * Math.ceil(dim / 8) * 64;
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
    batch,
    rows: count,
    progress,
    blocks: batch * blocks,
    side,
  };
}
