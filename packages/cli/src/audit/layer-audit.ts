/** What an audit says of one layer. Plain JSON: it is printed, compared, and kept in side files. */
export interface LayerAudit {
  /** The path as it was given. */
  readonly file: string;
  /** Its name, as the file has it. */
  readonly layer: string;
  /** What it belongs to: "Conv", "dense", "matrix" where the format doesn't tell. */
  readonly kind: string;
  /** As stored. */
  readonly dataType: string;
  /** The kernel's, as stored. */
  readonly shape: readonly number[];
  /** N, neurons. */
  readonly count: number;
  /** d, the dimension of each. */
  readonly dim: number;
  /** Energy in full space, without projection. */
  readonly energyFull: number;
  /** Energy in half space, without projection. */
  readonly energyHalf: number;
  /** 95 % interval of the energy that the score is of; `null` where it is exact. */
  readonly interval: readonly [low: number, high: number] | null;
  /** How the energy was found. */
  readonly method: string;
  /** Energy after the projection; `null` where there is none, or the layer is too narrow for it. */
  readonly projected: number | null;
  /** The least energy possible, or a proven lower bound of it; `null` where nothing is proven. */
  readonly best: number | null;
  /** Which of the two `best` is. */
  readonly bestIs: "attained" | "bound" | null;
  /** Expected energy of uniformly random directions. */
  readonly random: number;
  /** Its standard deviation. */
  readonly randomSpread: number;
  /** (energy − best)/(random − best): 0 perfect, 1 random, above 1 redundant. */
  readonly score: number | null;
  /** One standard deviation of the score of random directions. */
  readonly scoreSpread: number | null;
  /** Mean of |cosine| over pairs. */
  readonly meanCosine: number;
  /** The largest |cosine| of a pair. */
  readonly maxCosine: number;
  /** The most similar pairs of neurons, by |cosine|. */
  readonly nearest: readonly { readonly a: number; readonly b: number; readonly cosine: number }[];
  /** Neurons of at most a millionth of the layer's typical norm, zeros included: see `@comhe/cli/rows`. */
  readonly dead: number;
  /** The score without dead neurons; `null` where they are all zeros, or there are none. */
  readonly livingScore: number | null;
  /** Living neurons within a chord of 0.01 of an earlier one, or of its opposite in half space. */
  readonly duplicates: number;
  /** (Σλ)²/Σλ² over the eigenvalues of the directions' Gram matrix. */
  readonly effectiveRank: number;
  /** Share of pairs by angle, in bins of 2 degrees. */
  readonly angles: readonly number[];
  /** Cosines of some neurons, similar ones side by side, row major; `null` for layers of one neuron. */
  readonly heatMap: { readonly size: number; readonly cosines: readonly number[] } | null;
  /** What a reader should know, in words. */
  readonly note: string | null;
  /** The time that reading took, of `milliseconds`. */
  readonly readMilliseconds: number;
  /** The time that all of it took. */
  readonly milliseconds: number;
}

/** A layer that couldn't be audited. */
export interface FailedLayer {
  readonly file: string;
  readonly layer: string;
  /** Why, in words. */
  readonly problem: string;
}
