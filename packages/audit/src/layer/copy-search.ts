/**
 * Copies among all rows of a table whose pairs are too many to look at. Two rows within a chord of 0.01 have sketches that are no farther
 * apart, and each number of a sketch differs by some 0.01/√d only: so rows are put into cells by four such numbers, and only rows
 * of neighbouring cells are compared, by their sketches. What is left are candidates, whose chord is taken from the rows themselves.
 * What is found is so; a pair is missed only where such a number differs by six deviations in both sketches, or where the search was cut short.
 */
import type { FloatArray, Space } from "@comhe/core";
import { copyChord, type RepeatingRows } from "./near-copies.js";
import type { SimilarRows } from "./pair-collector.js";
import type { RowScan } from "./row-scan.js";
import { joinRows, RowSets } from "./row-sets.js";

/** Numbers of a sketch that make a cell. */
const cellNumbers = 4;

/** Deviations of a sketch's number, over random signs, within which two copies are looked for. */
const deviations = 6;

/** Of float32 sketches. */
const rounding = 1e-6;

/** Comparisons of sketches: a few seconds. */
const mostComparisons = 4e8;

/** Candidates of which all are kept; beyond, those that join rows which no earlier one has joined. */
const manyCandidates = 200_000;
const mostCandidates = 4_000_000;

/** Numbers of candidates' rows that are held at once, and how often so many are read. */
const numbersAtOnce = 16_000_000;
const mostReads = 16;

/** Pairs that a report may list. */
const pairsKept = 1024;

export interface Copies extends RepeatingRows {
  /** The most similar pairs among them. */
  readonly pairs: readonly SimilarRows[];
  /** Whether the search was cut short. */
  readonly cutShort: boolean;
}

/**
 * @param live `[N]`: 1 for rows that are looked at
 * @param rowsAt the rows of these numbers, which ascend
 */
export async function findCopies(
  scan: RowScan,
  live: Uint8Array,
  space: Space,
  rowsAt: (rows: Int32Array) => FloatArray | Promise<FloatArray>,
): Promise<Copies> {
  const candidates = new Candidates();
  const kept = withoutTwins(scan, live, candidates);
  for (let from = 0; from < scan.width && !candidates.full; from += scan.length) {
    for (const sign of space === "half" ? [1, -1] : [1]) searchCells(scan, kept, from, sign, candidates);
  }
  return verify(candidates, scan.dim, space, rowsAt);
}

/** Pairs that may be copies, and which rows they join. */
class Candidates {
  readonly first: number[] = [];
  readonly second: number[] = [];
  comparisons = 0;
  full = false;
  private readonly joined = new RowSets();

  add(a: number, b: number): void {
    const [low, high] = a < b ? [a, b] : [b, a];
    const isNew = this.joined.join(low, high);
    if (!isNew && this.first.length >= manyCandidates) return;
    if (this.first.length >= mostCandidates) {
      this.full = true;
      return;
    }
    this.first.push(low);
    this.second.push(high);
  }
}

/** Rows whose sketches no earlier row has, number by number. Thousands of untrained rows that are all the same would be millions of pairs. */
function withoutTwins({ sketches, width }: RowScan, live: Uint8Array, candidates: Candidates): Int32Array {
  const words = new Uint32Array(sketches.buffer, sketches.byteOffset, sketches.length);
  const size = 2 ** Math.ceil(Math.log2(2 * Math.max(1, live.length)));
  const slots = new Int32Array(size).fill(-1);
  const kept: number[] = [];
  for (let row = 0; row < live.length; row++) {
    if (live[row] === 0) continue;
    let hash = 0;
    for (let n = row * width; n < (row + 1) * width; n++) hash = mixed(hash, words[n]!);
    let slot = hash & (size - 1);
    while (slots[slot]! >= 0 && !sameNumbers(sketches, slots[slot]! * width, row * width, width)) {
      slot = (slot + 1) & (size - 1);
    }
    if (slots[slot]! >= 0) candidates.add(slots[slot]!, row);
    else {
      slots[slot] = row;
      kept.push(row);
    }
  }
  return Int32Array.from(kept);
}

/** A step of a hash, by the constants of MurmurHash3 (Appleby 2011). */
export function mixed(hash: number, word: number): number {
  let next = Math.imul(hash ^ word, 0x85ebca6b);
  next ^= next >>> 13;
  next = Math.imul(next, 0xc2b2ae35);
  return next ^ (next >>> 16);
}

function sameNumbers(numbers: Float32Array, a: number, b: number, count: number): boolean {
  for (let n = 0; n < count; n++) if (numbers[a + n] !== numbers[b + n]) return false;
  return true;
}

/**
 * Compares rows with those of their own cell and of the neighbouring ones that a copy may have fallen into.
 *
 * @param kept the rows, ascending
 * @param from the first number of the sketch that makes cells
 * @param sign −1: with the rows' opposites
 */
function searchCells(scan: RowScan, kept: Int32Array, from: number, sign: number, candidates: Candidates): void {
  const { sketches, width, length, dim } = scan;
  const tolerance = rounding + Math.min(copyChord, (deviations * copyChord) / Math.sqrt(dim));
  const side = 3 * tolerance;
  const used = Math.min(cellNumbers, length);
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, kept.length)));
  const slotOf = (cells: Int32Array) => cells.reduce(mixed, 0) & (size - 1);
  const cells = new Int32Array(used);
  // Rows by slots: those of slot s are members[starts[s]] … members[starts[s + 1] − 1].
  const slots = new Int32Array(kept.length);
  const starts = new Int32Array(size + 1);
  kept.forEach((row, n) => {
    for (let k = 0; k < used; k++) cells[k] = Math.floor(sketches[row * width + from + k]! / side);
    slots[n] = slotOf(cells);
    starts[slots[n]! + 1]!++;
  });
  for (let slot = 0; slot < size; slot++) starts[slot + 1]! += starts[slot]!;
  const members = new Int32Array(kept.length);
  const ends = starts.slice();
  kept.forEach((row, n) => {
    members[ends[slots[n]!]!++] = row;
  });
  const isNear = nearSketches(scan, sign);
  const visited: number[] = [];
  for (const row of kept) {
    visited.length = 0;
    const visit = (k: number): void => {
      if (k === used) {
        const slot = slotOf(cells);
        if (!visited.includes(slot)) visited.push(slot);
        return;
      }
      const place = (sign * sketches[row * width + from + k]!) / side;
      const own = Math.floor(place);
      cells[k] = own;
      visit(k + 1);
      const aside = place - own < 1 / 3 ? own - 1 : place - own > 2 / 3 ? own + 1 : own;
      if (aside === own) return;
      cells[k] = aside;
      visit(k + 1);
    };
    visit(0);
    for (const slot of visited) {
      const end = starts[slot + 1]!;
      candidates.comparisons += end - starts[slot]!;
      for (let n = starts[slot]!; n < end; n++) {
        const other = members[n]!;
        if (other > row && isNear(row, other)) candidates.add(row, other);
      }
    }
    if (candidates.comparisons > mostComparisons) candidates.full = true;
    if (candidates.full) return;
  }
}

/** Whether no sketch of two rows is farther apart than copies are. */
function nearSketches({ sketches, width, length }: RowScan, sign: number): (a: number, b: number) => boolean {
  const limit = (copyChord + rounding * 10) ** 2;
  return (a, b) => {
    for (let from = 0; from < width; from += length) {
      let square = 0;
      for (let k = from; k < from + length; k++) {
        const difference = sketches[a * width + k]! - sign * sketches[b * width + k]!;
        square += difference * difference;
        if (square > limit) return false;
      }
    }
    return true;
  };
}

async function verify(
  { first, second, full }: Candidates,
  dim: number,
  space: Space,
  rowsAt: (rows: Int32Array) => FloatArray | Promise<FloatArray>,
): Promise<Copies> {
  const order = Int32Array.from(first, (_, n) => n).sort((a, b) => first[a]! - first[b]! || second[a]! - second[b]!);
  const mostRows = Math.max(2, Math.floor(numbersAtOnce / dim));
  const pairs: SimilarRows[] = [];
  let from = 0;
  for (let reads = 0; from < order.length && reads < mostReads; reads++) {
    const wanted = new Set<number>();
    let end = from;
    for (; end < order.length && wanted.size <= mostRows - 2; end++) {
      wanted.add(first[order[end]!]!).add(second[order[end]!]!);
    }
    const numbers = Int32Array.from(wanted).sort();
    const places = new Map(Array.from(numbers, (row, n) => [row, n]));
    const rows = await rowsAt(numbers);
    for (; from < end; from++) {
      const [a, b] = [first[order[from]!]!, second[order[from]!]!];
      // Both sketches may have found it.
      if (from > 0 && a === first[order[from - 1]!] && b === second[order[from - 1]!]) continue;
      const cosine = copyCosine(rows, places.get(a)! * dim, places.get(b)! * dim, dim);
      if (cosine !== undefined && (cosine > 0 || space === "half")) pairs.push({ a, b, cosine });
    }
  }
  const groups = joinRows(pairs.map(({ a, b }) => [a, b]));
  const repeats = new Set(pairs.map(({ b }) => b)).size;
  pairs.sort((p, q) => Math.abs(q.cosine) - Math.abs(p.cosine) || p.a - q.a || p.b - q.b);
  return { groups, repeats, pairs: pairs.slice(0, pairsKept), cutShort: full || from < order.length };
}

/** The cosine of two rows within the chord of each other or of the opposite, from differences, so that it has digits; else `undefined`. */
function copyCosine(rows: FloatArray, a: number, b: number, dim: number): number | undefined {
  const [scaleA, scaleB] = [1 / lengthOf(rows, a, dim), 1 / lengthOf(rows, b, dim)];
  let [same, opposite] = [0, 0];
  for (let k = 0; k < dim; k++) {
    const [x, y] = [rows[a + k]! * scaleA, rows[b + k]! * scaleB];
    same += (x - y) ** 2;
    opposite += (x + y) ** 2;
  }
  if (Math.min(same, opposite) > copyChord ** 2) return undefined;
  return same <= opposite ? 1 - same / 2 : opposite / 2 - 1;
}

/** Of a row whose squares needn't fit into float64. */
function lengthOf(rows: FloatArray, start: number, dim: number): number {
  let largest = 0;
  for (let k = start; k < start + dim; k++) largest = Math.max(largest, Math.abs(rows[k]!));
  let square = 0;
  for (let k = start; k < start + dim; k++) square += (rows[k]! / largest) ** 2;
  return largest * Math.sqrt(square);
}
