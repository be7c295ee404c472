/**
 * A layer's directions after its mean row is taken away. Embeddings often share one direction (Mu, Viswanath 2018, arXiv 1702.01417), which makes every pair
 * alike; what is left when it is gone tells a common offset from neurons that repeat each other.
 *
 * Isotropy is how evenly the directions fill the d dimensions then: (r − 1)/(d − 1), where r = (Σλ)²/Σλ² over the eigenvalues of their Gram matrix. That is
 * IsoScore (Rudman, Gillman, Rayne, Eickhoff 2022, arXiv 2108.07344): its isotropy defect, put into its last formula, comes to this r of the covariance. Here
 * every row has length 1 once the mean is gone, so that a few long rows don't decide it. 1: evenly in all of them; 0: one line. N rows fill at most N − 1
 * dimensions, so that layers with fewer neurons than dimensions can't reach 1.
 */
import {
  type Backend,
  type CosinesAbout,
  type FloatArray,
  pairStatistics,
  randomStream,
  type TableStatistics,
} from "@comhe/core";

export interface CentredPairs {
  /** Mean of |cosine| over pairs; `null` where fewer than two rows differ from the mean. */
  readonly meanCosine: number | null;
  /** From 0 to 1; `null` likewise, and in one dimension. */
  readonly isotropy: number | null;
}

/** What is left of a row below this share of its length is rounding. */
const leastShare = 1e-6;

/** Pairs of a sample. */
const drawn = 200_000;

/** `[N, d]` minus the mean of its rows, over the largest |number| there is, in its own type; rows that are the mean become zeros. */
export function withoutMean(rows: FloatArray, dim: number): FloatArray {
  const count = rows.length / dim;
  const mean = new Float64Array(dim);
  let most = 0;
  for (const value of rows) if (Math.abs(value) > most) most = Math.abs(value);
  for (let n = 0, k = 0; n < rows.length; n++, k = k + 1 === dim ? 0 : k + 1) mean[k]! += rows[n]! / most / count;
  const left = rows.slice();
  for (let i = 0; i < count; i++) {
    let [before, after] = [0, 0];
    for (let k = 0; k < dim; k++) {
      const value = rows[i * dim + k]! / most;
      const rest = value - mean[k]!;
      left[i * dim + k] = rest;
      before += value ** 2;
      after += rest ** 2;
    }
    if (!(after > leastShare ** 2 * before)) left.fill(0, i * dim, (i + 1) * dim);
  }
  return left;
}

const isotropyOf = (rank: number, dim: number) => (dim < 2 ? null : Math.max(0, Math.min(1, (rank - 1) / (dim - 1))));

/** What one pass over the cosines as they are needs to know about the mean row, to say what they are without it. */
export interface AboutMean {
  readonly about: CosinesAbout;
  /** Rows that differ from the mean. */
  readonly differing: number;
}

/** float32 cosines, times this, still have four digits; and their rounding is in any direction, so that a mean over pairs has more. */
const mostLeverage = 1000;

/**
 * @param rows those that live, `[N, d]`
 * @returns `undefined` where the mean is so much of the rows that cosines with it can't tell those without it
 */
export function aboutMean(rows: FloatArray, dim: number): AboutMean | undefined {
  const count = rows.length / dim;
  const mean = new Float64Array(dim);
  let most = 0;
  for (let n = 0; n < rows.length; n++) most = Math.max(most, Math.abs(rows[n]!));
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < dim; k++) mean[k]! += rows[i * dim + k]! / most / count;
  }
  const half = mean.reduce((sum, value) => sum + value * value, 0) / 2;
  const about = { own: new Float64Array(count), other: new Float64Array(count), offset: new Float64Array(count) };
  let [differing, leverage] = [0, 0];
  for (let i = 0; i < count; i++) {
    let [before, after, along] = [0, 0, 0];
    for (let k = 0; k < dim; k++) {
      const value = rows[i * dim + k]! / most;
      const rest = value - mean[k]!;
      before += value * value;
      after += rest * rest;
      along += value * mean[k]!;
    }
    if (!(after > leastShare ** 2 * before)) continue;
    const length = Math.sqrt(after);
    about.own[i] = Math.sqrt(before) / length;
    about.other[i] = 1 / length;
    about.offset[i] = (along - half) / length;
    differing++;
    leverage += before / after;
  }
  return leverage <= mostLeverage * differing ? { about, differing } : undefined;
}

/** From the sums of a pass that was told {@link aboutMean}. */
export function centredOf(
  { absoluteSum, squareSum }: NonNullable<TableStatistics["about"]>,
  { differing }: AboutMean,
  dim: number,
): CentredPairs {
  if (differing < 2) return { meanCosine: null, isotropy: null };
  const rank = differing ** 2 / (differing + 2 * squareSum);
  return { meanCosine: (2 * absoluteSum) / (differing * (differing - 1)), isotropy: isotropyOf(rank, dim) };
}

/** Of all pairs, by a pass of their own. @param rows those that live, `[N, d]` */
export async function centredPairs<A>(
  backend: Backend<A>,
  rows: FloatArray,
  dim: number,
  tick: (share: number) => Promise<void>,
): Promise<CentredPairs> {
  if (rows.length < 2 * dim) return { meanCosine: null, isotropy: null };
  const data = withoutMean(rows, dim);
  const found = await pairStatistics(backend, { data, shape: [data.length / dim, dim] }, { tick });
  if (found.living < 2) return { meanCosine: null, isotropy: null };
  return { meanCosine: found.meanAbsoluteCosine, isotropy: isotropyOf(found.effectiveRank, dim) };
}

/** Of some pairs, drawn with replacement. */
export function sampledCentredPairs(rows: FloatArray, dim: number, seed: number, name: string): CentredPairs {
  const data = withoutMean(rows, dim);
  const norms: number[] = [];
  const places: number[] = [];
  for (let start = 0; start < data.length; start += dim) {
    let square = 0;
    for (let k = start; k < start + dim; k++) square += data[k]! ** 2;
    if (square === 0) continue;
    places.push(start);
    norms.push(Math.sqrt(square));
  }
  const count = places.length;
  if (count < 2) return { meanCosine: null, isotropy: null };
  const stream = randomStream(seed, `${name}, centred pairs`, 0);
  let [absolute, squares] = [0, 0];
  for (let n = 0; n < drawn; n++) {
    const i = stream.below(count);
    const other = stream.below(count - 1);
    const j = other < i ? other : other + 1;
    let cosine = 0;
    for (let k = 0; k < dim; k++) cosine += data[places[i]! + k]! * data[places[j]! + k]!;
    cosine /= norms[i]! * norms[j]!;
    absolute += Math.abs(cosine);
    squares += cosine * cosine;
  }
  const rank = count ** 2 / (count + (count * (count - 1) * squares) / drawn);
  return { meanCosine: absolute / drawn, isotropy: isotropyOf(rank, dim) };
}
