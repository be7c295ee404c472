/** The probability that a search by blocks meets a pair: by its angle, and quickly. */
import type { Space } from "../config/types.js";
import { angleOf, type PairValue } from "./direction-table.js";
import { blockProbability } from "./near-pairs.js";

/** Whether the pair shares a block in at least one of so many tables. */
export type FoundProbability = (pair: PairValue, tables: number) => number;

/**
 * Between cosines −mostTabled and mostTabled p is read off a fine table, where it is smooth: linear interpolation is off by 1e-5 of it at
 * most. An arc cosine and powers for every pair would cost as much as the pair.
 */
const mostTabled = 0.99;
const steps = 32_768;

/** @param search `undefined`: none, probability 0 */
export function foundProbability(
  search: { readonly planes: number; readonly share: number; readonly space: Space } | undefined,
): FoundProbability {
  if (!search) return () => 0;
  const { planes, share, space } = search;
  const atAngle = (angle: number) => share * share * Math.min(1, blockProbability(angle, planes, space));
  const perUnit = steps / (2 * mostTabled);
  const table = Float64Array.from({ length: steps + 2 }, (_, n) =>
    atAngle(Math.acos(Math.max(-1, n / perUnit - mostTabled))),
  );
  return (pair, tables) => {
    const place = (0.25 * (pair.far - pair.near) + mostTabled) * perUnit;
    let p: number;
    if (place >= 0 && place < steps) {
      const n = place | 0;
      p = table[n]! + (place - n) * (table[n + 1]! - table[n]!);
    } else {
      p = atAngle(angleOf(pair));
    }
    // Of small p the power would lose the digits, and the logarithm is slow: neither, while all terms count.
    return p < 1e-6 ? tables * p * (1 - 0.5 * (tables - 1) * p) : 1 - (1 - p) ** tables;
  };
}
