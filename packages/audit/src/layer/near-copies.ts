/**
 * Neurons that repeat each other, as groups rather than pairs: 7 copies of a token are one group, not 21 pairs.
 *
 * Two neurons are in one group where a chain of pairs within the chord joins them. Each row's nearest row is known, so that no row with a copy is
 * missed; the most similar pairs join what nearest rows alone leave apart.
 */
import type { TableStatistics } from "@comhe/core";

/** Neurons closer than this chord repeat each other: the default separation floor. */
export const copyChord = 0.01;

/** Groups a report names, and rows of each. */
export const [mostGroups, mostInGroup] = [20, 20];

/** Neurons of a layer that repeat each other: each is a near copy of another of the group. */
export interface CopyGroup {
  /** How many neurons repeat each other. */
  readonly size: number;
  /** The first of them, at most 20, in the file's order. */
  readonly rows: readonly number[];
  /** Their names, where the model has any. */
  readonly names: readonly string[] | null;
}

/** Within the chord 1 − |c| ≤ ½δ². Cosines of near pairs come from differences, so that they have digits there. */
const leastCosine = 1 - (copyChord * copyChord) / 2;

/** Every group, largest first; rows in order. */
export function copyGroups({ nearestRows, nearestCosines, similar }: NearestOfAll, space: "full" | "half"): number[][] {
  const isCopy = (cosine: number) => (space === "half" ? Math.abs(cosine) : cosine) >= leastCosine;
  const parent = new Map<number, number>();
  const root = (row: number): number => {
    let at = row;
    while (parent.get(at) !== undefined && parent.get(at) !== at) at = parent.get(at)!;
    parent.set(row, at);
    return at;
  };
  const join = (a: number, b: number) => {
    const [first, second] = [root(a), root(b)];
    parent.set(Math.max(first, second), Math.min(first, second));
  };
  nearestRows.forEach((other, row) => {
    if (other >= 0 && isCopy(nearestCosines[row]!)) join(row, other);
  });
  for (const { i, j, cosine } of similar) if (isCopy(cosine)) join(i, j);
  const groups = new Map<number, number[]>();
  for (const row of [...parent.keys()].sort((a, b) => a - b)) {
    const first = root(row);
    const group = groups.get(first);
    if (group) group.push(row);
    else groups.set(first, [row]);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length || a[0]! - b[0]!);
}

export type NearestOfAll = Pick<TableStatistics, "nearestRows" | "nearestCosines" | "similar">;

export const groupsOf = (groups: readonly (readonly number[])[]): readonly CopyGroup[] =>
  groups.slice(0, mostGroups).map((rows) => ({ size: rows.length, rows: rows.slice(0, mostInGroup), names: null }));
