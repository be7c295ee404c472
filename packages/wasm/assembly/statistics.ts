/**
 * Statistics of all pairs in one pass over their cosines, tile by tile; nothing of size N×N lives. Sums of float64 go to the accumulators of
 * a tile's first block, whose tiles come in the same order whatever the number of threads; counts, and maxima in a total order, may be
 * taken by each thread for itself. So the results are the same bits on any number of threads.
 *
 * Within a tile: first the sums that every statistic needs, with the largest |c| of each row and of each column. Only where that beats
 * what a row has already is the row looked at again. Near pairs (`near.ts`) come last and one by one, from their chords.
 */
import { StatisticsCommand } from "../generated/assembly/command-fields";
import { commandAs, scratchOf } from "./command";
import { cosines, packForCosines, packedSize } from "./gram";
import { listNear, nearAt, nearChord, nearCount, nearI, nearJ, nearProduct, noNear } from "./near";
import { NEAR_SQUARED, usePair } from "./potential";
import { keepSimilar, similarThreshold, useSimilar } from "./similar";
import { splat, sum4 } from "./simd";
import { beyondMask, columnMask, lane, pairAddress } from "./slopes";
import {
  CROSS, CROSS_TURNED, SLOPES, blockAt, blockI, blockJ, countI, countJ, entry, limitTasks, nextTile, rowI, rowJ, side, tileDone, useTiles,
} from "./tiles";
import { addShares, sumValues } from "./values";

/** float64 accumulators of a block: Σc, Σ|c|, Σc², pairs within the chord, then Σψ of up to four energies. */
const SUMS = 8;
/** Cells of the cosine by which bins of the angle are found, as in `packages/core/src/statistics/angle-bins.ts`. */
const CELLS = 4096;

// Of the current job.
let scratch: usize = 0;
let command: StatisticsCommand = changetype<StatisticsCommand>(0);
/** Of nearest rows, or 0: what each row's nearest ranks at, float64, and its number, int32. */
let ranks: usize = 0;
let nearest: usize = 0;
let isNearestHalf: bool = false;
let isSimilarHalf: bool = false;
/** Squared; below 0: not wanted. */
let chordSquared: f64 = -1;
let isWithinHalf: bool = false;
/** A |c| that a pair within the chord has at least, if it isn't near. */
let leastWithin: f32 = 4;
/** Bytes, 1 for rows within the chord of an earlier one. */
let isWithin: usize = 0;
/** Counts of this thread, int64. */
let histogram: usize = 0;

// Of the current tile.
let diagonal: bool = false;
/** Numbers of its first row and column in their batch entry. */
let firstI: i32 = 0;
let firstJ: i32 = 0;
/** Where the first row of the batch entry lies in arrays of all rows. */
let entryRow: i32 = 0;
let within: f64 = 0;
let cosineSum: f64 = 0;
let absoluteSum: f64 = 0;
let squareSum: f64 = 0;
/** The largest |c| of all its pairs. */
let largestOfTile: f32 = 0;

export function statistics(thread: i32): void {
  command = commandAs<StatisticsCommand>();
  useTiles(command.tiles);
  limitTasks(command.firstTask, command.lastTask);
  scratch = scratchOf(thread);
  const x = command.directions, packed = command.packedForCosines;
  const rows = command.tiles.rows, dim = command.dim;
  const blockBytes = packedSize(side, dim) << 2;
  const entries = command.tiles.batch;
  ranks = command.nearestRanks;
  nearest = command.nearestRows;
  isNearestHalf = command.isNearestHalf;
  isSimilarHalf = command.isSimilarHalf;
  chordSquared = command.chordSquared;
  isWithinHalf = command.isWithinHalf;
  isWithin = command.isWithin;
  // A little less, for the rounding of c; who is really within is decided by 2 − 2c.
  leastWithin = chordSquared >= 0.009 ? <f32>(1 - 0.5 * chordSquared - 1e-6) : 4;
  const energies = command.energies, bins = command.bins;
  while (nextTile()) {
    entryRow = entry * rows;
    firstI = rowI;
    firstJ = rowJ;
    diagonal = blockI == blockJ;
    const xI = x + (<usize>(<u32>(entryRow + rowI)) * <usize>dim << 2);
    const xJ = x + (<usize>(<u32>(entryRow + rowJ)) * <usize>dim << 2);
    let cI: usize = 0, cJ: usize = 0;
    if (packed != 0) {
      cI = packed + blockAt(blockI) * blockBytes;
      cJ = packed + blockAt(blockJ) * blockBytes;
      // Every block meets itself before others.
      if (diagonal) packForCosines(xI, countI, dim, cI);
    }
    cosines(xI, cI, countI, xJ, cJ, countJ, dim, scratch + SLOPES, diagonal, false, scratch);
    useSimilar(command.similar, command.similarCounts, command.similarLimit, thread * entries + entry);
    histogram = command.histogram + (<usize>((thread * entries + entry) * 4 * bins) << 3);
    within = 0;
    addMoments();
    const inverses = command.inverses + (<usize>entryRow << 3);
    if (isFar(largestOfTile)) noNear();
    else {
      listNear(
        scratch, countI, countJ, diagonal, xI, xJ, dim, command.epsilon, inverses + (<usize>rowI << 3), inverses + (<usize>rowJ << 3),
      );
    }
    lookAgain();
    if (bins > 0) addAngles();
    for (let n = 0; n < nearCount; n++) addNear(nearAt(scratch, n));
    const sums = command.sums + (blockAt(blockI) * SUMS << 3);
    add(sums, cosineSum);
    add(sums + 8, absoluteSum);
    add(sums + 16, squareSum);
    add(sums + 24, within);
    for (let n = 0; n < energies; n++) {
      if (n == 0) usePair(command.first);
      else if (n == 1) usePair(command.second);
      else if (n == 2) usePair(command.third);
      else usePair(command.fourth);
      const keep = n == command.shareOf;
      add(sums + (<usize>(4 + n) << 3), sumValues(scratch, countI, countJ, diagonal, keep));
      if (!keep) continue;
      const shares = command.shares + (<usize>entryRow << 3);
      addShares(scratch, countI, countJ, shares + (<usize>rowI << 3), shares + (<usize>rowJ << 3));
    }
    tileDone();
  }
}

// @ts-ignore: decorator
@inline function add(to: usize, term: f64): void { store<f64>(to, load<f64>(to) + term); }

// The largest |c| of each row, and of each column, float32, in scratch memory that statistics have no other use for.
// @ts-ignore: decorator
@inline function largestOfRow(i: i32): usize { return scratch + CROSS + (<usize>i << 2); }
// @ts-ignore: decorator
@inline function largestOfColumn(j: i32): usize { return scratch + CROSS_TURNED + (<usize>j << 2); }

/** First column of row i's pairs, rounded down to a multiple of 4. */
// @ts-ignore: decorator
@inline function firstColumn(i: i32): i32 { return diagonal ? (i + 1) & ~3 : 0; }

/** Lanes that are pairs. */
// @ts-ignore: decorator
@inline function pairMask(i: i32, j: i32): v128 {
  const keep = columnMask(j, countJ);
  return diagonal ? v128.and(keep, beyondMask(j, i)) : keep;
}

/** Σc, Σ|c|, Σc², and the largest |c| of each row and column; what is no pair counts as −1 there. */
function addMoments(): void {
  const base = scratch + SLOPES;
  cosineSum = absoluteSum = squareSum = 0;
  for (let j = 0; j < countJ; j += 4) v128.store(largestOfColumn(j), splat(-1));
  largestOfTile = -1;
  let i = 0;
  if (!diagonal) for (; i + 4 <= countI; i += 4) addMomentsOfFour(i);
  for (; i < countI; i++) addMomentsOfRow(i);
}

// @ts-ignore: decorator
@inline function maximum(x: v128): f32 { return max(max(lane(x, 0), lane(x, 1)), max(lane(x, 2), lane(x, 3))); }

/** Off the diagonal, where nothing but the last columns may be missing. */
function addMomentsOfFour(i: i32): void {
  const base = scratch + SLOPES;
  let sum = splat(0), absolute = splat(0), square = splat(0);
  let m0 = splat(-1), m1 = splat(-1), m2 = splat(-1), m3 = splat(-1);
  const whole = countJ & ~3;
  for (let j = 0; j < whole; j += 4) {
    const at = pairAddress(base, i, j);
    const c0 = v128.load(at), c1 = v128.load(at, 32), c2 = v128.load(at, 64), c3 = v128.load(at, 96);
    const s0 = f32x4.abs(c0), s1 = f32x4.abs(c1), s2 = f32x4.abs(c2), s3 = f32x4.abs(c3);
    sum = f32x4.add(sum, f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)));
    absolute = f32x4.add(absolute, f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
    square = f32x4.add(square, f32x4.add(f32x4.add(f32x4.mul(c0, c0), f32x4.mul(c1, c1)), f32x4.add(f32x4.mul(c2, c2), f32x4.mul(c3, c3))));
    m0 = f32x4.max(m0, s0);
    m1 = f32x4.max(m1, s1);
    m2 = f32x4.max(m2, s2);
    m3 = f32x4.max(m3, s3);
    const column = largestOfColumn(j);
    v128.store(column, f32x4.max(v128.load(column), f32x4.max(f32x4.max(s0, s1), f32x4.max(s2, s3))));
  }
  cosineSum += sum4(sum);
  absoluteSum += sum4(absolute);
  squareSum += sum4(square);
  keepLargest(i, maximum(m0));
  keepLargest(i + 1, maximum(m1));
  keepLargest(i + 2, maximum(m2));
  keepLargest(i + 3, maximum(m3));
  if (whole == countJ) return;
  for (let r = i; r < i + 4; r++) addMomentsFrom(r, whole, load<f32>(largestOfRow(r)));
}

function keepLargest(i: i32, largest: f32): void {
  store<f32>(largestOfRow(i), largest);
  largestOfTile = max(largestOfTile, largest);
}

function addMomentsOfRow(i: i32): void { addMomentsFrom(i, firstColumn(i), -1); }

/** From column j on; `before`: the largest |c| of the row's pairs before it. */
function addMomentsFrom(i: i32, j: i32, before: f32): void {
  const base = scratch + SLOPES;
  let sum = splat(0), absolute = splat(0), square = splat(0), largest = splat(before);
  for (; j < countJ; j += 4) {
    let c = v128.load(pairAddress(base, i, j));
    let size = f32x4.abs(c), ranked = size;
    if (j + 4 > countJ || (diagonal && j <= i)) {
      const keep = pairMask(i, j);
      c = v128.and(c, keep);
      size = v128.and(size, keep);
      ranked = v128.bitselect(size, splat(-1), keep);
    }
    sum = f32x4.add(sum, c);
    absolute = f32x4.add(absolute, size);
    square = f32x4.add(square, f32x4.mul(c, c));
    largest = f32x4.max(largest, ranked);
    const at = largestOfColumn(j);
    v128.store(at, f32x4.max(v128.load(at), ranked));
  }
  cosineSum += sum4(sum);
  absoluteSum += sum4(absolute);
  squareSum += sum4(square);
  keepLargest(i, maximum(largest));
}

/** Rows and columns that may have found somebody nearer; and rows with pairs that may be among the most similar, or within the chord. */
function lookAgain(): void {
  for (let i = 0; i < countI; i++) {
    const largest = load<f32>(largestOfRow(i));
    if (ranks != 0 && <f64>largest >= rankOf(firstI + i)) {
      for (let j = diagonal ? i + 1 : 0; j < countJ; j++) meetFar(firstI + i, firstJ + j, cosineAt(i, j));
    }
    if (<f64>largest >= similarThreshold || largest >= leastWithin) lookAtRow(i);
  }
  if (ranks == 0) return;
  for (let j = 0; j < countJ; j++) {
    if (<f64>load<f32>(largestOfColumn(j)) < rankOf(firstJ + j)) continue;
    for (let i = 0, last = diagonal ? j : countI; i < last; i++) meetFar(firstJ + j, firstI + i, cosineAt(i, j));
  }
}

// @ts-ignore: decorator
@inline function cosineAt(i: i32, j: i32): f32 { return load<f32>(pairAddress(scratch + SLOPES, i, j) + (<usize>(j & 3) << 2)); }
// @ts-ignore: decorator
@inline function rankOf(row: i32): f64 { return load<f64>(ranks + (<usize>(entryRow + row) << 3)); }
/** Whether the pair isn't in the list. */
// @ts-ignore: decorator
@inline function isFar(c: f32): bool { return !(<f32>2 - (abs(c) + abs(c)) < NEAR_SQUARED); }

// @ts-ignore: decorator
@inline function meetFar(row: i32, other: i32, c: f32): void {
  if (isFar(c)) meet(row, other, isNearestHalf ? abs(c) : c, c);
}

/** Of equals the first row is the nearest. */
function meet(row: i32, other: i32, rank: f64, cosine: f64): void {
  const at = <usize>(entryRow + row);
  const best = load<f64>(ranks + (at << 3));
  if (rank < best || (rank == best && other > load<i32>(nearest + (at << 2)))) return;
  store<f64>(ranks + (at << 3), rank);
  store<i32>(nearest + (at << 2), other);
  store<f64>(command.nearestCosines + (at << 3), cosine);
}

function lookAtRow(i: i32): void {
  for (let j = diagonal ? i + 1 : 0; j < countJ; j++) {
    const c = cosineAt(i, j);
    if (!isFar(c)) continue;
    const rank = isSimilarHalf ? abs(c) : c;
    if (<f64>rank >= similarThreshold) keepSimilar(firstI + i, firstJ + j, c, rank);
    if (abs(c) >= leastWithin) countWithin(j, 2 - 2 * <f64>c);
  }
}

/** u = 2 − 2c of a pair with column j of the tile. */
function countWithin(j: i32, u: f64): void {
  if (!(u <= chordSquared || (isWithinHalf && 4 - u <= chordSquared))) return;
  within++;
  store<u8>(isWithin + <usize>(entryRow + firstJ + j), 1);
}

/** The bin of each pair's angle: that of its cell's largest cosine, or one of the next. */
function addAngles(): void {
  const base = scratch + SLOPES, edges = command.edges, firstBins = command.firstBins;
  // Pairs are often of one bin, time after time: counts of their own for each lane don't wait for each other.
  const binBytes = <usize>command.bins << 3;
  const second = histogram + binBytes, third = second + binBytes, fourth = third + binBytes;
  for (let i = 0; i < countI; i++) {
    for (let j = firstColumn(i); j < countJ; j += 4) {
      const c = v128.load(pairAddress(base, i, j));
      const position = i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.add(c, splat(1)), splat(<f32>(CELLS / 2))));
      const cells = i32x4.max_s(i32x4.min_s(position, i32x4.splat(CELLS - 1)), i32x4.splat(0));
      if (j + 4 <= countJ && !(diagonal && j <= i)) {
        count(histogram, firstBins, edges, i32x4.extract_lane(cells, 0), f32x4.extract_lane(c, 0));
        count(second, firstBins, edges, i32x4.extract_lane(cells, 1), f32x4.extract_lane(c, 1));
        count(third, firstBins, edges, i32x4.extract_lane(cells, 2), f32x4.extract_lane(c, 2));
        count(fourth, firstBins, edges, i32x4.extract_lane(cells, 3), f32x4.extract_lane(c, 3));
        continue;
      }
      const lanes = i32x4.bitmask(pairMask(i, j));
      if (lanes & 1) count(histogram, firstBins, edges, i32x4.extract_lane(cells, 0), f32x4.extract_lane(c, 0));
      if (lanes & 2) count(histogram, firstBins, edges, i32x4.extract_lane(cells, 1), f32x4.extract_lane(c, 1));
      if (lanes & 4) count(histogram, firstBins, edges, i32x4.extract_lane(cells, 2), f32x4.extract_lane(c, 2));
      if (lanes & 8) count(histogram, firstBins, edges, i32x4.extract_lane(cells, 3), f32x4.extract_lane(c, 3));
    }
  }
}

// @ts-ignore: decorator
@inline function binOf(firstBins: usize, edges: usize, cell: i32, c: f32): i32 {
  let bin = load<i32>(firstBins + (<usize>cell << 2));
  // The last edge is below every cosine.
  while (c <= load<f32>(edges + (<usize>bin << 2))) bin++;
  return bin;
}

// @ts-ignore: decorator
@inline function count(to: usize, firstBins: usize, edges: usize, cell: i32, c: f32): void {
  const at = to + (<usize>binOf(firstBins, edges, cell, c) << 3);
  store<i64>(at, load<i64>(at) + 1);
}

function move(c: f32, by: i64): void {
  const cell = max(0, min(CELLS - 1, <i32>((c + 1) * <f32>(CELLS / 2))));
  const at = histogram + (<usize>binOf(command.firstBins, command.edges, cell, c) << 3);
  store<i64>(at, load<i64>(at) + by);
}

/** A near pair: what the passes above took from its product is put right, and the rest done that they left to this. */
function addNear(at: usize): void {
  const i = nearI(at), j = nearJ(at);
  const product = nearProduct(at), chord = nearChord(at);
  const size = 1 - 0.5 * chord;
  const cosine = product < 0 ? -size : size;
  cosineSum += cosine - <f64>product;
  absoluteSum += size - <f64>abs(product);
  squareSum += size * size - <f64>product * <f64>product;
  if (command.bins > 0) {
    move(product, -1);
    move(<f32>cosine, 1);
  }
  if (ranks != 0) {
    const rank = isNearestHalf ? size : cosine;
    meet(firstI + i, firstJ + j, rank, cosine);
    meet(firstJ + j, firstI + i, rank, cosine);
  }
  const rank = isSimilarHalf ? size : cosine;
  if (rank >= similarThreshold) keepSimilar(firstI + i, firstJ + j, cosine, rank);
  if (chordSquared >= 0) countWithin(j, product < 0 ? 4 - chord : chord);
}
