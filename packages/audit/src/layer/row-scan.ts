/**
 * What can be known of every row by looking at each once: its length, whether it is finite, whether it is one number throughout, and a
 * sketch of its direction, short enough to be kept of millions of rows. So no row of a table that doesn't fit into memory goes unseen.
 *
 * A sketch is a projection onto orthonormal directions of which each adds up some of the entries with random signs (the count sketch of
 * Charikar, Chen and Farach-Colton 2002): no two directions are farther apart in it than they are, and each entry costs one addition.
 */
import { type FloatArray, randomStream } from "@comhe/core";

/** Numbers of one sketch, and how many sketches a row has, each with its own signs. */
const [sketchNumbers, sketchesOfRow] = [8, 2];

/** What a pass over all rows of a layer has seen. */
export interface RowScan {
  /** d. */
  readonly dim: number;
  /** `[N]`: lengths of the rows; 0 for rows that aren't finite. */
  readonly norms: Float64Array;
  /** `[N, width]`, float32: all sketches of a row, side by side. */
  readonly sketches: Float32Array;
  readonly width: number;
  /** Numbers of one sketch. */
  readonly length: number;
  /** Rows that are one number throughout, and not 0; ascending, as the lists below. */
  readonly constant: readonly number[];
  readonly nan: readonly number[];
  readonly infinite: readonly number[];
  readonly wrong: Readonly<WrongNumbers>;
}

/** Numbers that aren't finite, and where the first of them is. */
interface WrongNumbers {
  numbers: number;
  row: number;
  column: number;
  value: number;
}

/** A number of a sketch: the entries that are added, those that are taken away, and what the sum is divided by. */
interface SketchNumber {
  readonly added: Int32Array;
  readonly taken: Int32Array;
  readonly scale: number;
}

/** Takes a layer's rows in order, some at a time. */
export class RowScanner {
  private readonly scan: RowScan & Record<"constant" | "nan" | "infinite", number[]> & { wrong: WrongNumbers };
  private readonly numbers: readonly SketchNumber[];
  /** A row of float64, over its largest entry. */
  private readonly scaled: Float64Array;
  private next = 0;

  constructor(
    count: number,
    private readonly dim: number,
  ) {
    const length = Math.min(sketchNumbers, dim);
    // Of so few entries one sketch holds all there is to know.
    const sketches = dim <= sketchNumbers ? 1 : sketchesOfRow;
    const width = length * sketches;
    this.numbers = Array.from({ length: sketches }, (_, index) => sketchNumbersOf(dim, length, index)).flat();
    this.scaled = new Float64Array(dim);
    this.scan = {
      dim,
      norms: new Float64Array(count),
      sketches: new Float32Array(count * width),
      width,
      length,
      constant: [],
      nan: [],
      infinite: [],
      wrong: { numbers: 0, row: -1, column: -1, value: 0 },
    };
  }

  /** @param rows some rows, those after the ones that were added before */
  add(rows: FloatArray): void {
    const { dim } = this;
    for (let start = 0; start < rows.length; start += dim) {
      if (rows instanceof Float64Array) this.addScaled(rows, start, this.next++);
      else this.addRow(rows, start, 1, this.next++);
    }
  }

  result(): RowScan {
    return this.scan;
  }

  /** Squares of float64 may be beyond float64. */
  private addScaled(rows: Float64Array, start: number, row: number): void {
    const { dim, scaled } = this;
    let largest = 0;
    for (let k = start; k < start + dim; k++) largest = Math.max(largest, Math.abs(rows[k]!));
    if (largest > 0 && largest < Number.POSITIVE_INFINITY) {
      for (let k = 0; k < dim; k++) scaled[k] = rows[start + k]! / largest;
      this.addRow(scaled, 0, largest, row);
    } else if (largest !== 0) this.addBroken(rows, start, row);
  }

  private addRow(rows: FloatArray, start: number, unit: number, row: number): void {
    const { dim, scan } = this;
    const square = squareSum(rows, start, dim);
    if (square === 0) return;
    // Infinities and NaN alone don't leave 0.
    if (square - square !== 0) {
      this.addBroken(rows, start, row);
      return;
    }
    const norm = Math.sqrt(square);
    scan.norms[row] = Math.min(unit * norm, Number.MAX_VALUE);
    if (isConstant(rows, start, dim)) scan.constant.push(row);
    const { sketches, width } = scan;
    for (let n = 0; n < width; n++) {
      const { added, taken, scale } = this.numbers[n]!;
      sketches[row * width + n] = ((sumAt(rows, start, added) - sumAt(rows, start, taken)) * scale) / norm;
    }
  }

  private addBroken(rows: FloatArray, start: number, row: number): void {
    const { dim, scan } = this;
    const numbers = rows.subarray(start, start + dim);
    (numbers.some(Number.isNaN) ? scan.nan : scan.infinite).push(row);
    const { wrong } = scan;
    if (wrong.numbers === 0) {
      wrong.row = row;
      wrong.column = numbers.findIndex((value) => !Number.isFinite(value));
      wrong.value = numbers[wrong.column]!;
    }
    for (const value of numbers) if (!Number.isFinite(value)) wrong.numbers++;
  }
}

/** Entries are dealt out in a random order, so that each number gets as many; a sign of each is drawn. */
function sketchNumbersOf(dim: number, length: number, index: number): SketchNumber[] {
  const stream = randomStream(0, "sketches of rows", index);
  const order = Int32Array.from({ length: dim }, (_, k) => k);
  for (let k = dim - 1; k > 0; k--) {
    const other = stream.below(k + 1);
    [order[k], order[other]] = [order[other]!, order[k]!];
  }
  const signs = stream.fillSigns(new Float32Array(dim));
  return Array.from({ length }, (_, number) => {
    const entries = order.filter((_, k) => k % length === number).sort();
    return {
      added: entries.filter((k) => signs[k]! > 0),
      taken: entries.filter((k) => signs[k]! < 0),
      scale: 1 / Math.sqrt(entries.length),
    };
  });
}

/** In four sums, none of which waits for another. */
function squareSum(rows: FloatArray, start: number, dim: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const end = start + dim;
  let k = start;
  for (; k + 3 < end; k += 4) {
    a += rows[k]! * rows[k]!;
    b += rows[k + 1]! * rows[k + 1]!;
    c += rows[k + 2]! * rows[k + 2]!;
    d += rows[k + 3]! * rows[k + 3]!;
  }
  for (; k < end; k++) a += rows[k]! * rows[k]!;
  return a + b + c + d;
}

/** Entries of a row, in two sums. */
function sumAt(rows: FloatArray, start: number, places: Int32Array): number {
  let [a, b] = [0, 0];
  const even = places.length & ~1;
  for (let n = 0; n < even; n += 2) {
    a += rows[start + places[n]!]!;
    b += rows[start + places[n + 1]!]!;
  }
  return even < places.length ? a + b + rows[start + places[even]!]! : a + b;
}

function isConstant(rows: FloatArray, start: number, dim: number): boolean {
  for (let k = start + 1; k < start + dim; k++) if (rows[k] !== rows[start]) return false;
  return dim > 1;
}

/** The scan of rows that are in memory. */
export function scanOf(rows: FloatArray, count: number, dim: number): RowScan {
  const scanner = new RowScanner(count, dim);
  scanner.add(rows);
  return scanner.result();
}

/** Some rows of a matrix, as a new one. */
export function chosenRows(rows: FloatArray, dim: number, chosen: Int32Array): FloatArray {
  const size = chosen.length * dim;
  const result = rows instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
  chosen.forEach((row, n) => {
    result.set(rows.subarray(row * dim, (row + 1) * dim), n * dim);
  });
  return result;
}
