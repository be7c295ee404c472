/**
 * Neurons that repeat each other, as groups rather than pairs: 7 copies of a token are one group, not 21 pairs.
 *
 * Two neurons are in one group where a chain of pairs within the chord joins them. Each row's nearest row is known, so that no row with a copy is
 * missed; the most similar pairs join what nearest rows alone leave apart.
 */
import type { TableStatistics } from "@comhe/core";
import { RowSets } from "./row-sets.js";

/** Neurons closer than this chord repeat each other: the default separation floor. */
export const copyChord = 0.01;

/** Groups a report names, and rows of each. */
export const [mostGroups, mostInGroup] = [20, 20];

/** Neurons of a layer that repeat each other: each is a near copy of another of the group. */
export interface CopyGroup {
  /** How many neurons repeat each other. */
  readonly size: number;
  /** The rows of the first of them, at most 20, in the file's order. */
  readonly rows: readonly number[];
  /** The names of those in `rows`, where the model has names for its neurons. */
  readonly names: readonly string[] | null;
}

/** Which rows of a layer repeat another. */
export interface RepeatingRows {
  /** How many are within the chord of an earlier one. */
  readonly repeats: number;
  /** Rows that repeat each other, largest group first. */
  readonly groups: readonly (readonly number[])[];
}

/** Within the chord 1 − |c| ≤ ½δ². Cosines of near pairs come from differences, so that they have digits there. */
const leastCosine = 1 - (copyChord * copyChord) / 2;

/** Every group, largest first; rows in order. */
export function copyGroups({ nearestRows, nearestCosines, similar }: NearestOfAll, space: "full" | "half"): number[][] {
  const isCopy = (cosine: number) => (space === "half" ? Math.abs(cosine) : cosine) >= leastCosine;
  const sets = new RowSets();
  nearestRows.forEach((other, row) => {
    if (other >= 0 && isCopy(nearestCosines[row]!)) sets.join(row, other);
  });
  for (const { i, j, cosine } of similar) if (isCopy(cosine)) sets.join(i, j);
  return sets.all();
}

export type NearestOfAll = Pick<TableStatistics, "nearestRows" | "nearestCosines" | "similar">;

export const groupsOf = (groups: readonly (readonly number[])[]): readonly CopyGroup[] =>
  groups.slice(0, mostGroups).map((rows) => ({ size: rows.length, rows: rows.slice(0, mostInGroup), names: null }));
