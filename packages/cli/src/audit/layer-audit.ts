/** What an audit says of one layer. Plain JSON: it is printed, compared, and kept in side files. */
export interface LayerAudit {
  readonly file: string;
  readonly layer: string;
  readonly kind: string;
  readonly dataType: string;
  readonly shape: readonly number[];
  /** Neurons N, and the dimension d of each. */
  readonly count: number;
  readonly dim: number;
  readonly energyFull: number;
  readonly energyHalf: number;
  /** 95 % interval of the energy that the score is of; `null` where it is exact. */
  readonly interval: readonly [low: number, high: number] | null;
  /** How the energy was found. */
  readonly method: string;
  /** Energy after the projection; `null` where there is none, or the layer is too narrow for it. */
  readonly projected: number | null;
  /** The least energy possible, or a proven lower bound of it; `null` where nothing is proven. */
  readonly best: number | null;
  readonly bestIs: "attained" | "bound" | null;
  /** Expected energy of uniformly random directions, and its standard deviation. */
  readonly random: number;
  readonly randomSpread: number;
  /** (energy − best)/(random − best): 0 perfect, 1 random, above 1 redundant. */
  readonly score: number | null;
  /** One standard deviation of the score of random directions. */
  readonly scoreSpread: number | null;
  readonly meanCosine: number;
  readonly maxCosine: number;
  /** The most similar pairs of neurons, by |cosine|. */
  readonly nearest: readonly { readonly a: number; readonly b: number; readonly cosine: number }[];
  /** Neurons of at most a millionth of the layer's typical norm, zeros included: see `unit-rows.ts`. */
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
  readonly note: string | null;
  readonly readMilliseconds: number;
  readonly milliseconds: number;
}

/** A layer that couldn't be audited. */
export interface FailedLayer {
  readonly file: string;
  readonly layer: string;
  readonly problem: string;
}
