/** What to hold a score to, beside chance. */
import type { PotentialSpec } from "@comhe/core";

/**
 * What scores layers of real models have: a score of 1 is chance, but training pulls neurons together, so that "above chance" says little. Percentiles
 * of 1,003 distinct layers of 33 published models, in half space at s = 2 (2026-11-29).
 */
export const scorePercentiles: readonly (readonly [percent: number, score: number])[] = [
  [5, 1],
  [25, 2.2],
  [50, 3.8],
  [75, 9.5],
  [95, 213],
];

/** Whether scores of an energy can be held to the yardstick: other energies have other scales. */
export function onYardstick({ potential, space, separationFloor, normEpsilon }: PotentialSpec): boolean {
  const { kind, s, distance } = potential as { kind: string; s?: number; distance?: string };
  const usual = separationFloor === 0.01 && normEpsilon === 0;
  return usual && space === "half" && kind === "riesz" && s === 2 && distance === "chordal";
}

/** About how many of a hundred such layers have a lower score, in steps that the yardstick supports; `null` below the lowest. */
export function percentBelow(score: number): number | null {
  let found: number | null = null;
  for (const [percent, least] of scorePercentiles) if (score > least) found = percent;
  return found;
}
