/** Which energy of pairs is meant: the words that backends, statistics and formulas share. */
import type { Potential, Space } from "../config/potential-types.js";

/** Which energy of pairs {@link Backend.pairwise} computes. */
export interface PairSpec {
  readonly potential: Potential;
  readonly space: Space;
  /** δ, a chord: pairs closer than this continue along the tangent. 0 asks for the bare formula. */
  readonly separationFloor: number;
  /** N, where the rows are a uniform sample of N: they then estimate the energy of all without bias (`pairWeights`). */
  readonly population?: number | undefined;
}
