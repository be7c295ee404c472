/** An audit as a terminal's table, Markdown, CSV or JSON. */

import type { AuditReport, LayerAudit, LowerBound } from "@comhe/audit";
import {
  compactJson,
  csvLine,
  formatNumber,
  judgedScore,
  judgedSpread,
  layerSentence,
  printable,
} from "@comhe/audit/text";
import type { Potential } from "@comhe/core";
import Table from "cli-table3";

/** `table` and `md` for people, with notes below; `json` and `csv` for programs. */
export type Format = "table" | "json" | "csv" | "md";

interface Column {
  readonly head: string;
  readonly value: (layer: LayerAudit) => string;
  readonly left?: boolean;
  /** Only with --wide; programs find it in CSV and JSON. */
  readonly wide?: boolean;
  /** Left out where it would be empty. */
  readonly shown?: (layers: readonly LayerAudit[]) => boolean;
}

/** Whether dead or faint neurons are left out of the score. */
const hasOthers = ({ livingScore }: LayerAudit) => livingScore !== null;

/** Marks what a sample can only bound. */
const atLeast = ({ lowerBounds }: LayerAudit, key: LowerBound, text: string) =>
  lowerBounds.includes(key) ? `≥ ${text}` : text;

/** What people read. CSV and JSON hold everything. */
const columns: readonly Column[] = [
  { head: "layer", value: ({ layer }) => printable(layer), left: true },
  { head: "kind", wide: true, value: ({ kind }) => printable(kind), left: true },
  { head: "N×d", value: ({ count, dim }) => `${count}×${dim}` },
  {
    head: "score",
    value: (layer) => `${formatNumber(judgedScore(layer), 2)} (1 ± ${formatNumber(judgedSpread(layer), 2)})`,
  },
  {
    head: "with dead",
    wide: true,
    value: ({ score }) => formatNumber(score, 2),
    shown: (layers) => layers.some(hasOthers),
  },
  { head: "energy full", wide: true, value: ({ energyFull }) => formatNumber(energyFull) },
  { head: "half", wide: true, value: ({ energyHalf }) => formatNumber(energyHalf) },
  { head: "projected", wide: true, value: ({ projected }) => formatNumber(projected) },
  { head: "best", wide: true, value: ({ best, bestIs }) => `${bestIs === "bound" ? "≥ " : ""}${formatNumber(best)}` },
  {
    head: "random",
    wide: true,
    value: ({ random, randomSpread }) => `${formatNumber(random)} ± ${formatNumber(randomSpread)}`,
  },
  { head: "|cos| mean", wide: true, value: ({ meanCosine }) => formatNumber(meanCosine, 3) },
  { head: "|cos| max", value: (layer) => atLeast(layer, "maxCosine", formatNumber(layer.maxCosine, 3)) },
  {
    head: "nearest pair",
    value: ({ nearest: [pair], lowerBounds }) =>
      pair ? `${pair.a} ~ ${pair.b}${lowerBounds.includes("nearest") ? " (seen)" : ""}` : "–",
  },
  { head: "dead", value: (layer) => atLeast(layer, "dead", String(layer.dead)) },
  {
    head: "faint",
    value: (layer) => atLeast(layer, "faint", String(layer.faint)),
    shown: (layers) => layers.some(({ faint }) => faint > 0),
  },
  { head: "dup.", value: (layer) => atLeast(layer, "duplicates", String(layer.duplicates)) },
  { head: "rank", value: ({ effectiveRank }) => formatNumber(effectiveRank, 1) },
];

/** Options of {@link printAudit}. */
export interface PrintOptions {
  /** With every note, and the tensors that were left out; for `table` and `md`. */
  readonly all?: boolean | undefined;
  /** All columns, however wide the terminal; for `table` and `md`. */
  readonly wide?: boolean | undefined;
  /** Characters that a line of `table` may have, where `wide` isn't wanted. Default 100. */
  readonly width?: number | undefined;
  /** With the cosines of the page's pictures, some ten thousand numbers for each layer; for `json`. */
  readonly heatMaps?: boolean | undefined;
}

/** People know their files by name; JSON and CSV have the whole path. */
const fileName = (path: string) => path.split(/[\\/]/).at(-1)!;

/** The audit as text, worst layer first. Writes nothing. */
export function printAudit(
  run: AuditReport,
  format: Format,
  { all = false, heatMaps = false, wide = format === "md", width = 100 }: PrintOptions = {},
): string {
  if (format === "json") return `${compactJson(jsonOf(run, heatMaps))}\n`;
  if (format === "csv") return csvOf(run.layers);
  const files = new Set(run.layers.map(({ file }) => file)).size;
  const filled = columns.filter((column) => (wide || !column.wide) && (column.shown?.(run.layers) ?? true));
  const shown =
    files > 1
      ? [{ head: "file", value: (layer: LayerAudit) => printable(fileName(layer.file)), left: true }, ...filled]
      : filled;
  const cells = run.layers.map((layer) => shown.map(({ value }) => value(layer)));
  if (cells.length === 0)
    return `No layer was audited.\n${remarksOf(run, all || run.failed.length === 0).join("\n")}\n`;
  const text = format === "md" ? markdown(shown, cells) : terminal(shown, wide ? cells : fitted(shown, cells, width));
  // In Markdown the table comes first, for programs that find it there.
  return format === "md"
    ? `${text}\n\n${[...verdictsOf(run), ...notesOf(run, all)].map(markdownText).join("  \n")}\n`
    : `${[...verdictsOf(run), text, ...notesOf(run, all)].join("\n")}\n`;
}

/** Three lines for a model; for more than a few, the first of each. */
function verdictsOf({ verdicts }: AuditReport): readonly string[] {
  if (verdicts.length === 1) return verdicts[0]!.lines;
  const most = 4;
  return verdicts.flatMap(({ file, lines }) => {
    const [first, ...others] = lines;
    return [
      `${printable(fileName(file))}: ${first}`,
      ...(verdicts.length > most ? [] : others.map((line) => `  ${line}`)),
    ];
  });
}

/** Names come from files: nothing in them is markup. */
const markdownText = (text: string) =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("|", "\\|")
    .replaceAll("`", "\\`");

/** Layer names cut at the start, so that lines fit: of a name the end tells most. */
function fitted(shown: readonly Column[], cells: readonly string[][], width: number): readonly string[][] {
  const name = shown.findIndex(({ head }) => head === "layer");
  const widths = shown.map(({ head }, n) => Math.max(head.length, ...cells.map((row) => row[n]!.length)));
  const others = widths.reduce((sum, own, n) => sum + (n === name ? 0 : own), 0) + 3 * shown.length + 1;
  const room = Math.max(shortestName, width - others);
  return cells.map((row) =>
    row.map((cell, n) => (n === name && cell.length > room ? `…${cell.slice(1 - room)}` : cell)),
  );
}

/** A name that is cut further says nothing. */
const shortestName = 16;

function terminal(shown: readonly Column[], cells: readonly string[][]): string {
  const table = new Table({
    head: shown.map(({ head }) => head),
    colAligns: shown.map(({ left }) => (left ? "left" : "right")),
    style: { head: [], border: [], compact: true },
  });
  table.push(...cells.map((row) => [...row]));
  return table.toString();
}

function markdown(shown: readonly Column[], cells: readonly string[][]): string {
  const line = (row: readonly string[]) => `| ${row.map(markdownText).join(" | ")} |`;
  return [
    line(shown.map(({ head }) => head)),
    `|${shown.map(({ left }) => (left ? "---" : "---:")).join("|")}|`,
    ...cells.map(line),
  ].join("\n");
}

function notesOf(run: AuditReport, all: boolean): readonly string[] {
  const { spec } = run.settings;
  const potential = potentialText(spec.potential);
  const lines = [
    `Score of the ${spec.space}-space energy (${potential}): 0 best possible, 1 uniformly random (± one standard deviation), above 1 redundant. ≥: a proven bound.`,
  ];
  if (run.layers.some(hasOthers)) {
    lines.push(
      "The score is that of the living neurons; dead and faint ones are counted beside; the energies are of all.",
    );
  }
  const striking = run.layers.filter(({ findings }) => findings.length > 0);
  const mostSaid = 10;
  for (const layer of all ? striking : striking.slice(0, mostSaid)) {
    lines.push(`${printable(layer.layer)}: ${printable(layerSentence(layer))}.`);
  }
  if (striking.length > mostSaid && !all) {
    lines.push(`${striking.length - mostSaid} more layers stand out. --all has a line for each.`);
  }
  for (const { layer, method, interval, note } of run.layers) {
    if (interval)
      lines.push(
        `${printable(layer)}: ${method}; 95 % interval ${interval.map((end) => formatNumber(end, 6)).join(" to ")}.`,
      );
    if (note && all) lines.push(`${printable(layer)}: ${note}.`);
  }
  const noted = run.layers.find(({ note }) => note !== null);
  if (noted && !all) lines.push(`Note on ${printable(noted.layer)}: ${noted.note}. --all shows every note.`);
  return [...lines, ...remarksOf(run, all)];
}

/** What isn't in the table. */
function remarksOf(run: AuditReport, all: boolean): readonly string[] {
  const lines: string[] = [];
  for (const { layer, problem, rest } of run.failed) {
    lines.push(`Not audited: ${layer === null ? "" : `${printable(layer)}: `}${printable(problem)}`);
    if (rest) lines.push(`  Without those rows: ${printable(layerSentence(rest))}.`);
  }
  if (run.skipped.length > 0) {
    const left =
      run.skipped.length === 1 ? "1 tensor without neurons was" : `${run.skipped.length} tensors without neurons were`;
    lines.push(`${left} left out${all ? ":" : " (--all lists them)."}`);
    if (all) for (const { name, reason } of run.skipped) lines.push(`  ${printable(name)}: ${printable(reason)}`);
  }
  if (run.interrupted) lines.push("Interrupted: these are the layers that were done.");
  return lines;
}

/** The report, with what programs read of version 1: the energy, its projection and the seed at the top. */
function jsonOf(run: AuditReport, heatMaps: boolean) {
  const { version, settings, interrupted, milliseconds, readMilliseconds, verdicts, skipped } = run;
  const { spec, projected, seed } = settings;
  const bare = ({ heatMap: _, ...layer }: LayerAudit) => layer;
  const layers = heatMaps ? run.layers : run.layers.map(bare);
  const failed = heatMaps
    ? run.failed
    : run.failed.map(({ rest, ...layer }) => ({ ...layer, rest: rest && bare(rest) }));
  const projection = projected?.projection ?? null;
  return {
    ...{ version, settings, spec, projection, seed, interrupted, milliseconds, readMilliseconds },
    ...{ verdicts, layers, failed, skipped },
  };
}

function csvOf(layers: readonly LayerAudit[]): string {
  const keys = [
    "file",
    "layer",
    "kind",
    "dataType",
    "count",
    "dim",
    "neuronAxes",
    "score",
    "scoreSpread",
    "energyFull",
    "energyHalf",
    "projected",
    "best",
    "bestIs",
    "random",
    "randomSpread",
    "meanCosine",
    "maxCosine",
    "dead",
    "faint",
    "livingScore",
    "livingSpread",
    "duplicates",
    "effectiveRank",
    "distinctScore",
    "percentile",
  ] as const;
  const last = ["lowerBounds", "method", "note"] as const;
  const rulesOf = ({ findings }: LayerAudit) => findings.map(({ rule, count }) => `${rule}:${count}`).join(" ");
  const nearest = ({ nearest: pairs }: LayerAudit) =>
    pairs.map(({ a, b, cosine }) => `${a}~${b}:${cosine.toFixed(4)}`).join(" ");
  const rows = layers.map((layer) => {
    const [low = null, high = null] = layer.interval ?? [];
    return csvLine([
      ...keys.map((key) => layer[key]),
      low,
      high,
      ...last.map((key) => layer[key]),
      nearest(layer),
      rulesOf(layer),
    ]);
  });
  return `${[csvLine([...keys, "intervalLow", "intervalHigh", ...last, "nearest", "findings"]), ...rows].join("\n")}\n`;
}

/** The potential in words. */
function potentialText(potential: Potential): string {
  if (potential.kind === "riesz") return `${potential.distance} distance, s = ${potential.s}`;
  return potential.kind === "gaussian" ? `gaussian, t = ${potential.t}` : `frame, p = ${potential.p}`;
}
