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

/** Some neurons of a layer: how many, and which are the first of them. */
export interface RowList {
  /** How many neurons. */
  readonly count: number;
  /** The rows of the first of them, at most 50, in the file's order. */
  readonly rows: readonly number[];
  /** The names of those in `rows`, where the model has names for its neurons: tokens, labels. */
  readonly names: readonly string[] | null;
}

/** What is unusual about single neurons of a layer, beside how they repeat each other. */
export interface RowHealth {
  /** Neurons whose norm is at most 1e-6 of the layer's typical norm, the root mean square of all. */
  readonly dead: RowList;
  /** Neurons that aren't dead, but whose norm is at most 1e-3 of the median norm of those that aren't. */
  readonly faint: RowList;
  /** Neurons whose norm is at least 100 times the median norm. */
  readonly exploding: RowList;
  /** Neurons whose numbers are all the same, and not 0: they sum up their inputs. */
  readonly constant: RowList;
  /** Neurons with a NaN. They aren't in any of the layer's other numbers. */
  readonly nan: RowList;
  /** Neurons with an infinity, and no NaN. They aren't in any of the layer's other numbers. */
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
