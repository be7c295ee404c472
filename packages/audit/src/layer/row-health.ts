/**
 * Which rows of a layer are unwell by themselves, whatever their neighbours' directions: without direction, drowned, grown out of all
 * proportion, the same number throughout, or no numbers at all.
 */
import type { FloatArray } from "@comhe/core";
import type { RowKinds } from "./unit-rows.js";

/** A neuron is exploding from this multiple of the median norm of those that aren't dead. */
export const explodingShare = 100;

/** Rows that a report names; the others are counted. */
export const mostNamed = 50;

/** Some rows: how many, and the first of them. */
export interface RowList {
  readonly count: number;
  /** At most 50, in the file's order. */
  readonly rows: readonly number[];
  /** Their names, where the model has any: tokens, labels. */
  readonly names: readonly string[] | null;
}

/** What is unusual about single neurons of a layer, beside how they repeat each other. */
export interface RowHealth {
  /** At most 1e-6 of the layer's typical norm. */
  readonly dead: RowList;
  /** Not dead, and at most 1e-3 of the median norm. */
  readonly faint: RowList;
  /** At least 100 times the median norm. */
  readonly exploding: RowList;
  /** All of a row's numbers are the same, and not 0: it sums up its inputs. */
  readonly constant: RowList;
  /** Rows with a NaN. They aren't in any of the layer's other numbers. */
  readonly nan: RowList;
  /** Rows with an infinity, and no NaN. */
  readonly infinite: RowList;
}

/**
 * @param isConstant whether a row is one number throughout
 * @param broken rows that aren't finite, whose norms are 0
 */
export function rowHealth(
  { norms, least, clear }: RowKinds,
  isConstant: (row: number) => boolean,
  { nan, infinite }: BrokenRows,
): RowHealth {
  const broken = new Set([...nan, ...infinite]);
  const others = norms.filter((norm) => norm > least).sort();
  const most = explodingShare * (others[others.length >> 1] ?? Number.POSITIVE_INFINITY);
  const found = { dead: [], faint: [], exploding: [], constant: [] } as Record<string, number[]>;
  norms.forEach((norm, row) => {
    if (broken.has(row)) return;
    if (norm <= least) found.dead!.push(row);
    else if (norm <= clear) found.faint!.push(row);
    if (norm > least && norm >= most) found.exploding!.push(row);
    if (norm > least && isConstant(row)) found.constant!.push(row);
  });
  return {
    dead: listOf(found.dead!),
    faint: listOf(found.faint!),
    exploding: listOf(found.exploding!),
    constant: listOf(found.constant!),
    nan: listOf(nan),
    infinite: listOf(infinite),
  };
}

/** Rows that aren't finite. */
export interface BrokenRows {
  readonly nan: readonly number[];
  readonly infinite: readonly number[];
}

/** Whether a row of more than one number is the same number throughout. */
export function constantRows(rows: FloatArray, dim: number): (row: number) => boolean {
  return (row) => {
    const first = rows[row * dim];
    for (let k = row * dim + 1; k < (row + 1) * dim; k++) if (rows[k] !== first) return false;
    return dim > 1;
  };
}

/** The lists with rows of the file in place of rows of a sample. */
export function placeRows(health: RowHealth, place: (row: number) => number): RowHealth {
  const entries = Object.entries(health).map(([key, list]) => [key, { ...list, rows: list.rows.map(place) }]);
  return Object.fromEntries(entries) as RowHealth;
}

const listOf = (rows: readonly number[]): RowList => ({
  count: rows.length,
  rows: rows.slice(0, mostNamed),
  names: null,
});
