/**
 * What all cosines of a layer say: their mean and largest size, a histogram of angles, the nearest pairs, duplicates, and
 * the effective rank. One pass over tiles of the Gram matrix, which the backend computes; nothing N×N is kept.
 */
import type { Backend, FloatArray, Space } from "@comhe/core";
import type { UnitRows } from "./unit-rows.js";

export const angleBins = 90;
const tileRows = 512;
/** Neurons closer than this are duplicates: the default separation floor, as a squared chord. */
const duplicateChord = 1e-4;
const keptPairs = 5;
/** From here on float32 products are too coarse, and the pair is taken from its differences. */
const nearCosine = 0.999;

export interface PairStatistics {
  readonly meanCosine: number;
  readonly maxCosine: number;
  readonly nearest: { a: number; b: number; cosine: number }[];
  readonly duplicates: number;
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

/** Collects pairs, each standing for `weight` of them. */
export class PairCollector {
  private readonly histogram = new Float64Array(angleBins);
  private readonly duplicated = new Set<number>();
  private readonly nearest: { a: number; b: number; cosine: number }[] = [];
  private weight = 0;
  private absolute = 0;
  private squares = 0;
  private largest = 0;
  /** The least |cosine| among the nearest pairs kept. */
  private threshold = 0;
  private readonly bins = angleBinTable();

  constructor(
    private readonly unit: FloatArray,
    private readonly dim: number,
    private readonly space: Space,
  ) {}

  add(i: number, j: number, cosine: number, weight: number): void {
    const size = cosine < 0 ? -cosine : cosine;
    this.weight += weight;
    this.absolute += weight * size;
    this.squares += weight * cosine * cosine;
    const bin = this.bins[((cosine + 1) * 0.5 * cosineBins) | 0]!;
    this.histogram[bin]! += weight;
    if (size > this.threshold || (size > nearCosine && this.isDuplicate(i, j, cosine))) this.keep(i, j, cosine);
  }

  private chord(i: number, j: number, sign: number): number {
    let square = 0;
    for (let k = 0; k < this.dim; k++) {
      square += (this.unit[i * this.dim + k]! - sign * this.unit[j * this.dim + k]!) ** 2;
    }
    return square;
  }

  private isDuplicate(i: number, j: number, cosine: number): boolean {
    if (cosine < 0 && this.space === "full") return false;
    return this.chord(i, j, Math.sign(cosine)) <= duplicateChord;
  }

  private keep(i: number, j: number, cosine: number): void {
    const [a, b] = i < j ? [i, j] : [j, i];
    const size = Math.min(1, Math.abs(cosine));
    if (size > nearCosine && this.isDuplicate(a, b, cosine)) this.duplicated.add(b);
    if (size > this.largest) this.largest = size;
    if (size <= this.threshold || this.nearest.some((pair) => pair.a === a && pair.b === b)) return;
    this.nearest.push({ a, b, cosine: Math.max(-1, Math.min(1, cosine)) });
    this.nearest.sort((p, q) => Math.abs(q.cosine) - Math.abs(p.cosine) || p.a - q.a || p.b - q.b);
    if (this.nearest.length > keptPairs) this.nearest.pop();
    if (this.nearest.length === keptPairs) this.threshold = Math.abs(this.nearest.at(-1)!.cosine);
  }

  /** @param living neurons, of which the pairs are */
  result(living: number): PairStatistics {
    const weight = this.weight || 1;
    // ‖XXᵀ‖²_F = N + 2Σc² over pairs; each pair counts as its share of all.
    const pairs = (living * (living - 1)) / 2;
    return {
      meanCosine: this.absolute / weight,
      maxCosine: this.largest,
      nearest: this.nearest,
      duplicates: this.duplicated.size,
      effectiveRank: living === 0 ? 0 : living ** 2 / (living + (2 * pairs * this.squares) / weight),
      angles: [...this.histogram].map((value) => value / weight),
    };
  }
}

export interface ScanOptions {
  readonly space: Space;
  /** Called now and then with the share done; may throw to stop. */
  readonly tick: (share: number) => Promise<void>;
}

/** Over all pairs of neurons that live. */
export async function scanPairs<A>(
  backend: Backend<A>,
  { unit, live, living }: UnitRows,
  dim: number,
  { space, tick }: ScanOptions,
): Promise<PairStatistics> {
  const count = live.length;
  const collector = new PairCollector(unit, dim, space);
  // Blocks of dead neurons have no pairs.
  const starts = Array.from({ length: Math.ceil(count / tileRows) }, (_, n) => n * tileRows).filter((from) =>
    live.subarray(from, from + tileRows).includes(1),
  );
  const tiles = (starts.length * (starts.length + 1)) / 2;
  let done = 0;
  for (const first of starts) {
    const height = Math.min(tileRows, count - first);
    for (const second of starts) {
      if (second < first) continue;
      const width = Math.min(tileRows, count - second);
      const part = (from: number, size: number) =>
        backend.upload(unit.slice(from * dim, (from + size) * dim), [1, size, dim], from === first ? "left" : "right");
      const product = backend.scope(() =>
        backend.matmul(part(first, height), part(second, width), { transposeB: true }),
      );
      const { gram } = await backend.download({ gram: product });
      for (let i = 0; i < height; i++) {
        if (live[first + i] === 0) continue;
        for (let j = first === second ? i + 1 : 0; j < width; j++) {
          if (live[second + j] === 0) continue;
          collector.add(first + i, second + j, Math.max(-1, Math.min(1, gram![i * width + j]!)), 1);
        }
      }
      done++;
      if (done % 8 === 0) await tick(done / tiles);
    }
  }
  return collector.result(living);
}
