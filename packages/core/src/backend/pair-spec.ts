/** Which energy of pairs is meant: the words that backends, statistics and formulas share. */
import type { Potential, Space } from "../config/potential-types.js";

/** Which energy of pairs {@link Backend.pairwise} computes. */
export interface PairSpec {
  /** What each pair of rows adds to the energy. */
  readonly potential: Potential;
  /** Whether rows stand for points (`full`) or for lines through the origin (`half`). */
  readonly space: Space;
  /** δ, a chord: pairs closer than this continue along the potential's tangent. 0 asks for the bare formula. */
  readonly separationFloor: number;
  /** N, where the rows are a uniform sample of N rows: they then estimate the energy of all N without bias (`pairWeights`). */
  readonly population?: number | undefined;
}
