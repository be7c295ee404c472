/**
 * What theory says of the angles under a random projection to k dimensions, beside which measurements stand.
 *
 * *Guaranteed*, Johnson–Lindenstrauss style. With probability 1 − 2·exp(−k(ε²/2 − ε³/3)/2) a vector keeps its squared length
 * up to a factor 1 ± ε (Dasgupta & Gupta 2003, gaussian and orthogonal; Achlioptas 2003, rademacher and sparse). Where that
 * holds for the N directions and for all sums and differences of two, N² vectors, every inner product is kept up to ε
 * (the polarization identity), so that each projected cosine lies between (c − ε)/(1 ± ε) and (c + ε)/(1 ± ε). Solved for ε at
 * the wanted probability over C matrices. Nothing is guaranteed below k = 12·ln(2N²C/δ), where ε reaches 1: hundreds of
 * dimensions, while k ≈ 30 works. A union bound over the worst pair says little of the pairs that make up an energy.
 *
 * *Expected*. Two directions under a gaussian projection become k pairs of normal numbers of correlation c, and the projected
 * cosine is their sample correlation, whose variance is (1 − c²)²/k to first order (Fisher 1915): the angle has the standard
 * deviation sin θ/√k. For orthogonal projections the factor √(1 − k/d) comes in, since k = d preserves everything.
 */
import type { RandomProjection } from "../config/types.js";

/** What theory says of the errors of angles under dense random projections, in radians, for the angles of the weights at hand. */
export interface DistortionTheory {
  /**
   * With the probability `confidence` over the draw of all C matrices, no angle is off by more than this (Dasgupta & Gupta 2003; Achlioptas
   * 2003). It is π, which says nothing, for k below `guaranteedFrom`.
   */
  readonly guaranteed: number;
  /** The probability that `guaranteed` holds with: 0.95. */
  readonly confidence: number;
  /** The least k for which the theory guarantees anything. */
  readonly guaranteedFrom: number;
  /** The expected mean absolute error under one matrix, to first order in 1/√k (Fisher 1915). */
  readonly expectedMean: number;
  /** The expected root mean squared error under one matrix, to first order in 1/√k (Fisher 1915). */
  readonly expectedRms: number;
}

const confidence = 0.95;

/** @returns undefined for the structured projections, of which the bound isn't proven in this form */
export function distortionTheory(
  { dimension, count, distribution }: Pick<RandomProjection, "dimension" | "count" | "distribution">,
  neurons: { readonly count: number; readonly dim: number; readonly angles: Float64Array },
): DistortionTheory | undefined {
  if (distribution === "hadamard" || distribution === "count-sketch") return undefined;
  const vectors = neurons.count ** 2 * count;
  const exponent = Math.log((2 * vectors) / (1 - confidence));
  // ε²/2 − ε³/3 grows up to 1/6 at ε = 1.
  const guaranteedFrom = Math.ceil(12 * exponent);
  const epsilon = dimension >= guaranteedFrom ? solveEpsilon((2 * exponent) / dimension) : undefined;
  const guaranteed =
    epsilon === undefined
      ? Math.PI
      : neurons.angles.reduce((worst, angle) => Math.max(worst, reach(angle, epsilon)), 0);

  const spread = distribution === "orthogonal" ? Math.sqrt(Math.max(0, 1 - dimension / neurons.dim)) : 1;
  const pairs = Math.max(neurons.angles.length, 1);
  const sines = neurons.angles.reduce((sum, angle) => sum + Math.sin(angle), 0) / pairs;
  const squares = neurons.angles.reduce((sum, angle) => sum + Math.sin(angle) ** 2, 0) / pairs;
  return {
    guaranteed,
    confidence,
    guaranteedFrom,
    expectedMean: spread * sines * Math.sqrt(2 / (Math.PI * dimension)),
    expectedRms: spread * Math.sqrt(squares / dimension),
  };
}

/** The smallest ε with ε²/2 − ε³/3 = `value` ≤ 1/6, by bisection. */
function solveEpsilon(value: number): number {
  let [low, high] = [0, 1];
  for (let n = 0; n < 60; n++) {
    const middle = (low + high) / 2;
    if (middle ** 2 / 2 - middle ** 3 / 3 < value) low = middle;
    else high = middle;
  }
  return high;
}

/** How far from θ the angle can get where lengths and inner products are kept up to ε. */
function reach(theta: number, epsilon: number): number {
  const c = Math.cos(theta);
  const stretch = (inner: number, towards: 1 | -1) => {
    const factor = inner * towards > 0 ? 1 - epsilon : 1 + epsilon;
    return Math.acos(Math.min(1, Math.max(-1, inner / Math.max(factor, Number.MIN_VALUE))));
  };
  return Math.max(theta - stretch(c + epsilon, 1), stretch(c - epsilon, -1) - theta);
}
