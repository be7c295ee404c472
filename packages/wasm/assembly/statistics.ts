/**
 * Statistics of all pairs in one pass over their cosines, tile by tile; nothing of size N×N lives. Sums of float64 go to the accumulators of
 * a tile's first block, whose tiles come in the same order whatever the number of threads; counts, and maxima in a total order, may be
 * taken by each thread for itself. So the results are the same bits on any number of threads.
 *
 * Within a tile: first the sums that every statistic needs, with the largest |c| of each row and of each column. Only where that beats
 * what a row has already is the row looked at again. Near pairs (`near.ts`) come last and one by one, from their chords.
 */
import { StatisticsCommand } from "../generated/assembly/command-fields";
import { absoluteSumAbout, addAbout, squareSumAbout } from "./about";
import { addAngles, flushAngles, moveAngle, useCells, useHistogram } from "./angles";
import { commandAs, scratchOf } from "./command";
import { cosines, packForCosines, packedSize } from "./gram";
import {
  absoluteSum, addMoments, addSweptShares, correctMoments, cosineSum, fullSum, halfSum, largestOfColumn, largestOfRow, largestOfTile, squareSum, sweep,
} from "./moments";
import { listNear, nearAt, nearChord, nearCount, nearI, nearJ, nearProduct, noNear } from "./near";
import { NEAR_SQUARED, quickMode, usePair } from "./potential";
import { keepSimilar, similarThreshold, useSimilar } from "./similar";
import { pairAddress } from "./slopes";
import {
  SLOPES, blockAt, blockI, blockJ, countI, countJ, entry, limitTasks, nextTile, rowI, rowJ, side, tileDone, useTiles,
} from "./tiles";
import { addShares, sumValues } from "./values";

/** float64 accumulators of a block: Σc, Σ|c|, Σc², pairs within the chord, Σψ of up to four energies, Σ|c′| and Σc′² (`about.ts`). */
const SUMS = 10;

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

/** The energies whose sums come in passing, and whether there are any. */
let fullOf: i32 = -1;
let halfOf: i32 = -1;
let inPassing: bool = false;
/** Whether rows' shares are of one of them. */
let isSharedInPassing: bool = false;

// Of the current tile.
let diagonal: bool = false;
/** Numbers of its first row and column in their batch entry. */
let firstI: i32 = 0;
let firstJ: i32 = 0;
/** Where the first row of the batch entry lies in arrays of all rows. */
let entryRow: i32 = 0;
let within: f64 = 0;

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
  if (bins > 0) useCells(scratch, command.cells, command.edges);
  findInPassing();
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
    if (bins > 0) useHistogram(command.histogram + (<usize>((thread * entries + entry) * bins) << 3));
    within = 0;
    const swept = !diagonal && (countJ & 7) == 0;
    if (swept) sweep(scratch, countI, countJ, inPassing, isSharedInPassing, command.shareOf == halfOf, bins > 0);
    else addMoments(scratch, countI, countJ, diagonal);
    const inverses = command.inverses + (<usize>entryRow << 3);
    if (isFar(largestOfTile)) noNear();
    else {
      listNear(
        scratch, countI, countJ, diagonal, xI, xJ, dim, command.epsilon, inverses + (<usize>rowI << 3), inverses + (<usize>rowJ << 3),
      );
    }
    lookAgain();
    if (bins > 0 && !swept) addAngles(scratch, countI, countJ, diagonal);
    for (let n = 0; n < nearCount; n++) addNear(nearAt(scratch, n));
    const sums = command.sums + (blockAt(blockI) * SUMS << 3);
    add(sums, cosineSum);
    add(sums + 8, absoluteSum);
    add(sums + 16, squareSum);
    add(sums + 24, within);
    if (command.about != 0) {
      const about = command.about + (<usize>entryRow << 2), stride = <usize>(rows * entries) << 2;
      addAbout(scratch, countI, countJ, diagonal, about + (<usize>rowI << 2), about + (<usize>rowJ << 2), stride);
      add(sums + 64, absoluteSumAbout);
      add(sums + 72, squareSumAbout);
    }
    const shares = command.shares + (<usize>entryRow << 3);
    for (let n = 0; n < energies; n++) {
      const keep = n == command.shareOf;
      if (swept && inPassing && nearCount == 0 && (n == fullOf || n == halfOf)) {
        add(sums + (<usize>(4 + n) << 3), n == fullOf ? fullSum : halfSum);
        if (keep) addSweptShares(scratch, countI, countJ, shares + (<usize>rowI << 3), shares + (<usize>rowJ << 3));
        continue;
      }
      useEnergy(n);
      add(sums + (<usize>(4 + n) << 3), sumValues(scratch, countI, countJ, diagonal, keep));
      if (keep) addShares(scratch, countI, countJ, shares + (<usize>rowI << 3), shares + (<usize>rowJ << 3));
    }
    tileDone();
  }
  if (bins > 0) flushAngles();
}

/** From now on pairs are of the request's energy n. */
function useEnergy(n: i32): void {
  if (n == 0) usePair(command.first);
  else if (n == 1) usePair(command.second);
  else if (n == 2) usePair(command.third);
  else usePair(command.fourth);
}

/** Which energies are of full and of half space with s = 2, whose sums a sweep gives. */
function findInPassing(): void {
  fullOf = halfOf = -1;
  for (let n = 0; n < command.energies; n++) {
    useEnergy(n);
    if (quickMode == 4) fullOf = n;
    if (quickMode == 5) halfOf = n;
  }
  inPassing = fullOf >= 0 || halfOf >= 0;
  isSharedInPassing = command.shareOf >= 0 && (command.shareOf == fullOf || command.shareOf == halfOf);
}

// @ts-ignore: decorator
@inline function add(to: usize, term: f64): void { store<f64>(to, load<f64>(to) + term); }

/** Rows and columns that may have found somebody nearer; and rows with pairs that may be among the most similar, or within the chord. */
function lookAgain(): void {
  for (let i = 0; i < countI; i++) {
    const largest = load<f32>(largestOfRow(scratch, i));
    if (ranks != 0 && <f64>largest >= rankOf(firstI + i)) {
      for (let j = diagonal ? i + 1 : 0; j < countJ; j++) meetFar(firstI + i, firstJ + j, cosineAt(i, j));
    }
    if (<f64>largest >= similarThreshold || largest >= leastWithin) lookAtRow(i);
  }
  if (ranks == 0) return;
  for (let j = 0; j < countJ; j++) {
    if (<f64>load<f32>(largestOfColumn(scratch, j)) < rankOf(firstJ + j)) continue;
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

/** A near pair: what the passes above took from its product is put right, and the rest done that they left to this. */
function addNear(at: usize): void {
  const i = nearI(at), j = nearJ(at);
  const product = nearProduct(at), chord = nearChord(at);
  const size = 1 - 0.5 * chord;
  const cosine = product < 0 ? -size : size;
  correctMoments(product, cosine);
  if (command.bins > 0) {
    moveAngle(product, -1);
    moveAngle(<f32>cosine, 1);
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
