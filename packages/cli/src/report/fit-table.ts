/** Tables for terminals: names are cut, and columns left out, where lines would be longer than they may be. */
import Table from "cli-table3";

export interface TableText<C extends { readonly head: string; readonly left?: boolean }> {
  readonly columns: readonly C[];
  readonly cells: readonly (readonly string[])[];
}

/** A name that is cut further than that says nothing. */
const shortestName = 16;

/**
 * @param dispensable headings of columns that may be left out, in this order
 * @param width characters of a line; fewer than a table without those columns and with short names has aren't kept to
 */
export function fitTable<C extends { readonly head: string; readonly left?: boolean }>(
  { columns, cells }: TableText<C>,
  dispensable: readonly string[],
  width: number,
): TableText<C> {
  const name = columns.findIndex(({ head }) => head === "layer");
  const widths = columns.map(({ head }, n) => Math.max(head.length, ...cells.map((row) => row[n]!.length)));
  const kept = new Set(columns.keys());
  const others = () => [...kept].reduce((sum, n) => sum + (n === name ? 0 : widths[n]!), 0) + 3 * kept.size + 1;
  const names = cells.map((row) => row[name] ?? "");
  const different = new Set(names).size;
  const short = () => shortened(names, Math.max(shortestName, width - others()));
  // Names that look alike say less than any number beside them.
  for (const head of dispensable) {
    if (width - others() >= Math.min(shortestName, widths[name] ?? 0) && new Set(short()).size === different) break;
    for (const [n, column] of columns.entries()) if (column.head === head) kept.delete(n);
  }
  const shown = [...kept];
  const fitting = short();
  return {
    columns: shown.map((n) => columns[n]!),
    cells: cells.map((row, at) => shown.map((n) => (n === name ? fitting[at]! : row[n]!))),
  };
}

/** As they are where they fit; else without the ending that all of them have (`.weight`), and cut at the start: of a name the end tells most. */
function shortened(names: readonly string[], room: number): readonly string[] {
  if (names.every(({ length }) => length <= room)) return names;
  const ending = /[./][A-Za-z]\w*$/.exec(names[0] ?? "")?.[0] ?? "";
  const common = ending !== "" && names.length > 1 && names.every((name) => name.endsWith(ending));
  const bare = common ? names.map((name) => name.slice(0, -ending.length)) : names;
  return bare.map((name) => (name.length > room ? `…${name.slice(1 - room)}` : name));
}

export function terminalTable({ columns, cells }: TableText<{ head: string; left?: boolean }>): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ left }) => (left ? "left" : "right")),
    style: { head: [], border: [], compact: true },
  });
  table.push(...cells.map((row) => [...row]));
  return table.toString();
}
