/**
 * The pairs of N rows as tiles of at most 120×120, each the work of one thread, and the order in which they are taken.
 *
 * A tile (I, J) above the diagonal adds to the gradients of both its blocks of rows. So that no two threads write to one block, and so that
 * every block gets its sums in the same order whatever the number of threads, tiles go in the rounds of a tournament (circle
 * method): in a round, every block meets one other. A thread takes the next tile of the list and waits only where one of its two
 * blocks is still in an earlier round.
 */
import { FAILED, PATIENCE, TileFields } from "../generated/assembly/command-fields";
import { claim } from "./command";

/** Rows of the largest tile; also what strides in scratch memory are made for. */
export const TILE = 120;
/** Columns of the rows that are multiplied at once. */
export const DEPTH = 256;

// A thread's scratch memory.
export const PACKED_A: usize = 0;
export const PACKED_B: usize = 0x20000;
/** From one panel of eight rows of slopes to the next. */
export const SLOPE_BYTES: usize = <usize>(TILE + 12) * 32;
/** Cosines of the tile, then its slopes, `[j/8][i][8]`: what the gradient of J reads. */
export const SLOPES: usize = 0x40000;
/** Slopes `[i/8][j][8]`: what the gradient of I reads. */
export const SLOPES_TURNED: usize = 0x50000;
/** The same for ċ, then ψ″∘ċ. */
export const BENDS: usize = 0x60000;
export const BENDS_TURNED: usize = 0x70000;
/** The same for the cosines of a reference set, then what goes across to it. */
export const CROSS: usize = 0x80000;
export const CROSS_TURNED: usize = 0x90000;
export const SPARE: usize = 0xa0000;
/** Near pairs of the tile. */
export const NEAR: usize = 0xa1000;

// Of the current job.
let batch: i32 = 0;
let blocks: i32 = 0;
/** Rows of a block, the last of them aside. */
export let side: i32 = 0;
/** Completed tiles of each block, `[batch][blocks]`, int32. */
let progress: usize = 0;

// The current tile.
export let entry: i32 = 0;
export let blockI: i32 = 0;
export let blockJ: i32 = 0;
export let rowI: i32 = 0;
export let rowJ: i32 = 0;
export let countI: i32 = 0;
export let countJ: i32 = 0;
/** Of the tile within its batch entry, for tables. */
export let number: i32 = 0;

/** From now on tiles are these. */
export function useTiles(fields: TileFields): void {
  batch = fields.batch;
  rows = fields.rows;
  side = fields.side;
  progress = fields.progress;
  blocks = (rows + side - 1) / side;
  limitTasks(0, i32.MAX_VALUE);
}

/**
 * Of all tiles, in the order in which they are taken, a job does those from the first number up to the last, which isn't its own: a long
 * computation is cut into jobs, each of which begins where the one before it ended. To be called after `useTiles`.
 */
export function limitTasks(first: i32, last: i32): void {
  firstTask = first;
  lastTask = last;
}
let firstTask: i32 = 0;
let lastTask: i32 = i32.MAX_VALUE;
let rows: i32 = 0;

/** Claims the next tile and waits for its blocks; false: none left, or a thread failed. */
export function nextTile(): bool {
  const even = (blocks + 1) & ~1;
  const inRound = even >> 1;
  for (;;) {
    let task = firstTask + claim();
    if (task >= lastTask) return false;
    if (task < blocks * batch) {
      entry = task / blocks;
      const block = task % blocks;
      return place(block, block, block);
    }
    task -= blocks * batch;
    const round = task / (inRound * batch);
    if (round >= even - 1) return false;
    task -= round * inRound * batch;
    entry = task / inRound;
    const slot = task % inRound;
    // The last block stays, the others go round.
    let first = even - 1, second = round;
    if (slot > 0) {
      first = (round + slot) % (even - 1);
      second = (round + even - 1 - slot) % (even - 1);
    }
    // With an odd number one block has nobody to meet.
    if (first >= blocks) continue;
    if (!waitFor(first, round) || !waitFor(second, round)) return false;
    return place(min(first, second), max(first, second), blocks + round * inRound + slot);
  }
}

/** Of a block of the current batch entry among those of all. */
export function blockAt(block: i32): usize { return <usize>(entry * blocks + block); }

function place(i: i32, j: i32, tile: i32): bool {
  blockI = i;
  blockJ = j;
  number = tile;
  rowI = i * side;
  rowJ = j * side;
  countI = min(side, rows - rowI);
  countJ = min(side, rows - rowJ);
  return true;
}

/** Until a block has met all it meets before a round. */
function waitFor(block: i32, round: i32): bool {
  const idle = (blocks & 1) != 0 && block < round ? 1 : 0;
  const wanted = 1 + round - idle;
  const at = progress + (<usize>(entry * blocks + block) << 2);
  let waited = 0;
  while (true) {
    const done = atomic.load<i32>(at);
    if (done >= wanted) return true;
    if (atomic.load<i32>(FAILED) != 0) return false;
    // Nothing but the count is taken over a wait: the first compiler of V8 11.3 (Node 20) loses track of what a loop keeps beside it.
    waited = atomic.wait<i32>(at, done, 100_000_000) == TIMED_OUT ? waited + 1 : 0;
    // A thread that was killed never reports; without this, the others would hang.
    if (waited > load<i32>(PATIENCE)) atomic.store<i32>(FAILED, 1);
  }
}

/** What a wait gives where nobody woke it. */
const TIMED_OUT = 2;

/** The current tile is complete. */
export function tileDone(): void {
  advance(blockI);
  if (blockJ != blockI) advance(blockJ);
}

function advance(block: i32): void {
  const at = progress + (<usize>(entry * blocks + block) << 2);
  atomic.add<i32>(at, 1);
  atomic.notify(at, -1);
}
