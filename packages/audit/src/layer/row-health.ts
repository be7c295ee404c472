/**
 * Which rows of a layer are unwell by themselves, whatever their neighbours' directions: without direction, drowned, grown out of all
 * proportion, the same number throughout, or no numbers at all.
 */
import type { FloatArray } from "@comhe/core";
import type { UnitRows } from "./unit-rows.js";

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

/** @param broken rows that aren't finite, which stand as zeros in `rows` */
export function rowHealth(
  rows: FloatArray,
  dim: number,
  { norms, least, clear }: UnitRows,
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
    if (norm > least && dim > 1 && isConstant(rows, row * dim, dim)) found.constant!.push(row);
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

function isConstant(rows: FloatArray, start: number, dim: number): boolean {
  const first = rows[start];
  for (let k = start + 1; k < start + dim; k++) if (rows[k] !== first) return false;
  return true;
}

const listOf = (rows: readonly number[]): RowList => ({
  count: rows.length,
  rows: rows.slice(0, mostNamed),
  names: null,
});
