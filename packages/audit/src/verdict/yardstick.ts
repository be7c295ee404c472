/**
 * What to hold a score to, beside chance: layers of real models. A score of 1 is chance, but training pulls neurons together, so that "above chance" says little; and how far depends on the
 * dimension, since in few of them neurons are near each other by necessity. The numbers are the gallery's (`yardstick-data.ts`).
 */
import type { PotentialSpec } from "@comhe/core";
import { yardstick } from "./yardstick-data.js";

interface Group {
  /** The least dimension of its layers. */
  readonly from: number;
  readonly layers: number;
  readonly scores: readonly (readonly [percent: number, score: number])[];
}

const groups: readonly Group[] = yardstick.groups;

/** Whether scores of an energy can be held to the yardstick: other energies have other scales. */
export function onYardstick({ potential, space, separationFloor, normEpsilon }: PotentialSpec): boolean {
  const { kind, s, distance } = potential as { kind: string; s?: number; distance?: string };
  const usual = separationFloor === 0.01 && normEpsilon === 0;
  return usual && space === "half" && kind === "riesz" && s === 2 && distance === "chordal";
}

/** Real layers of like dimension. */
const groupOf = (dim: number): Group => groups.filter(({ from }) => dim >= from).at(-1) ?? groups[0]!;

/** How many of a hundred real layers of like dimension have a lower score, in the steps of the yardstick; `null` below the lowest, and for few neurons. */
export function percentBelow(score: number, count: number, dim: number): number | null {
  if (count < yardstick.fewestNeurons) return null;
  let found: number | null = null;
  for (const [percent, least] of groupOf(dim).scores) if (score > least) found = percent;
  return found;
}

/** "real layers of 40 to 159 dimensions". */
export function likeLayers(dim: number): string {
  const { from } = groupOf(dim);
  const next = groups.find((group) => group.from > from);
  return `real layers of ${next ? `${from} to ${next.from - 1} dimensions` : `${from} dimensions and more`}`;
}
