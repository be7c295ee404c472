/**
 * A histogram of the angles of pairs, found from their cosines. Cosines from −1 to 1 fall into narrow cells, most of which belong to one bin
 * of the angle as a whole: a pair in such a cell costs one counter more, and counters become bins in the end (`flushAngles`). Only in
 * a cell with an edge between two bins is the cosine compared with it. What bin each cell belongs to, the host has worked out
 * (`src/backend/angle-cells.ts`).
 */
import { CROSS, SLOPES } from "./tiles";
import { splat } from "./simd";
import { beyondMask, columnMask, lane, pairAddress } from "./slopes";

/** Cells from −1 to 1, and on both sides those of cosines that are rounded beyond; as on the host. */
const CELLS: usize = 4096;
const BEYOND: usize = 64;
const COUNTER_BYTES: usize = (CELLS + 2 * BEYOND) << 2;
/** Counters in scratch memory, int32; lanes take turns at two sets of them, since pairs of one cell would wait for each other. */
const COUNTERS: usize = CROSS + 0x2000;
/** Where counters of cells with an edge begin: they stay below 0 for as long as a job lasts, which is how such cells are known. */
const HAS_EDGE: i32 = -0x40000000;

let counters: usize = 0;
/** Of each cell the bin, int32; of one with an edge, −1 − the bin in which comparing begins. */
let cells: usize = 0;
let edges: usize = 0;
/** Counts of this thread, int64. */
let histogram: usize = 0;

/** Prepares a job's counters. */
export function useCells(scratch: usize, cellsOfJob: usize, edgesOfJob: usize): void {
  counters = scratch + COUNTERS;
  cells = cellsOfJob;
  edges = edgesOfJob;
  histogram = 0;
  clear();
}

/** From now on pairs are counted in this histogram. */
export function useHistogram(to: usize): void {
  if (to == histogram) return;
  flushAngles();
  histogram = to;
}

function clear(): void {
  for (let at: usize = 0; at < COUNTER_BYTES; at += 4) {
    const first = load<i32>(cells + at) < 0 ? HAS_EDGE : 0;
    store<i32>(counters + at, first);
    store<i32>(counters + at, first, COUNTER_BYTES);
  }
}

/** Counters to bins. */
export function flushAngles(): void {
  if (histogram == 0) return;
  for (let at: usize = 0; at < COUNTER_BYTES; at += 4) {
    const bin = load<i32>(cells + at);
    if (bin >= 0) add(bin, load<i32>(counters + at) + load<i32>(counters + at, COUNTER_BYTES));
  }
  clear();
}

// @ts-ignore: decorator
@inline function add(bin: i32, by: i64): void {
  const at = histogram + (<usize>bin << 3);
  store<i64>(at, load<i64>(at) + by);
}

/** Counts a cosine one by one, by its counter's address. */
function addOne(counter: usize, c: f32, by: i64): void {
  let bin = load<i32>(cells + (counter - counters));
  if (bin < 0) {
    bin = ~bin;
    // The last edge is below every cosine.
    while (c <= load<f32>(edges + (<usize>bin << 2))) bin++;
  }
  add(bin, by);
}

/** Counts a cosine more, or less. */
export function moveAngle(c: f32, by: i64): void { addOne(i32x4.extract_lane(countersOfAny(splat(c)), 0), c, by); }

// What turns cosines into addresses of their counters; a loop asks for it once.
// @ts-ignore: decorator
@inline export function originOfCounters(): v128 { return i32x4.splat(<i32>(counters + (BEYOND << 2) - 0x200000)); }
// @ts-ignore: decorator
@inline export function lowestCounter(): v128 { return i32x4.splat(<i32>counters); }
// @ts-ignore: decorator
@inline export function highestCounter(): v128 { return i32x4.splat(<i32>(counters + COUNTER_BYTES - 4)); }

/**
 * Addresses of the counters of four cosines. c + 3 lies between 2 (0x200000 in its 23 highest bits) and 4, where float32 numbers are
 * spaced evenly: their highest bits are the number of a cell. What isn't a cosine, NaN, gets a counter at the end.
 */
// @ts-ignore: decorator
@inline function countersOf(c: v128, origin: v128, lowest: v128, highest: v128): v128 {
  const offsets = v128.and(i32x4.shr_u(f32x4.add(c, splat(3)), 9), i32x4.splat(~3));
  return i32x4.min_u(i32x4.max_u(i32x4.add(offsets, origin), lowest), highest);
}

function countersOfAny(c: v128): v128 { return countersOf(c, originOfCounters(), lowestCounter(), highestCounter()); }

/** Counts four cosines; below 0: some of them are in cells with an edge, and are to be told to `addAtEdges`. */
// @ts-ignore: decorator
@inline export function countFour(c: v128, origin: v128, lowest: v128, highest: v128): i32 {
  const addresses = countersOf(c, origin, lowest, highest);
  const low = i64x2.extract_lane(addresses, 0), high = i64x2.extract_lane(addresses, 1);
  const first = countFirst(<usize>low), second = countSecond(<usize>(<u64>low >> 32));
  return first | second | countFirst(<usize>high) | countSecond(<usize>(<u64>high >> 32));
}

// @ts-ignore: decorator
@inline function countFirst(at: usize): i32 {
  const next = load<i32>(at) + 1;
  store<i32>(at, next);
  return next;
}
// @ts-ignore: decorator
@inline function countSecond(at: usize): i32 {
  const next = load<i32>(at, COUNTER_BYTES) + 1;
  store<i32>(at, next, COUNTER_BYTES);
  return next;
}

/** Of four cosines those in cells with an edge. */
export function addAtEdges(c: v128): void {
  const addresses = countersOfAny(c);
  for (let n = 0; n < 4; n++) {
    const at = <usize>laneOf(addresses, n);
    if (load<i32>(at) < 0) addOne(at, lane(c, n), 1);
  }
}

// @ts-ignore: decorator
@inline function laneOf(x: v128, n: i32): i32 { return reinterpret<i32>(lane(x, n)); }

/** Every pair of a tile's cosines, one by one: of tiles that can't be swept. */
export function addAngles(scratch: usize, countI: i32, countJ: i32, diagonal: bool): void {
  for (let i = 0; i < countI; i++) {
    for (let j = diagonal ? (i + 1) & ~3 : 0; j < countJ; j += 4) {
      const c = v128.load(pairAddress(scratch + SLOPES, i, j));
      const addresses = countersOfAny(c);
      let keep = columnMask(j, countJ);
      if (diagonal) keep = v128.and(keep, beyondMask(j, i));
      const lanes = i32x4.bitmask(keep);
      for (let n = 0; n < 4; n++) if ((lanes >> n) & 1) addOne(<usize>laneOf(addresses, n), lane(c, n), 1);
    }
  }
}
