/**
 * One request for statistics in passes of a backend's kernel, which has room for a few energies: everything else comes with the first few
 * energies, further ones have passes of their own over the same cosines.
 */
import type { PairStatistics, StatisticsRequest } from "../backend/statistics.js";

/** A request for statistics of pairs, as the passes that a kernel with room for few energies makes for it, and how their answers become one. */
export interface StatisticsPasses {
  /** What to ask for in each pass, in this order; there is at least one. The progress that their `tick`s report goes on from pass to pass. */
  readonly passes: readonly StatisticsRequest[];
  /**
   * Makes the answer to the request, for one batch entry, from the answers to its passes. The array of `energySums` is a new one.
   *
   * @param found one answer for each pass, in their order
   */
  join(found: readonly PairStatistics[]): PairStatistics;
}

/**
 * Shares the energies of a request out among as many passes as they need.
 *
 * @param mostEnergies how many energies one pass takes, at least 1
 */
export function statisticsPasses(request: StatisticsRequest, mostEnergies: number): StatisticsPasses {
  const { energies = [], shareOf, tick } = request;
  const count = Math.max(1, Math.ceil(energies.length / mostEnergies));
  // The energy whose rows' shares are wanted has to be in the first pass.
  const order = [...energies.keys()].sort((a, b) => Number(b === shareOf) - Number(a === shareOf));
  const passes = Array.from({ length: count }, (_, n): StatisticsRequest => {
    const some = order.slice(n * mostEnergies, (n + 1) * mostEnergies).map((at) => energies[at]!);
    const others = n === 0 ? { ...request, shareOf: shareOf === undefined ? undefined : 0 } : {};
    return { ...others, energies: some, tick: tick && ((share) => tick((n + share) / count)) };
  });
  const join = (found: readonly PairStatistics[]): PairStatistics => {
    const sums = found.flatMap((pass) => [...pass.energySums]);
    const energySums = new Float64Array(energies.length);
    order.forEach((of, at) => {
      energySums[of] = sums[at]!;
    });
    return { ...found[0]!, energySums };
  };
  return { passes, join };
}
