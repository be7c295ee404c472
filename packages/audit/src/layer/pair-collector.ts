/**
 * What the cosines of a sample of pairs say of all: their mean and largest size, a histogram of angles, the nearest pairs, and the effective
 * rank. The nearest pairs of a sample are those that it saw.
 */
import type { PairObserver } from "@comhe/core";

export const angleBins = 90;
/** Of the nearest pairs of a sample, those that are kept. */
const keptPairs = 5;

/** Two neurons, a < b, and the cosine between them. */
export interface SimilarRows {
  /** The row of the first neuron, from 0. */
  readonly a: number;
  /** The row of the second neuron, larger than `a`. */
  readonly b: number;
  /** The cosine between the two, with its sign. */
  readonly cosine: number;
}

export interface SampleStatistics {
  readonly meanCosine: number;
  readonly maxCosine: number;
  readonly similar: readonly SimilarRows[];
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
  private readonly nearest: { a: number; b: number; cosine: number }[] = [];
  private largest = 0;
  /** The least |cosine| among the nearest pairs kept. */
  private threshold = 0;
  private readonly bins = angleBinTable();

  /** @param places which row of the layer each row is that the sample is of */
  constructor(private readonly places: Int32Array) {}

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
    sums.add(cosine, weight, this.bins[((cosine + 1) * 0.5 * cosineBins) | 0]!);
    const size = cosine < 0 ? -cosine : cosine;
    if (size > this.threshold) this.keep(i, j, cosine);
  }

  private keep(i: number, j: number, cosine: number): void {
    const [a, b] = i < j ? [i, j] : [j, i];
    const size = Math.min(1, Math.abs(cosine));
    if (size > this.largest) this.largest = size;
    if (this.nearest.some((pair) => pair.a === a && pair.b === b)) return;
    this.nearest.push({ a, b, cosine: Math.max(-1, Math.min(1, cosine)) });
    this.nearest.sort((p, q) => Math.abs(q.cosine) - Math.abs(p.cosine) || p.a - q.a || p.b - q.b);
    if (this.nearest.length > keptPairs) this.nearest.pop();
    if (this.nearest.length === keptPairs) this.threshold = Math.abs(this.nearest.at(-1)!.cosine);
  }

  /**
   * @param dim d
   * @param squaredCosines the mean of c² over the pairs, where it is known better than by the sample
   */
  result(dim: number, squaredCosines?: number): SampleStatistics {
    const living = this.places.length;
    const sums = this.found.plus(this.drawn, this.drawFactor);
    const weight = sums.weight || 1;
    // ‖XXᵀ‖²_F = N + 2Σc² over pairs; each pair of a sample counts as its share of all.
    const pairs = (living * (living - 1)) / 2;
    const squares = squaredCosines ?? sums.squares / weight;
    return {
      meanCosine: sums.absolute / weight,
      maxCosine: this.largest,
      similar: this.nearest.map(({ a, b, cosine }) => ({ a: this.places[a]!, b: this.places[b]!, cosine })),
      // No matrix of N directions in d dimensions has more; the sample's chance can say so.
      effectiveRank: Math.min(living, dim, living === 0 ? 0 : living ** 2 / (living + 2 * pairs * squares)),
      angles: [...sums.histogram].map((value) => value / weight),
    };
  }
}
