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
  /** The energies of pairs to add up, in any number and any spaces. Their `population` isn't looked at. */
  readonly energies?: readonly PairSpec[] | undefined;
  /** The index of one of `energies`, of which each row's own share is wanted. */
  readonly shareOf?: number | undefined;
  /** Asks for the sums of |cosine| and cosine² about another point than the origin. A backend may leave them out of its answer. */
  readonly about?: CosinesAbout | undefined;
  /**
   * Asks for a histogram of the angles with k equal bins from 0 to π, k from 1 to 4096. Bin b holds bπ/k ≤ θ < (b+1)π/k, the last one π as well;
   * edges are compared as cosines ({@link angleEdges}), so that an angle on an edge is always in the bin above it.
   */
  readonly angleBins?: number | undefined;
  /**
   * Asks for each row's nearest other row: the one with the largest cosine in `full` space, with the largest |cosine| in `half` space. Of equally
   * near rows it is the first.
   */
  readonly nearest?: Space | undefined;
  /** Asks for the pairs that are most alike. */
  readonly similar?:
    | {
        /** How many pairs are wanted at most, from 1 to 65,536. */
        readonly limit: number;
        /** `full`: alike are pairs with a large cosine; `half`: with a large |cosine|. */
        readonly space: Space;
      }
    | undefined;
  /** Asks how many pairs lie within a chord of each other. */
  readonly within?:
    | {
        /** The chord, a straight distance of two directions, from 0 to 2. */
        readonly chord: number;
        /** `full`: rows within the chord of each other; `half`: or of each other's opposites. */
        readonly space: Space;
      }
    | undefined;
  /** Called now and then with the share that is done, from 0 to 1. What it throws ends the pass. */
  readonly tick?: ((share: number) => MaybePromise<void>) | undefined;
}

/**
 * What turns the cosines of rows about the origin into those about a point o, that is, into the cosines of the rows w_i − o:
 * c′_ij = p_i p_j c_ij − q_i b_j − b_i q_j. Each array has one number for each row, `[N]`, or of a batch `[batch·N]`. The result is as exact as c
 * is, times p_i p_j.
 */
export interface CosinesAbout {
  /** p_i = ‖w_i‖/‖w_i − o‖; 0 for a row that is o itself. */
  readonly own: FloatArray;
  /** q_i = 1/‖w_i − o‖; 0 for a row that is o itself. */
  readonly other: FloatArray;
  /** b_i = (w_iᵀo − ½‖o‖²)/‖w_i − o‖; 0 for a row that is o itself. */
  readonly offset: FloatArray;
}

/** A pair of rows, i < j. */
export interface SimilarPair {
  /** The number of the first row. */
  readonly i: number;
  /** The number of the second row, larger than i. */
  readonly j: number;
  /** The cosine x_iᵀx_j of the rows, with its sign; of near pairs it is 1 − ½‖x_i − x_j‖², which has digits where the product has none. */
  readonly cosine: number;
}

/**
 * What was collected of the pairs of one batch entry. c_ij is the cosine of rows i and j, and ψ what an energy has for it. Arrays belong to
 * the caller.
 */
export interface PairStatistics {
  /** N: the number of rows; there are N(N−1)/2 pairs. */
  readonly count: number;
  /** The sum Σ_{i<j} ψ(c_ij) of each of the request's energies: without weights, and without the self terms of half space. */
  readonly energySums: Float64Array;
  /** The sum of the cosines, Σ_{i<j} c_ij. */
  readonly cosineSum: number;
  /** The sum of the sizes of the cosines, Σ_{i<j} |c_ij|. */
  readonly absoluteSum: number;
  /** The sum of the squared cosines, Σ_{i<j} c_ij². With it Σλ² = Σ_i ‖x_i‖⁴ + 2Σc² over the eigenvalues λ of the Gram matrix XXᵀ. */
  readonly squareSum: number;
  /** Sums of the cosines c′ that `about` asked for; absent where it didn't, or where a backend leaves them out. */
  readonly about?:
    | {
        /** The sum Σ_{i<j} |c′_ij|. */
        readonly absoluteSum: number;
        /** The sum Σ_{i<j} c′_ij². */
        readonly squareSum: number;
      }
    | undefined;
  /** Each row's Σ_{j≠i} ψ(c_ij), `[N]`: twice the energy's sum in all. Empty where it wasn't asked for. */
  readonly shares: Float64Array;
  /** How many pairs are in each bin of the angle, `[angleBins]`. Empty where it wasn't asked for. */
  readonly angles: Float64Array;
  /** Each row's nearest other row, `[N]`; −1 where there is none. Empty where it wasn't asked for. */
  readonly nearestRows: Int32Array;
  /** Each row's cosine with its nearest other row, with its sign, `[N]`; 0 where there is none. Empty where it wasn't asked for. */
  readonly nearestCosines: Float64Array;
  /** The pairs that are most alike, the most similar first; of equals the one with the smaller i, then the smaller j. */
  readonly similar: readonly SimilarPair[];
  /** How many pairs lie within the chord; 0 where it wasn't asked for. */
  readonly pairsWithin: number;
  /** How many rows lie within the chord of an earlier row, so that a table could do without them; 0 where it wasn't asked for. */
  readonly rowsWithin: number;
}
