/** A comparison as a terminal's table, Markdown, CSV or JSON. */
import type { Comparison, LayerAudit, LayerChange, MatchedLayer } from "@comhe/audit";
import {
  compactJson,
  csvLine,
  formatNumber,
  judgedScore,
  layerLabel,
  markdownTable,
  markdownText,
  printable,
} from "@comhe/audit/text";
import { fitTable, terminalTable } from "./fit-table.js";
import type { Format } from "./print-audit.js";

interface Row {
  readonly pair: MatchedLayer;
  readonly change: LayerChange | undefined;
}

interface Column {
  readonly head: string;
  readonly value: (row: Row) => string;
  readonly left?: boolean;
  readonly wide?: boolean;
}

const percent = (value: number | null | undefined) =>
  value === null || value === undefined ? "–" : `${formatNumber(100 * value, 2)} %`;

const columns: readonly Column[] = [
  { head: "layer", value: ({ pair }) => layerLabel(pair.before), left: true },
  { head: "N×d", value: ({ pair: { before } }) => `${before.count}×${before.dim}` },
  { head: "changed by", value: ({ change }) => (change?.unchanged ? "–" : percent(change?.size)) },
  { head: "its rank", value: ({ change }) => (change?.unchanged ? "–" : formatNumber(change?.effectiveRank, 1)) },
  {
    head: "directions",
    wide: true,
    value: ({ change }) => (change === undefined || change.unchanged ? "–" : String(change.directions ?? "more")),
  },
  {
    head: "rows",
    wide: true,
    value: ({ change }) => (change === undefined || change.unchanged ? "–" : String(change.changedRows)),
  },
  { head: "score before", value: ({ pair }) => formatNumber(judgedScore(pair.before), 2) },
  { head: "after", value: ({ pair }) => formatNumber(judgedScore(pair.after), 2) },
  { head: "energy before", value: ({ pair }) => formatNumber(pair.before.energyHalf) },
  { head: "energy after", value: ({ pair }) => formatNumber(pair.after.energyHalf) },
  { head: "dup. before", wide: true, value: ({ pair }) => String(pair.before.duplicates) },
  { head: "dup. after", wide: true, value: ({ pair }) => String(pair.after.duplicates) },
  { head: "matched by", value: ({ pair }) => pair.by },
];

const dispensable = ["energy before", "energy after", "matched by", "its rank"];

/** @param width characters that a line of `table` may have, where `wide` isn't wanted */
export function printComparison(
  comparison: Comparison,
  format: Format,
  { wide = format === "md", all = false, width = 100 }: { wide?: boolean; all?: boolean; width?: number } = {},
): string {
  if (format === "json") return `${compactJson(withoutHeatMaps(comparison))}\n`;
  if (format === "csv") return csvOf(comparison);
  const changes = changesOf(comparison);
  const rows = comparison.matched.map((pair) => ({ pair, change: changes(pair) }));
  // What changed most comes first; of what didn't, one line is enough.
  const order = ({ change }: Row) => (change === undefined ? 0 : change.unchanged ? -1 : (change.size ?? 1e9));
  const moved = rows.filter(({ change }) => !change?.unchanged).sort((a, b) => order(b) - order(a));
  const same = rows.length - moved.length;
  const listed = all ? [...moved, ...rows.filter(({ change }) => change?.unchanged)] : moved;
  const shown = columns.filter((column) => wide || !column.wide);
  const table = { columns: shown, cells: listed.map((row) => shown.map(({ value }) => value(row))) };
  const alone = (layers: readonly LayerAudit[], when: string) => {
    const most = all ? layers.length : 20;
    const lines = layers.slice(0, most).map((layer) => `Only ${when}: ${layerLabel(layer)}`);
    return layers.length > most
      ? [...lines, `… and ${layers.length - most} more only ${when}; --all lists them.`]
      : lines;
  };
  const others = [
    ...(same > 0 && !all
      ? [`${same} unchanged ${same === 1 ? "layer isn't" : "layers aren't"} listed; --all lists them.`]
      : []),
    ...comparison.changes.flatMap((change) =>
      "problem" in change ? [`Not compared: ${printable(change.before)}: ${printable(change.problem)}`] : [],
    ),
    ...alone(comparison.onlyBefore, "before"),
    ...alone(comparison.onlyAfter, "after"),
  ];
  const lines = comparison.lines.map(printable);
  if (format === "md") {
    const text = [...lines, ...others].map(markdownText).join("  \n");
    return listed.length === 0 ? `${text}\n` : `${markdownTable(table.columns, table.cells)}\n\n${text}\n`;
  }
  const tables = listed.length === 0 ? [] : [terminalTable(wide ? table : fitTable(table, dispensable, width))];
  return `${[...lines, ...tables, ...others].join("\n")}\n`;
}

function changesOf({ changes }: Comparison): (pair: MatchedLayer) => LayerChange | undefined {
  const found = new Map(changes.map((change) => [JSON.stringify([change.before, change.after]), change]));
  return ({ before, after }) => {
    const change = found.get(JSON.stringify([before.layer, after.layer]));
    return change === undefined || "problem" in change ? undefined : change;
  };
}

function withoutHeatMaps({ matched, onlyBefore, onlyAfter, ...rest }: Comparison) {
  const bare = ({ heatMap: _, ...layer }: LayerAudit) => layer;
  return {
    ...rest,
    matched: matched.map(({ before, after, by }) => ({ before: bare(before), after: bare(after), by })),
    onlyBefore: onlyBefore.map(bare),
    onlyAfter: onlyAfter.map(bare),
  };
}

/** For programs: numbers in full, layers of one model alone included. */
function csvOf(comparison: Comparison): string {
  const keys = ["score", "energyFull", "energyHalf", "duplicates", "dead", "faint", "effectiveRank"] as const;
  const ofChange = ["unchanged", "size", "cosine", "effectiveRank", "directions", "changedRows", "sampled"] as const;
  const changes = changesOf(comparison);
  const valuesOf = (layer: LayerAudit | undefined) =>
    keys.map((key) => (layer === undefined ? null : key === "score" ? judgedScore(layer) : layer[key]));
  const line = (by: string, before: LayerAudit | undefined, after: LayerAudit | undefined, change?: LayerChange) => {
    const one = (before ?? after)!;
    return csvLine([
      ...[before?.layer ?? null, after?.layer ?? null, one.count, one.dim, by],
      ...valuesOf(before),
      ...valuesOf(after),
      ...ofChange.map((key) => change?.[key] ?? null),
    ]);
  };
  const heads = (when: string, names: readonly string[]) => names.map((key) => `${when} ${key}`);
  return [
    csvLine([
      ...["before", "after", "count", "dim", "matched by"],
      ...[...heads("before", keys), ...heads("after", keys), ...heads("change", ofChange)],
    ]),
    ...comparison.matched.map((pair) => line(pair.by, pair.before, pair.after, changes(pair))),
    ...comparison.onlyBefore.map((layer) => line("none", layer, undefined)),
    ...comparison.onlyAfter.map((layer) => line("none", undefined, layer)),
    "",
  ].join("\n");
}
