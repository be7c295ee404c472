/**
 * What one pass over the cosines of all pairs can say: sums of potentials, moments, a histogram of angles, who is nearest to whom, who
 * coincides with whom. Everything is a sum, a count or a maximum over the pairs i < j, so that no array of all pairs is ever made, and
 * so that a table may be worked on in parts.
 *
 * A row without direction (x = 0) has the cosine 0 with every other row, as in {@link Backend.pairwise}.
 */
import type { Space } from "../config/potential-types.js";
import type { FloatArray, MaybePromise } from "./arrays.js";
import type { PairSpec } from "./pair-spec.js";

/** What to collect over the pairs of each batch entry. What is left out isn't computed, and costs nothing. */
export interface StatisticsRequest {
  /** Energies of pairs to add up, in any number and any spaces. Their `population` isn't looked at. */
  readonly energies?: readonly PairSpec[] | undefined;
  /** Index of one of `energies`: each row's own share of it is wanted. */
  readonly shareOf?: number | undefined;
  /** Cosines about another point than the origin, whose sizes and squares are to be added up. A backend may leave that out of its answer. */
  readonly about?: CosinesAbout | undefined;
  /**
   * k, from 1 to 4096: a histogram of the angles with k equal bins from 0 to π. Bin b holds bπ/k ≤ θ < (b+1)π/k, the last one π as well;
   * edges are compared as cosines ({@link angleEdges}), so that an angle on an edge is always in the bin above it.
   */
  readonly angleBins?: number | undefined;
  /** Each row's nearest other row: by its cosine in `full` space, by |cosine| in `half` space. Of equals the first row. */
  readonly nearest?: Space | undefined;
  /** The pairs that are most alike, at most `limit` (1 to 65,536) of them: likewise by the cosine or by |cosine|. */
  readonly similar?: { readonly limit: number; readonly space: Space } | undefined;
  /** Counts pairs within a chord of each other, 0 ≤ chord ≤ 2; in `half` space also of each other's opposites. */
  readonly within?: { readonly chord: number; readonly space: Space } | undefined;
  /** Called now and then with the share that is done, from 0 to 1. What it throws ends the pass. */
  readonly tick?: ((share: number) => MaybePromise<void>) | undefined;
}

/**
 * Cosines of rows w_i − o about a point o, from those about the origin: c′_ij = p_i p_j c_ij − q_i b_j − b_i q_j, with `own` p = ‖w_i‖/‖w_i − o‖,
 * `other` q = 1/‖w_i − o‖ and `offset` b = (w_iᵀo − ½‖o‖²)/‖w_i − o‖; for a row that is o itself all three are 0. `[N]` each, and of a batch
 * `[batch·N]`. As exact as c is, times p_i p_j.
 */
export interface CosinesAbout {
  readonly own: FloatArray;
  readonly other: FloatArray;
  readonly offset: FloatArray;
}

/** A pair of rows, i < j. */
export interface SimilarPair {
  readonly i: number;
  readonly j: number;
  /** x_iᵀx_j, with its sign; of near pairs 1 − ½‖x_i − x_j‖², which has digits where the product has none. */
  readonly cosine: number;
}

/** What was collected of the pairs of one batch entry. Arrays belong to the caller. */
export interface PairStatistics {
  /** N, rows; there are N(N−1)/2 pairs. */
  readonly count: number;
  /** Σ_{i<j} ψ(c_ij) of each of the request's energies: without weights, and without the self terms of half space. */
  readonly energySums: Float64Array;
  /** Σ_{i<j} c_ij */
  readonly cosineSum: number;
  /** Σ_{i<j} |c_ij| */
  readonly absoluteSum: number;
  /** Σ_{i<j} c_ij²: with it Σλ² = Σ_i ‖x_i‖⁴ + 2Σc² over the eigenvalues λ of the Gram matrix XXᵀ. */
  readonly squareSum: number;
  /** Σ_{i<j} |c′_ij| and Σ_{i<j} c′_ij² of the cosines that `about` asked for; absent where it didn't, or where a backend leaves that out. */
  readonly about?: { readonly absoluteSum: number; readonly squareSum: number } | undefined;
  /** `[N]`: Σ_{j≠i} ψ(c_ij), twice the sum in all; empty where it wasn't asked for. */
  readonly shares: Float64Array;
  /** `[angleBins]`: pairs in each bin; empty where it wasn't asked for. */
  readonly angles: Float64Array;
  /** `[N]`: each row's nearest other row, −1 where there is none; empty where it wasn't asked for. */
  readonly nearestRows: Int32Array;
  /** `[N]`: the cosine with it, with its sign; 0 where there is none. */
  readonly nearestCosines: Float64Array;
  /** The most similar first; of equals the one with the smaller i, then the smaller j. */
  readonly similar: readonly SimilarPair[];
  /** Pairs within the chord. */
  readonly pairsWithin: number;
  /** Rows that are within the chord of an earlier row: what a table could be without. */
  readonly rowsWithin: number;
}
