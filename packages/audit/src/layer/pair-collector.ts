/**
 * What the cosines of a sample of pairs say of all: their mean and largest size, a histogram of angles, the nearest pairs, duplicates, and the
 * effective rank. The nearest pairs and the duplicates of a sample are those that it saw.
 */
import type { PairObserver, Space } from "@comhe/core";
import { copyChord } from "./near-copies.js";
import type { UnitRows } from "./unit-rows.js";

export const angleBins = 90;
/** Of the nearest pairs of a sample, those that are kept. */
const keptPairs = 5;
/** From here on float32 products are too coarse, and the pair is taken from its differences. */
const nearCosine = 0.999;

/** Two neurons, a < b, and the cosine between them. */
export interface SimilarRows {
  readonly a: number;
  readonly b: number;
  readonly cosine: number;
}

export interface SampleStatistics {
  readonly meanCosine: number;
  readonly maxCosine: number;
  readonly similar: readonly SimilarRows[];
  readonly duplicates: number;
  readonly groups: readonly (readonly number[])[];
  readonly effectiveRank: number;
  readonly angles: number[];
}

/** Fine bins of the cosine, each knowing its bin of the angle: an arc cosine for every pair would be most of the work. */
const cosineBins = 16_384;
let binOfCosine: Uint8Array | undefined;

function angleBinTable(): Uint8Array {
  binOfCosine ??= Uint8Array.from({ length: cosineBins + 1 }, (_, n) => {
    const angle = Math.acos(Math.max(-1, Math.min(1, (2 * (n + 0.5)) / cosineBins - 1)));
    return Math.min(angleBins - 1, Math.floor((angle / Math.PI) * angleBins));
  });
  return binOfCosine;
}

/** Sums over pairs, each standing for `weight` of them. */
class WeightedSums {
  readonly histogram = new Float64Array(angleBins);
  weight = 0;
  absolute = 0;
  squares = 0;

  add(cosine: number, weight: number, bin: number): void {
    this.weight += weight;
    this.absolute += weight * (cosine < 0 ? -cosine : cosine);
    this.squares += weight * cosine * cosine;
    this.histogram[bin]! += weight;
  }

  /** These sums, and the others times a factor. */
  plus(others: WeightedSums, factor: number): WeightedSums {
    const sum = new WeightedSums();
    sum.weight = this.weight + factor * others.weight;
    sum.absolute = this.absolute + factor * others.absolute;
    sum.squares = this.squares + factor * others.squares;
    for (let bin = 0; bin < angleBins; bin++)
      sum.histogram[bin] = this.histogram[bin]! + factor * others.histogram[bin]!;
    return sum;
  }
}

/** Collects pairs: all of them, or a sample of which draws are known to weigh a factor more or less in the end. */
export class PairCollector implements PairObserver {
  private readonly found = new WeightedSums();
  private readonly drawn = new WeightedSums();
  private drawFactor = 1;
  /** Each neuron that repeats an earlier one, with the earliest seen. */
  private readonly repeats = new Map<number, number>();
  private readonly nearest: { a: number; b: number; cosine: number }[] = [];
  private largest = 0;
  /** The least |cosine| among the nearest pairs kept. */
  private threshold = 0;
  private readonly bins = angleBinTable();

  constructor(
    private readonly directions: UnitRows,
    private readonly dim: number,
    private readonly space: Space,
  ) {}

  add(i: number, j: number, cosine: number, weight: number): void {
    this.collect(this.found, i, j, cosine, weight);
  }

  addDraw(i: number, j: number, cosine: number, weight: number): void {
    this.collect(this.drawn, i, j, cosine, weight);
  }

  scaleDraws(factor: number): void {
    this.drawFactor = factor;
  }

  private collect(sums: WeightedSums, i: number, j: number, cosine: number, weight: number): void {
    const { live } = this.directions;
    if (live[i] === 0 || live[j] === 0) return;
    sums.add(cosine, weight, this.bins[((cosine + 1) * 0.5 * cosineBins) | 0]!);
    const size = cosine < 0 ? -cosine : cosine;
    if (size > this.threshold || (size > nearCosine && this.isDuplicate(i, j, cosine))) this.keep(i, j, cosine);
  }

  private chord(i: number, j: number, sign: number): number {
    const { unit } = this.directions;
    let square = 0;
    for (let k = 0; k < this.dim; k++) {
      square += (unit[i * this.dim + k]! - sign * unit[j * this.dim + k]!) ** 2;
    }
    return square;
  }

  private isDuplicate(i: number, j: number, cosine: number): boolean {
    if (cosine < 0 && this.space === "full") return false;
    return this.chord(i, j, Math.sign(cosine)) <= copyChord ** 2;
  }

  private keep(i: number, j: number, cosine: number): void {
    const [a, b] = i < j ? [i, j] : [j, i];
    const size = Math.min(1, Math.abs(cosine));
    if (size > nearCosine && this.isDuplicate(a, b, cosine)) this.repeats.set(b, Math.min(a, this.repeats.get(b) ?? a));
    if (size > this.largest) this.largest = size;
    if (size <= this.threshold || this.nearest.some((pair) => pair.a === a && pair.b === b)) return;
    this.nearest.push({ a, b, cosine: Math.max(-1, Math.min(1, cosine)) });
    this.nearest.sort((p, q) => Math.abs(q.cosine) - Math.abs(p.cosine) || p.a - q.a || p.b - q.b);
    if (this.nearest.length > keptPairs) this.nearest.pop();
    if (this.nearest.length === keptPairs) this.threshold = Math.abs(this.nearest.at(-1)!.cosine);
  }

  private groups(): number[][] {
    const groups = new Map<number, number[]>();
    for (const row of [...this.repeats.keys()].sort((a, b) => a - b)) {
      let first = row;
      for (let next = this.repeats.get(first); next !== undefined; next = this.repeats.get(first)) first = next;
      const group = groups.get(first);
      if (group) group.push(row);
      else groups.set(first, [first, row]);
    }
    return [...groups.values()].sort((a, b) => b.length - a.length || a[0]! - b[0]!);
  }

  /** @param squaredCosines the mean of c² over the pairs, where it is known exactly beside a sample */
  result(squaredCosines?: number): SampleStatistics {
    const { living } = this.directions;
    const sums = this.found.plus(this.drawn, this.drawFactor);
    const weight = sums.weight || 1;
    // ‖XXᵀ‖²_F = N + 2Σc² over pairs; each pair of a sample counts as its share of all.
    const pairs = (living * (living - 1)) / 2;
    const squares = squaredCosines ?? sums.squares / weight;
    return {
      meanCosine: sums.absolute / weight,
      maxCosine: this.largest,
      similar: this.nearest,
      duplicates: this.repeats.size,
      groups: this.groups(),
      effectiveRank: living === 0 ? 0 : living ** 2 / (living + 2 * pairs * squares),
      angles: [...sums.histogram].map((value) => value / weight),
    };
  }
}
