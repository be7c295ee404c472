/** Adds up what bands of tiles gave, in float64 and in whole numbers, in the order of the bands. */

import type { PairStatistics, StatisticsRequest } from "@comhe/core";
import { type Collected, counts, partNames, sumNames } from "../kernels/statistics-layout.js";

export class StatisticsTotals {
  private readonly sums: Float64Array;
  private readonly names: readonly string[];
  private readonly parts: readonly string[];
  private readonly shares: Float64Array;
  private readonly angles: Float64Array;
  private readonly marks: Uint8Array;
  /** Keys of gaps, and rows, both flipped. */
  private readonly keys: Uint32Array;
  private readonly others: Uint32Array;
  private readonly bins: number;
  private readonly energies: number;
  private pairsWithin = 0;

  constructor(
    private readonly count: number,
    collected: Collected,
    { angleBins = 0, within }: StatisticsRequest,
  ) {
    this.names = sumNames(collected);
    this.parts = partNames(collected);
    this.bins = angleBins;
    this.energies = collected.energies.length;
    this.sums = new Float64Array(this.names.length);
    this.shares = new Float64Array(collected.shareOf === undefined ? 0 : count);
    this.angles = new Float64Array(angleBins);
    this.marks = new Uint8Array(within ? count : 0);
    this.keys = new Uint32Array(collected.nearest ? count : 0);
    this.others = new Uint32Array(this.keys.length);
  }

  /** Sums of each tile, one kind behind the other. */
  addSums(ofTiles: Float32Array): void {
    const slots = ofTiles.length / this.names.length;
    this.names.forEach((_, kind) => {
      let sum = 0;
      for (let slot = 0; slot < slots; slot++) sum += ofTiles[kind * slots + slot]!;
      this.sums[kind]! += sum;
    });
  }

  /** @param rowOf the row that each of the section's rows is */
  addCounts(found: Uint32Array, rowOf: (row: number) => number): void {
    this.pairsWithin += found[counts.within]!;
    for (let bin = 0; bin < this.bins; bin++) this.angles[bin]! += found[counts.bins + bin]!;
    const marks = counts.marks(this.bins);
    if (this.marks.length === 0) return;
    for (let row = 0; marks + row < found.length; row++) this.marks[rowOf(row)]! |= found[marks + row]!;
  }

  /** What tiles said of the rows from `first` on. */
  addRows(merged: Uint32Array, first: number): void {
    const rows = merged.length / this.parts.length;
    const numbers = (name: string) => {
      const section = this.parts.indexOf(name);
      return merged.subarray(section * rows, (section + 1) * rows);
    };
    if (this.shares.length > 0) {
      const bits = numbers("share");
      const shares = new Float32Array(bits.buffer, bits.byteOffset, rows);
      for (let n = 0; n < rows; n++) this.shares[first + n]! += shares[n]!;
    }
    if (this.keys.length === 0) return;
    const [keys, others] = [numbers("key"), numbers("other")];
    for (let n = 0; n < rows; n++) {
      const [row, key, other] = [first + n, keys[n]!, others[n]!];
      if (key < this.keys[row]! || (key === this.keys[row] && other <= this.others[row]!)) continue;
      this.keys[row] = key;
      this.others[row] = other;
    }
  }

  /** Each row's nearest other row, −1 where there is none. */
  nearestRows(): Int32Array {
    return Int32Array.from(this.keys, (key, row) => (key === 0 ? -1 : ~this.others[row]! >>> 0));
  }

  result(): Omit<PairStatistics, "nearestCosines" | "similar"> {
    const sum = (name: string) => this.sums[this.names.indexOf(name)]!;
    return {
      count: this.count,
      energySums: Float64Array.from({ length: this.energies }, (_, n) => sum(`energy_${n}`)),
      cosineSum: sum("cosines"),
      absoluteSum: sum("sizes"),
      squareSum: sum("squares"),
      about: this.names.includes("about_sizes")
        ? { absoluteSum: sum("about_sizes"), squareSum: sum("about_squares") }
        : undefined,
      shares: this.shares,
      angles: this.angles,
      nearestRows: this.nearestRows(),
      pairsWithin: this.pairsWithin,
      rowsWithin: this.marks.reduce((total, mark) => total + mark, 0),
    };
  }
}
