/**
 * The most similar rows of a table whose pairs are too many to look at: nearer than a sample would see, farther apart than copies. Sketches of near rows are near, too,
 * so rows that fall into one cell of a grid over a sketch's numbers are compared by all their sketches; grids are laid several times, each time shifted, since a
 * border may part any pair. What looks nearest is checked on the rows themselves. What is found is so; that nothing nearer exists isn't claimed: of rows within a
 * chord of 0.2 most are found, of those farther apart ever fewer (see {@link oddsOfNear}).
 */
import { type FloatArray, randomStream, type Space } from "@comhe/core";
import { mixed } from "./copy-search.js";
import type { SimilarRows } from "./pair-collector.js";
import type { RowScan } from "./row-scan.js";

/** Grids over each sketch. */
const grids = 6;

/** The side of a cell, in deviations of the sketch's number over the rows. */
const side = 1.25;

/** Rows of a cell with which each is compared: those of one cell are thousands where a table is crowded. */
const mostInCell = 48;

/** Pairs by their sketches that are checked on the rows. */
const mostChecked = 2048;

/** Numbers of rows that are read at once. */
const numbersAtOnce = 16_000_000;

/**
 * @param live `[N]`: 1 for rows that are looked at
 * @param rowsAt the rows of these numbers, which ascend
 * @returns the most similar pairs that were found, most similar first
 */
export async function findNearPairs(
  scan: RowScan,
  live: Uint8Array,
  space: Space,
  rowsAt: (rows: Int32Array) => FloatArray | Promise<FloatArray>,
): Promise<readonly SimilarRows[]> {
  const kept = Int32Array.from(live, (_, row) => row).filter((row) => live[row] === 1);
  const nearest = new NearestBySketch(scan);
  const stream = randomStream(0, "near rows", 0);
  const deviations = deviationsOf(scan, kept);
  for (let from = 0; from < scan.width; from += scan.length) {
    for (let n = 0; n < grids; n++) {
      const shifts = Float64Array.from({ length: scan.length }, () => stream.below(1 << 20) / (1 << 20));
      for (const sign of space === "half" ? [1, -1] : [1]) {
        lookInCells(scan, kept, { from, sign, shifts, deviations }, nearest);
      }
    }
  }
  return check(nearest.best(), scan.dim, space, rowsAt);
}

/**
 * The odds that rows at a chord share a cell at least once, where numbers of sketches differ by a normal deviation of chord/√d and spread over the rows by 1/√d, as those
 * of isotropic rows do.
 */
export function oddsOfNear(chord: number, { length, width }: Pick<RowScan, "length" | "width">): number {
  // Σ over the numbers of what a border between two such rows takes; E|Δ| of a normal number is √(2/π) of its deviation.
  const one = Math.max(0, 1 - (Math.sqrt(2 / Math.PI) * chord) / side) ** length;
  return 1 - (1 - one) ** ((grids * width) / length);
}

function deviationsOf({ sketches, width }: RowScan, kept: Int32Array): Float64Array {
  const [sums, squares] = [new Float64Array(width), new Float64Array(width)];
  for (const row of kept) {
    for (let k = 0; k < width; k++) {
      const value = sketches[row * width + k]!;
      sums[k]! += value;
      squares[k]! += value * value;
    }
  }
  const count = Math.max(1, kept.length);
  return squares.map((square, k) => Math.sqrt(Math.max(1e-12, square / count - (sums[k]! / count) ** 2)));
}

interface Grid {
  /** The first number of the sketch. */
  readonly from: number;
  /** −1: rows are compared with the opposites of others. */
  readonly sign: number;
  /** Of cells, in sides. */
  readonly shifts: Float64Array;
  readonly deviations: Float64Array;
}

function lookInCells(
  { sketches, width, length }: RowScan,
  kept: Int32Array,
  { from, sign, shifts, deviations }: Grid,
  nearest: NearestBySketch,
): void {
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * kept.length)));
  const cellOf = (row: number, towards: number) => {
    let hash = 0;
    for (let k = 0; k < length; k++) {
      const place = (towards * sketches[row * width + from + k]!) / (side * deviations[from + k]!) + shifts[k]!;
      hash = mixed(hash, Math.floor(place));
    }
    return hash & (size - 1);
  };
  // Rows by cells: those of cell c are members[starts[c]] … members[starts[c + 1] − 1].
  const cells = kept.map((row) => cellOf(row, 1));
  const starts = new Int32Array(size + 1);
  for (const cell of cells) starts[cell + 1]!++;
  for (let cell = 0; cell < size; cell++) starts[cell + 1]! += starts[cell]!;
  const ends = starts.slice();
  const members = new Int32Array(kept.length);
  const places = new Int32Array(kept.length);
  kept.forEach((row, n) => {
    places[n] = ends[cells[n]!]!++;
    members[places[n]!] = row;
  });
  kept.forEach((row, n) => {
    const cell = sign === 1 ? cells[n]! : cellOf(row, -1);
    // Of one's own cell those behind oneself; of the opposite one all.
    const begin = sign === 1 ? places[n]! + 1 : starts[cell]!;
    const end = Math.min(starts[cell + 1]!, begin + mostInCell);
    for (let at = begin; at < end; at++) nearest.offer(row, members[at]!, sign);
  });
}

/** The pairs whose sketches are nearest, some thousands of them. */
class NearestBySketch {
  private readonly pairs = new Map<number, number>();
  private limit = Number.POSITIVE_INFINITY;

  constructor(private readonly scan: RowScan) {}

  offer(a: number, b: number, sign: number): void {
    if (a === b) return;
    const { sketches, width, norms } = this.scan;
    const { limit } = this;
    let square = 0;
    for (let k = 0; k < width; k++) {
      const difference = sketches[a * width + k]! - sign * sketches[b * width + k]!;
      square += difference * difference;
      if (square > limit) return;
    }
    // Numbers of rows fit: there are at most some millions.
    const key = Math.min(a, b) * norms.length + Math.max(a, b);
    this.pairs.set(key, Math.min(square, this.pairs.get(key) ?? square));
    if (this.pairs.size >= 2 * mostChecked) this.cut();
  }

  best(): readonly (readonly [a: number, b: number])[] {
    this.cut();
    const count = this.scan.norms.length;
    return [...this.pairs.keys()].map((key) => [Math.floor(key / count), key % count]);
  }

  private cut(): void {
    const sorted = [...this.pairs].sort(([, one], [, other]) => one - other).slice(0, mostChecked);
    this.pairs.clear();
    for (const [key, square] of sorted) this.pairs.set(key, square);
    if (sorted.length === mostChecked) this.limit = sorted.at(-1)![1];
  }
}

async function check(
  pairs: readonly (readonly [a: number, b: number])[],
  dim: number,
  space: Space,
  rowsAt: (rows: Int32Array) => FloatArray | Promise<FloatArray>,
): Promise<readonly SimilarRows[]> {
  const atOnce = Math.max(1, Math.floor(numbersAtOnce / dim / 2));
  const found: SimilarRows[] = [];
  for (let from = 0; from < pairs.length; from += atOnce) {
    const some = pairs.slice(from, from + atOnce);
    const numbers = Int32Array.from(new Set(some.flat())).sort();
    const places = new Map(Array.from(numbers, (row, n) => [row, n * dim]));
    const rows = await rowsAt(numbers);
    for (const [a, b] of some) {
      const cosine = cosineOf(rows, places.get(a)!, places.get(b)!, dim);
      if (cosine > 0 || space === "half") found.push({ a, b, cosine });
    }
  }
  return found.sort((p, q) => Math.abs(q.cosine) - Math.abs(p.cosine) || p.a - q.a || p.b - q.b);
}

function cosineOf(rows: FloatArray, a: number, b: number, dim: number): number {
  const [one, other] = [largest(rows, a, dim), largest(rows, b, dim)];
  let [product, squareA, squareB] = [0, 0, 0];
  for (let k = 0; k < dim; k++) {
    const [x, y] = [rows[a + k]! / one, rows[b + k]! / other];
    product += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  return Math.max(-1, Math.min(1, product / Math.sqrt(squareA * squareB)));
}

/** Squares of a row's numbers needn't fit into float64. */
function largest(rows: FloatArray, start: number, dim: number): number {
  let most = 0;
  for (let k = start; k < start + dim; k++) most = Math.max(most, Math.abs(rows[k]!));
  return most;
}
