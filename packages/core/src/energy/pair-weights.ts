/** How the terms of pairs become an energy. */
import type { PairSpec } from "../backend/backend.js";

/**
 * The weights that make an energy of sums: E = pair·Σ_{i<j} ψ_ij + self·Σ_i φ(−x_iᵀx_i). Then ∂E/∂X = pair·K X, and where ε > 0 gives self
 * terms a slope, −2·self·κ(−x_iᵀx_i) x_i beside it. Full space averages over N(N−1)/2 pairs; half space over the N(2N−1) pairs
 * of {x_i, −x_i}, each ψ standing for two of them: 2·self = pair. N = 1 has no pair in full space: all weights are 0.
 *
 * Where m rows are a uniform sample of a population of N, a pair of them stands for N(N−1)/(m(m−1)) pairs and a row for N/m
 * rows (Horvitz & Thompson 1952), so that the sums estimate the population's energy without bias. In full space that is the
 * mean over the sample's own pairs; in half space it isn't, since self terms are rarer among more rows, and pair > 2·self.
 *
 * @param count m, how many rows are at hand
 * @param population N, where the rows are a uniform sample of N; default: they are all there are
 */
export function pairWeights(
  count: number,
  space: PairSpec["space"],
  population: number = count,
): {
  /** The weight of each pair's ψ. */
  pair: number;
  /** The weight of each row's φ(−xᵀx); 0 in full space. */
  self: number;
} {
  if (space === "full") return { pair: count < 2 ? 0 : 2 / (count * (count - 1)), self: 0 };
  const self = 1 / (count * (2 * population - 1));
  if (population === count) return { pair: 2 * self, self };
  return { pair: count < 2 ? 0 : (2 * self * (population - 1)) / (count - 1), self };
}
