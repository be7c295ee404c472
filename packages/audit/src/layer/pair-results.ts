/** What is said of the pairs of a layer's neurons, and what it is computed from: the same for all pairs and for a sample. */
import type { FloatArray, Kernel } from "@comhe/core";
import type { Estimate } from "./layer-audit.js";
import type { RepeatingRows } from "./near-copies.js";
import type { SimilarRows } from "./pair-collector.js";
import type { CentredPairs } from "./without-mean.js";

/** Energies of a layer as it is stored and of its living neurons, and statistics of the latter's pairs. */
export interface LayerPairs {
  readonly full: number;
  readonly half: number;
  /** Of the living neurons alone, in the space of the settings; `null` where all live, or fewer than two. */
  readonly living: number | null;
  /** Of the living neurons without those that repeat an earlier one; `null` where none does, or a sample was taken. */
  readonly distinct: { readonly energy: number; readonly count: number } | null;
  /** 95 % interval of the energy in the space of the settings; `null` where it is exact. */
  readonly interval: readonly [low: number, high: number] | null;
  /** That of `living`. */
  readonly livingInterval: readonly [low: number, high: number] | null;
  readonly exact: boolean;
  readonly method: string;
  readonly meanCosine: number;
  readonly maxCosine: number;
  /** The most similar pairs by |cosine|, most similar first: more than a report names. */
  readonly similar: readonly SimilarRows[];
  /** Rows that repeat each other; `null` of a sample, which misses most of them. */
  readonly copies: RepeatingRows | null;
  readonly effectiveRank: number;
  readonly angles: readonly number[];
  /** Each living neuron's part of their energy, largest first; empty of a sample, and of energies with both signs. */
  readonly shares: readonly { readonly row: number; readonly share: number }[];
  readonly centred: CentredPairs;
  /** What of these a sample only estimates. */
  readonly estimates: readonly Estimate[];
}

export interface PairsOptions {
  /** Names the sample. */
  readonly name: string;
  /** Milliseconds on the clock at which the budget is used up. */
  readonly end: number;
  /** Called now and then with the share done; may throw to stop. */
  readonly tick: (share: number) => Promise<void>;
}

/** Rows that live, those that are tiny larger by powers of two: what has only to do with directions. `stored`: as they are. */
export interface LivingRows extends Kernel {
  readonly stored: FloatArray;
}
