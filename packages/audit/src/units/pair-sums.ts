/** From energies, which are means over a set, to sums over the pairs of vectors in it: what lies within parts of a set and between them is told by differences of sums. */
import { type Backend, type PotentialSpec, pairStatistics, type Space } from "@comhe/core";

/** φ(−1), which half space has for every point and its opposite. */
export async function selfPotential<A>(
  backend: Backend<A>,
  { potential, separationFloor }: PotentialSpec,
): Promise<number> {
  const request = { energies: [{ potential, space: "half", separationFloor }] } as const;
  const found = await pairStatistics(backend, { data: Float32Array.of(1, 0), shape: [1, 2] }, request);
  return found.energies[0]!;
}

/** Σ ψ over the pairs i < j, from the mean that an energy is; of half space ψ is φ(c) + φ(−c). */
export function sumOfPairs(energy: number, count: number, space: Space, own: number): number {
  if (space === "full") return (energy * count * (count - 1)) / 2;
  return (energy * count * (2 * count - 1) - count * own) / 2;
}

export const pairsOf = (count: number): number => (count * (count - 1)) / 2;

/** The mean potential of a pair, from a sum over pairs. */
export const meanPotential = (sum: number, pairs: number, space: Space): number =>
  sum / pairs / (space === "half" ? 2 : 1);
