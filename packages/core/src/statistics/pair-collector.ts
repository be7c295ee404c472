/**
 * Collects statistics pair by pair, in float64: for the reference backend, and for backends that give cosines and nothing else. Who calls
 * it brings each pair i < j once, in any order; only sums of floating-point numbers depend on that order, in their last digits.
 */
import type { CosinesAbout, PairStatistics, StatisticsRequest } from "../backend/statistics.js";
import { coincidenceFunction, pairFunction } from "../energy/pair-function.js";
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

  /** Takes in the pair i < j with this cosine, as a product gave it. */
  add(i: number, j: number, product: number): void {
    let u = 2 - 2 * product;
    let v = 2 + 2 * product;
    let cosine = product;
    if (u < nearChordSquared) {
      u = this.nearChord(i, j, 1);
      v = 4 - u;
      cosine = 1 - u / 2;
    } else if (v < nearChordSquared) {
      v = this.nearChord(i, j, -1);
      u = 4 - v;
      cosine = v / 2 - 1;
    }
    if (this.coincides.some((isOn) => isOn(u, v))) throw coincidence(this.rows?.[i] ?? i, this.rows?.[j] ?? j, u < v);
    const size = cosine < 0 ? -cosine : cosine;
    this.cosineSum += cosine;
    this.absoluteSum += size;
    this.squareSum += cosine * cosine;
    if (this.about) this.addAbout(this.about, this.first + i, this.first + j, cosine);
    for (let n = 0; n < this.psi.length; n++) {
      const { value } = this.psi[n]!(u, v, this.terms);
      this.energySums[n]! += value;
      if (n !== this.shareOf) continue;
      this.shares[i]! += value;
      this.shares[j]! += value;
    }
    if (this.binOf) this.angles[this.binOf(cosine)]!++;
    if (this.nearestRows.length > 0) {
      const rank = this.isNearestHalf ? size : cosine;
      this.meet(i, j, cosine, rank);
      this.meet(j, i, cosine, rank);
    }
    const rank = this.isSimilarHalf ? size : cosine;
    if (rank >= this.similar.threshold) this.similar.add(i, j, cosine, rank);
    if (u <= this.chordSquared || (this.isWithinHalf && v <= this.chordSquared)) {
      this.pairsWithin++;
      this.isWithinEarlier[j] = 1;
    }
  }

  private addAbout({ own, other, offset }: CosinesAbout, i: number, j: number, cosine: number): void {
    const about = own[i]! * own[j]! * cosine - other[i]! * offset[j]! - offset[i]! * other[j]!;
    this.absoluteSumAbout += Math.abs(about);
    this.squareSumAbout += about * about;
  }

  private meet(row: number, other: number, cosine: number, rank: number): void {
    const best = this.nearestRanks[row]!;
    if (rank < best || (rank === best && other > this.nearestRows[row]!)) return;
    this.nearestRanks[row] = rank;
    this.nearestRows[row] = other;
    this.nearestCosines[row] = cosine;
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
