/**
 * Collects statistics in float64: for the reference backend, and for backends that give cosines and nothing else. Who calls it brings each
 * pair i < j once, a row of a block at a time, in any order; only sums of floating-point numbers depend on that order, in their last digits.
 *
 * Each thing that was asked for is a loop of its own over the row, so that what wasn't costs nothing, and loops are short enough for engines to
 * compile well.
 */
import type { FloatArray } from "../backend/arrays.js";
import type { CosinesAbout, PairStatistics, StatisticsRequest } from "../backend/statistics.js";
import { coincidenceFunction, pairFunction } from "../energy/pair-function.js";
import type { PairFunction } from "../energy/terms.js";
import { coincidence } from "../reference/coincidence.js";
import { angleBinOf } from "./angle-bins.js";
import { SimilarPairs } from "./similar-pairs.js";

/** Below this squared chord 2 − 2c has lost digits, so that the pair is taken from the difference of its rows; as in `reference/chords.ts`. */
const nearChordSquared = 1e-2;

/** 2 − 2c (sign 1) or 2 + 2c (sign −1) of two rows, from what is small itself. */
export type NearChord = (i: number, j: number, sign: 1 | -1) => number;

export class PairCollector {
  private readonly psi;
  private readonly energySums: Float64Array;
  private readonly shareOf: number;
  private readonly shares: Float64Array;
  private readonly binOf: ((cosine: number) => number) | undefined;
  private readonly angles: Float64Array;
  private readonly nearestRows: Int32Array;
  private readonly nearestCosines: Float64Array;
  private readonly nearestRanks: Float64Array;
  private readonly isNearestHalf: boolean;
  private readonly similar: SimilarPairs;
  private readonly isSimilarHalf: boolean;
  /** Squared; below 0: not wanted. */
  private readonly chordSquared: number;
  private readonly isWithinHalf: boolean;
  private readonly isWithinEarlier: Uint8Array;
  private pairsWithin = 0;
  private cosineSum = 0;
  private absoluteSum = 0;
  private squareSum = 0;
  private readonly about: CosinesAbout | undefined;
  private absoluteSumAbout = 0;
  private squareSumAbout = 0;
  /** Squared chords and cosines of a row. */
  private u = new Float64Array(0);
  private v = new Float64Array(0);
  private cosines = new Float64Array(0);
  private readonly terms = { value: 0, slope: 0, curvature: 0 };

  /** Whether a pair sits on a singularity, for energies without a floor. */
  private readonly coincides: readonly ((u: number, v: number) => boolean)[];

  /**
   * @param count N
   * @param rows what messages call each row; left out: by its own number
   * @param first where the batch entry's rows begin among those of all
   */
  constructor(
    request: StatisticsRequest,
    private readonly count: number,
    private readonly nearChord: NearChord,
    private readonly rows?: Int32Array,
    private readonly first = 0,
  ) {
    const { energies = [], shareOf, angleBins = 0, nearest, similar, within } = request;
    this.psi = energies.map((pair) => pairFunction(pair));
    this.coincides = energies.filter(({ separationFloor }) => separationFloor === 0).map(coincidenceFunction);
    this.energySums = new Float64Array(energies.length);
    this.about = request.about;
    this.shareOf = shareOf ?? -1;
    this.shares = new Float64Array(shareOf === undefined ? 0 : count);
    this.binOf = angleBins > 0 ? angleBinOf(angleBins) : undefined;
    this.angles = new Float64Array(angleBins);
    this.nearestRows = new Int32Array(nearest ? count : 0).fill(-1);
    this.nearestCosines = new Float64Array(nearest ? count : 0);
    this.nearestRanks = new Float64Array(nearest ? count : 0).fill(Number.NEGATIVE_INFINITY);
    this.isNearestHalf = nearest === "half";
    this.similar = new SimilarPairs(similar?.limit ?? 0);
    this.isSimilarHalf = similar?.space === "half";
    this.chordSquared = within ? within.chord ** 2 : -1;
    this.isWithinHalf = within?.space === "half";
    this.isWithinEarlier = new Uint8Array(within ? count : 0);
  }

  /** Takes in the pairs of row i with the rows from `first` on, all of them after i: `length` cosines from `at` on, as a product gave them. */
  addRow(i: number, first: number, products: FloatArray, at: number, length: number): void {
    if (this.u.length < length) {
      this.u = new Float64Array(length);
      this.v = new Float64Array(length);
      this.cosines = new Float64Array(length);
    }
    this.takeChords(i, first, products, at, length);
    for (const isOn of this.coincides) this.checkApart(isOn, i, first, length);
    this.addMoments(length);
    if (this.about) this.addAbout(this.about, this.first + i, this.first + first, length);
    this.psi.forEach((psi, n) => {
      if (n === this.shareOf) this.addShares(psi, n, i, first, length);
      else this.addEnergies(psi, n, length);
    });
    if (this.binOf) this.addAngles(this.binOf, length);
    if (this.nearestRows.length > 0) this.meet(i, first, length);
    this.addSimilar(i, first, length);
    if (this.chordSquared >= 0) this.countWithin(first, length);
  }

  /** u, v and c of the row; of near pairs from the differences of the rows. */
  private takeChords(i: number, first: number, products: FloatArray, at: number, length: number): void {
    const { u, v, cosines, nearChord } = this;
    for (let k = 0; k < length; k++) {
      const product = products[at + k]!;
      cosines[k] = product;
      u[k] = 2 - 2 * product;
      v[k] = 2 + 2 * product;
      if (u[k]! < nearChordSquared) {
        const chord = nearChord(i, first + k, 1);
        u[k] = chord;
        v[k] = 4 - chord;
        cosines[k] = 1 - chord / 2;
      } else if (v[k]! < nearChordSquared) {
        const chord = nearChord(i, first + k, -1);
        v[k] = chord;
        u[k] = 4 - chord;
        cosines[k] = chord / 2 - 1;
      }
    }
  }

  private checkApart(isOn: (u: number, v: number) => boolean, i: number, first: number, length: number): void {
    const { u, v, rows } = this;
    for (let k = 0; k < length; k++) {
      if (!isOn(u[k]!, v[k]!)) continue;
      const j = first + k;
      throw coincidence(rows?.[i] ?? i, rows?.[j] ?? j, u[k]! < v[k]!);
    }
  }

  private addMoments(length: number): void {
    const { cosines } = this;
    let { cosineSum, absoluteSum, squareSum } = this;
    for (let k = 0; k < length; k++) {
      const cosine = cosines[k]!;
      cosineSum += cosine;
      absoluteSum += Math.abs(cosine);
      squareSum += cosine * cosine;
    }
    this.cosineSum = cosineSum;
    this.absoluteSum = absoluteSum;
    this.squareSum = squareSum;
  }

  /** Rows count through the whole batch here. */
  private addAbout({ own, other, offset }: CosinesAbout, i: number, first: number, length: number): void {
    const { cosines } = this;
    let { absoluteSumAbout, squareSumAbout } = this;
    const [p, q, b] = [own[i]!, other[i]!, offset[i]!];
    for (let k = 0; k < length; k++) {
      const j = first + k;
      const about = p * own[j]! * cosines[k]! - q * offset[j]! - b * other[j]!;
      absoluteSumAbout += Math.abs(about);
      squareSumAbout += about * about;
    }
    this.absoluteSumAbout = absoluteSumAbout;
    this.squareSumAbout = squareSumAbout;
  }

  private addEnergies(psi: PairFunction, n: number, length: number): void {
    const { u, v, terms } = this;
    let sum = this.energySums[n]!;
    for (let k = 0; k < length; k++) sum += psi(u[k]!, v[k]!, terms).value;
    this.energySums[n] = sum;
  }

  private addShares(psi: PairFunction, n: number, i: number, first: number, length: number): void {
    const { u, v, terms, shares } = this;
    let sum = this.energySums[n]!;
    let share = shares[i]!;
    for (let k = 0; k < length; k++) {
      const { value } = psi(u[k]!, v[k]!, terms);
      sum += value;
      share += value;
      shares[first + k]! += value;
    }
    this.energySums[n] = sum;
    shares[i] = share;
  }

  private addAngles(binOf: (cosine: number) => number, length: number): void {
    const { cosines, angles } = this;
    for (let k = 0; k < length; k++) angles[binOf(cosines[k]!)]!++;
  }

  /** Of equals the first row is the nearest. */
  private meet(i: number, first: number, length: number): void {
    const { cosines, nearestRows, nearestCosines, nearestRanks, isNearestHalf } = this;
    let [best, bestRow, bestCosine] = [nearestRanks[i]!, nearestRows[i]!, nearestCosines[i]!];
    for (let k = 0; k < length; k++) {
      const j = first + k;
      const cosine = cosines[k]!;
      const rank = isNearestHalf ? Math.abs(cosine) : cosine;
      if (rank > best || (rank === best && j <= bestRow)) [best, bestRow, bestCosine] = [rank, j, cosine];
      const rankOfOther = nearestRanks[j]!;
      if (rank < rankOfOther || (rank === rankOfOther && i > nearestRows[j]!)) continue;
      nearestRanks[j] = rank;
      nearestRows[j] = i;
      nearestCosines[j] = cosine;
    }
    nearestRanks[i] = best;
    nearestRows[i] = bestRow;
    nearestCosines[i] = bestCosine;
  }

  private addSimilar(i: number, first: number, length: number): void {
    const { cosines, similar, isSimilarHalf } = this;
    let { threshold } = similar;
    // Nothing was asked for.
    if (threshold === Number.POSITIVE_INFINITY) return;
    for (let k = 0; k < length; k++) {
      const cosine = cosines[k]!;
      const rank = isSimilarHalf ? Math.abs(cosine) : cosine;
      if (rank < threshold) continue;
      similar.add(i, first + k, cosine, rank);
      threshold = similar.threshold;
    }
  }

  private countWithin(first: number, length: number): void {
    const { u, v, chordSquared, isWithinHalf, isWithinEarlier } = this;
    for (let k = 0; k < length; k++) {
      if (u[k]! > chordSquared && !(isWithinHalf && v[k]! <= chordSquared)) continue;
      this.pairsWithin++;
      isWithinEarlier[first + k] = 1;
    }
  }

  result(): PairStatistics {
    return {
      count: this.count,
      energySums: this.energySums,
      cosineSum: this.cosineSum,
      absoluteSum: this.absoluteSum,
      squareSum: this.squareSum,
      about: this.about && { absoluteSum: this.absoluteSumAbout, squareSum: this.squareSumAbout },
      shares: this.shares,
      angles: this.angles,
      nearestRows: this.nearestRows,
      nearestCosines: this.nearestCosines,
      similar: this.similar.sorted(),
      pairsWithin: this.pairsWithin,
      rowsWithin: this.isWithinEarlier.reduce((sum, value) => sum + value, 0),
    };
  }
}
