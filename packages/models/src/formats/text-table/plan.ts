/**
 * What the columns of a text table are, by its first lines: what stands between them, whether a header comes first, which are
 * numbers and which name the row. A number in a column of texts, or a text in one of numbers, is found when it is read.
 */

import { isNumber } from "../../tables/parse-number.js";
import { nameColumn } from "../../tables/vector-column.js";
import { fieldPlaces, space, unquoted } from "./fields.js";

export interface TablePlan {
  /** A byte; 32 stands for any run of spaces. */
  readonly delimiter: number;
  /** Lines before the first row. */
  readonly headerLines: number;
  /** Fields of a row; the first may itself hold spaces in tables that spaces divide. */
  readonly fields: number;
  /** Positions of the numbers in a row. */
  readonly numbers: readonly number[];
  /** Position of the row's name. */
  readonly name: number | undefined;
  /** Whether that column is left out because it counts the rows: nothing but whole numbers may stand in it then. */
  readonly countsRows?: boolean | undefined;
  /** The titles of the columns, where a header says them. */
  readonly titles: readonly string[] | undefined;
  /** What the first line claims: "N d". */
  readonly claim: { readonly rows: number; readonly dim: number } | undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const numeric = (field: string) => {
  const bytes = encoder.encode(field.trim());
  return isNumber(bytes, 0, bytes.length);
};
/** What tables have in place of a number that isn't there. */
const missing = /^\s*(|-|\?|#?n\/?a|<na>|null|none|missing)\s*$/i;
/** Numbers that count rows or name classes, and are no dimension of a vector. */
const bookkeeping = /^(|id|ids|index|idx|row|unnamed: ?\d+|label|labels|class|target|count|freq|frequency)$/i;

/** @returns what is wrong where there is no table */
export function planTable(lines: readonly string[]): TablePlan | string {
  const [first, second] = lines;
  if (first === undefined) return "it is empty";
  const claimed = /^\s*(\d+)\s+(\d+)\s*$/.exec(first);
  if (claimed && second !== undefined) {
    const dim = Number(claimed[2]);
    const delimiter = second.includes("\t") && second.split("\t").length > dim ? 9 : 32;
    const fields = split(second, delimiter).length;
    if (fields >= dim + 1 && fields <= dim + 40) {
      const positions = Array.from({ length: dim }, (_, n) => n + 1);
      const claim = { rows: Number(claimed[1]), dim };
      return { delimiter, headerLines: 1, fields: dim + 1, numbers: positions, name: 0, titles: undefined, claim };
    }
  }
  const delimiter = delimiterOf(second ?? first);
  const rows = lines.map((line) => split(line, delimiter));
  const hasHeader = rows.length > 1 && isHeader(rows[0]!, rows[1]!);
  const body = hasHeader ? rows.slice(1) : rows;
  if (delimiter === 32 && !hasHeader) return planWords(body);
  const fields = body[0]!.length;
  const titles = hasHeader ? rows[0]!.map((title) => title.trim()) : undefined;
  // A header without a title for the row's names, as R writes it, is one field short.
  const named = titles && titles.length === fields - 1 ? ["", ...titles] : titles;
  if (named && named.length !== fields) return `its header has ${named.length} fields and its first row ${fields}`;
  const isNumeric = Array.from({ length: fields }, (_, n) => {
    const column = body.map((row) => row[n] ?? "");
    // Where numbers are missing it is a column of numbers still: without it the vectors would be others, so reading says which are missing.
    return column.some(numeric) && column.every((field) => numeric(field) || missing.test(field));
  });
  const counts = !hasHeader && countsRows(body) ? 0 : undefined;
  const numbers = isNumeric.flatMap((yes, n) =>
    yes && n !== counts && !(named && bookkeeping.test(named[n]!)) ? [n] : [],
  );
  const others = Array.from({ length: fields }, (_, n) => n).filter((n) => !numbers.includes(n));
  const texts = others.filter((n) => !isNumeric[n]);
  const byTitle = named ? nameColumn(texts.map((n) => named[n]!)) : undefined;
  const name = byTitle !== undefined ? texts.find((n) => named![n] === byTitle) : (texts[0] ?? others[0]);
  return {
    delimiter,
    headerLines: hasHeader ? 1 : 0,
    fields,
    numbers,
    name,
    countsRows: counts !== undefined && name === counts,
    titles: named,
    claim: undefined,
  };
}

/** A first column of 0, 1, 2 … or 1, 2, 3 … beside numbers that aren't whole: an index that was written along. */
function countsRows(rows: readonly (readonly string[])[]): boolean {
  const from = Number(rows[0]![0]);
  return (
    rows.length >= 3 &&
    (from === 0 || from === 1) &&
    rows.every((row, n) => row[0]!.trim() === String(from + n)) &&
    rows.some((row) => row.slice(1).some((field) => !Number.isInteger(Number(field))))
  );
}

/** GloVe: a word, which may hold spaces, then as many numbers in each line. */
function planWords(rows: readonly (readonly string[])[]): TablePlan | string {
  const trailing = rows.map((row) => {
    let count = 0;
    while (count < row.length && numeric(row[row.length - 1 - count]!)) count++;
    return count;
  });
  const fields = rows[0]!.length;
  if (rows.every((row, n) => row.length === fields && trailing[n] === fields)) {
    const counts = countsRows(rows);
    const numbers = Array.from({ length: fields }, (_, n) => n).slice(counts ? 1 : 0);
    const name = counts ? 0 : undefined;
    return {
      delimiter: 32,
      headerLines: 0,
      fields,
      numbers,
      name,
      countsRows: counts,
      titles: undefined,
      claim: undefined,
    };
  }
  // A word that is a number would count as one more: the least says the dimension.
  const dim = Math.min(...trailing, ...rows.map((row) => row.length - 1));
  if (dim < 1) return "a line without numbers";
  const numbers = Array.from({ length: dim }, (_, n) => n + 1);
  return { delimiter: 32, headerLines: 0, fields: dim + 1, numbers, name: 0, titles: undefined, claim: undefined };
}

function delimiterOf(line: string): number {
  for (const candidate of ["\t", ";", ","])
    if (split(line, candidate.charCodeAt(0)).length > 1) return candidate.charCodeAt(0);
  return 32;
}

function split(line: string, delimiter: number): string[] {
  if (delimiter === space) return line.trim().split(/ +/);
  const bytes = encoder.encode(line);
  const places = fieldPlaces(bytes, delimiter, 0, false);
  return Array.from({ length: places.length / 2 }, (_, n) =>
    unquoted(decoder.decode(bytes.subarray(places[2 * n], places[2 * n + 1])), delimiter),
  );
}

/** A first line that has texts where the second has numbers. */
const isHeader = (first: readonly string[], second: readonly string[]) =>
  second.some((field, n) => numeric(field) && first[n] !== undefined && !numeric(first[n]!)) ||
  (first.length === second.length - 1 && !first.some(numeric));
