/** What an audit says of a layer. */
import type { HeadUnits } from "../units/head-units.js";
import type { Finding } from "../verdict/finding.js";
import type { CopyGroup } from "./near-copies.js";
import type { RowHealth } from "./row-health.js";

/** The numbers of a layer that are lower bounds where not all of it was looked at. */
export type LowerBound = "maxCosine" | "nearest" | "duplicates" | "dead" | "faint";

/** The numbers of a layer that a sample can only estimate. */
export type Estimate =
  | "meanCosine"
  | "effectiveRank"
  | "angles"
  | "centredCosine"
  | "isotropy"
  | "stableRank"
  | "projected";

/** A neuron, and what part of the layer's energy is its own. */
export interface EnergyShare {
  /** The neuron's row, from 0, in the file's order. */
  readonly row: number;
  /** The neuron's name, where the model has names for them. */
  readonly name: string | null;
  /** Its part of the energy of the living neurons, from 0 to 1: half of what every pair that it is in adds. */
  readonly share: number;
}

/** Two neurons that are alike. */
export interface NearPair {
  /** The row of the first neuron, from 0. */
  readonly a: number;
  /** The row of the second neuron, larger than `a`. */
  readonly b: number;
  /** The cosine between the two, with its sign. */
  readonly cosine: number;
  /** The neurons' names, where the model has names for them. */
  readonly names: readonly [a: string, b: string] | null;
}

/** What an audit says of one layer. Plain JSON: it is printed, compared, and kept in side files. */
export interface LayerAudit {
  /** The model's path, as it was given. */
  readonly file: string;
  /** The layer's name, as the file has it. */
  readonly layer: string;
  /** What it belongs to: "Conv", "dense", or "matrix" where the format doesn't tell. */
  readonly kind: string;
  /** What it does in its network, where that is known: "query", "embedding", … */
  readonly role: string | null;
  /** The node or layer of its network that reads it, where the format says so. */
  readonly readBy: string | null;
  /** The type of its numbers as they are stored. */
  readonly dataType: string;
  /** The sizes of its axes as they are stored. */
  readonly shape: readonly number[];
  /** Which of its axes count the neurons, from 0. */
  readonly neuronAxes: readonly number[];
  /** N: the number of neurons. */
  readonly count: number;
  /** d: the length of a neuron. */
  readonly dim: number;
  /** Energy in full space, without projection. */
  readonly energyFull: number;
  /** Energy in half space, without projection. */
  readonly energyHalf: number;
  /** 95 % confidence interval of the energy that `score` is of; `null` where that is exact. */
  readonly interval: readonly [low: number, high: number] | null;
  /** How the energies were found, in words; of an exact layer also how its projected energy was, where that is of a sample. */
  readonly method: string;
  /** Energy after the projection; `null` where there is none, or the layer is too narrow for it. */
  readonly projected: number | null;
  /** The least energy possible, or a proven lower bound of it; `null` where nothing is proven. */
  readonly best: number | null;
  /** Whether `best` is the least energy possible (`attained`), or a lower bound of it (`bound`). */
  readonly bestIs: "attained" | "bound" | null;
  /** Expected energy of uniformly random directions. */
  readonly random: number;
  /** Standard deviation of the energy of uniformly random directions. */
  readonly randomSpread: number;
  /**
   * (energy − best)/(random − best) of all neurons as they are stored: 0 perfect, 1 random, above 1 redundant. Layers are ordered and judged
   * by {@link judgedScore}.
   */
  readonly score: number | null;
  /** One standard deviation of the score of random directions. */
  readonly scoreSpread: number | null;
  /** Mean of |cosine| over pairs. */
  readonly meanCosine: number;
  /** Mean of |cosine| over pairs after the mean row is taken away; `null` where fewer than two rows differ from it. */
  readonly centredCosine: number | null;
  /**
   * How evenly the directions fill the d dimensions once the mean row is taken away: (r − 1)/(d − 1) with their effective rank r. 1: evenly; 0: one
   * line. `null` where fewer than two rows differ from the mean row.
   */
  readonly isotropy: number | null;
  /** Stable rank ‖W‖_F²/σ₁² of the rows as they are stored, σ₁ being the largest singular value. */
  readonly stableRank: number;
  /** The neurons with the largest share of the energy, at most 5; empty where a sample was taken, or energies have both signs. */
  readonly energyShares: readonly EnergyShare[];
  /** The largest |cosine| of a pair. */
  readonly maxCosine: number;
  /**
   * Which of these numbers are lower bounds, since not all pairs were looked at, or not all rows: names of this object's keys. `nearest` among
   * them says that there may be nearer pairs. Empty where all were.
   */
  readonly lowerBounds: readonly LowerBound[];
  /** Which of these numbers are estimates, since not all pairs were looked at, or not all rows. Energies have `interval`. */
  readonly estimates: readonly Estimate[];
  /** The most similar pairs of neurons, by |cosine|. */
  readonly nearest: readonly NearPair[];
  /**
   * How many neurons are dead: their norm is at most a millionth of the layer's typical norm, the root mean square of all; zeros are among them. See
   * `@comhe/audit/rows`.
   */
  readonly dead: number;
  /** How many neurons are faint: they aren't dead, but their norm is at most a thousandth of the median norm of those that aren't. */
  readonly faint: number;
  /** The score of the living neurons alone, those that are neither dead nor faint. `null` where all live, or fewer than two. */
  readonly livingScore: number | null;
  /** One standard deviation of the score of as many random directions as there are living neurons; `null` where there is no `livingScore`. */
  readonly livingSpread: number | null;
  /** 95 % confidence interval of `livingScore`; `null` where that is exact, or there is none. */
  readonly livingInterval: readonly [low: number, high: number] | null;
  /** How many living neurons lie within a chord of 0.01 of an earlier one, or in half space of its opposite. */
  readonly duplicates: number;
  /**
   * The score of the living neurons, one of each group of copies: near {@link judgedScore} where a layer is crowded as a whole, far below where
   * its copies make the score. `null` where there are none, or a sample was taken.
   */
  readonly distinctScore: number | null;
  /**
   * Of a hundred real layers of like dimension, how many have a lower score than this one's living neurons without copies: 5, 10, 25, 50, 75, 90
   * or 95. `null` below the lowest, for fewer than 8 neurons, and for energies that the yardstick isn't of.
   */
  readonly percentile: number | null;
  /** How many groups of neurons there are that repeat each other. */
  readonly groupCount: number;
  /** The largest groups of neurons that repeat each other, at most 20. */
  readonly groups: readonly CopyGroup[];
  /** Its attention heads, where the model says how they divide it; `null` elsewhere. */
  readonly units: HeadUnits | null;
  /** Rows that are unwell by themselves. */
  readonly health: RowHealth;
  /** What stands out, by the rules, worst first. */
  readonly findings: readonly Finding[];
  /** How many dimensions the directions fill evenly: (Σλ)²/Σλ² over the eigenvalues λ of their Gram matrix. */
  readonly effectiveRank: number;
  /** Histogram of the angles between neurons, as shares of all pairs, in 90 bins of 2 degrees. */
  readonly angles: readonly number[];
  /** Cosines of some neurons, similar ones side by side, row major; `null` for layers of one neuron. */
  readonly heatMap: {
    /** How many neurons are shown. */
    readonly size: number;
    /** The cosines, `size × size` of them. */
    readonly cosines: readonly number[];
  } | null;
  /** A digest (SHA-256) of its numbers, which tells them from others bit for bit; `null` where not all rows were read, or the platform has no SHA-256. */
  readonly digest: string | null;
  /** The first layer of the same file with the same numbers, bit for bit; `null` where it is the first itself. */
  readonly sameAs: string | null;
  /** What whoever looks at the layer should know, in words. */
  readonly note: string | null;
  /** How many of the `milliseconds` reading took. */
  readonly readMilliseconds: number;
  /** How many milliseconds the audit of the layer took. */
  readonly milliseconds: number;
}

/**
 * The score that a layer is ordered and judged by: that of its living neurons, since dead ones hide a crowd (rows of zeros are at right angles to
 * all) or make one (what weight decay leaves often points one way).
 */
export const judgedScore = ({ score, livingScore }: Pick<LayerAudit, "score" | "livingScore">): number | null =>
  livingScore ?? score;

/** The score of the living neurons, one of each group of copies. */
export const distinctScore = (layer: Pick<LayerAudit, "score" | "livingScore" | "distinctScore">): number | null =>
  layer.distinctScore ?? judgedScore(layer);

/** One standard deviation of chance beside {@link judgedScore}. */
export const judgedSpread = ({ livingScore, livingSpread, scoreSpread }: LayerAudit): number | null =>
  livingScore === null ? scoreSpread : livingSpread;

/** 95 % interval of {@link judgedScore}; `null` where it is exact, or there is none. */
export function judgedInterval(layer: LayerAudit): readonly [low: number, high: number] | null {
  const { livingScore, livingInterval, interval, best, random, score } = layer;
  if (livingScore !== null) return livingInterval;
  if (interval === null || best === null || score === null) return null;
  return [(interval[0] - best) / (random - best), (interval[1] - best) / (random - best)];
}

/** What couldn't be audited. */
export interface FailedLayer {
  /** The model's path. */
  readonly file: string;
  /** The layer's name; `null` where the whole file can't be read. */
  readonly layer: string | null;
  /** Why it couldn't be audited, in words. */
  readonly problem: string;
  /** The kind of error: the `code` of an EnergyError, or `unexpected` for what isn't one. */
  readonly code: string;
  /** For a layer with rows that aren't finite, the audit of its other rows; its `health` lists those that aren't. */
  readonly rest?: LayerAudit | undefined;
}
