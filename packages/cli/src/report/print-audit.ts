/** An audit as a terminal's table, Markdown, CSV or JSON. */
import Table from "cli-table3";
import type { AuditRun } from "../audit/audit-files.js";
import type { AuditSettings } from "../audit/audit-layer.js";
import { judgedScore, judgedSpread, type LayerAudit, type LowerBound } from "../audit/layer-audit.js";
import { compactJson } from "./compact-json.js";
import { csvLine } from "./csv.js";
import { formatNumber, printable } from "./format-number.js";

/** `table` and `md` for people, with notes below; `json` and `csv` for programs. */
export type Format = "table" | "json" | "csv" | "md";

interface Column {
  readonly head: string;
  readonly value: (layer: LayerAudit) => string;
  readonly left?: boolean;
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
  { head: "kind", value: ({ kind }) => printable(kind), left: true },
  { head: "N×d", value: ({ count, dim }) => `${count}×${dim}` },
  {
    head: "score",
    value: (layer) => `${formatNumber(judgedScore(layer), 2)} (1 ± ${formatNumber(judgedSpread(layer), 2)})`,
  },
  { head: "with dead", value: ({ score }) => formatNumber(score, 2), shown: (layers) => layers.some(hasOthers) },
  { head: "energy full", value: ({ energyFull }) => formatNumber(energyFull) },
  { head: "half", value: ({ energyHalf }) => formatNumber(energyHalf) },
  { head: "projected", value: ({ projected }) => formatNumber(projected) },
  { head: "best", value: ({ best, bestIs }) => `${bestIs === "bound" ? "≥ " : ""}${formatNumber(best)}` },
  { head: "random", value: ({ random, randomSpread }) => `${formatNumber(random)} ± ${formatNumber(randomSpread)}` },
  { head: "|cos| mean", value: ({ meanCosine }) => formatNumber(meanCosine, 3) },
  { head: "max", value: (layer) => atLeast(layer, "maxCosine", formatNumber(layer.maxCosine, 3)) },
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
  { head: "eff. rank", value: ({ effectiveRank }) => formatNumber(effectiveRank, 1) },
];

export interface PrintOptions {
  /** With every note, and the tensors that were left out; for `table` and `md`. */
  readonly all?: boolean | undefined;
  /** With the cosines of the page's pictures, some ten thousand numbers for each layer; for `json`. */
  readonly heatMaps?: boolean | undefined;
}

/** People know their files by name; JSON and CSV have the whole path. */
const fileName = (path: string) => path.split(/[\\/]/).at(-1)!;

/** The audit as text, worst layer first. Writes nothing. */
export function printAudit(
  run: AuditRun,
  settings: AuditSettings,
  format: Format,
  { all = false, heatMaps = false }: PrintOptions = {},
): string {
  if (format === "json") return `${compactJson(jsonOf(run, settings, heatMaps))}\n`;
  if (format === "csv") return csvOf(run.layers);
  const files = new Set(run.layers.map(({ file }) => file)).size;
  const filled = columns.filter(({ shown }) => shown?.(run.layers) ?? true);
  const shown =
    files > 1
      ? [{ head: "file", value: (layer: LayerAudit) => printable(fileName(layer.file)), left: true }, ...filled]
      : filled;
  const cells = run.layers.map((layer) => shown.map(({ value }) => value(layer)));
  if (cells.length === 0)
    return `No layer was audited.\n${remarksOf(run, all || run.failed.length === 0).join("\n")}\n`;
  const text = format === "md" ? markdown(shown, cells) : terminal(shown, cells);
  return `${text}\n${notesOf(run, settings, all)}`;
}

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
  const line = (row: readonly string[]) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    line(shown.map(({ head }) => head)),
    `|${shown.map(({ left }) => (left ? "---" : "---:")).join("|")}|`,
    ...cells.map(line),
  ].join("\n");
}

function notesOf(run: AuditRun, { spec }: AuditSettings, all: boolean): string {
  const potential =
    spec.potential.kind === "riesz" ? `${spec.potential.distance} distance, s = ${spec.potential.s}` : "gaussian";
  const lines = [
    `Score of the ${spec.space}-space energy (${potential}): 0 best possible, 1 uniformly random (± one standard deviation), above 1 redundant. ≥: a proven bound.`,
  ];
  if (run.layers.some(hasOthers)) {
    lines.push(
      "The score is that of the living neurons; dead and faint ones are counted beside, and with dead has them in it.",
    );
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
  return `${[...lines, ...remarksOf(run, all)].join("\n")}\n`;
}

/** What isn't in the table. */
function remarksOf(run: AuditRun, all: boolean): readonly string[] {
  const lines: string[] = [];
  for (const { layer, problem } of run.failed) {
    lines.push(`Not audited: ${layer === null ? "" : `${printable(layer)}: `}${printable(problem)}`);
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

function jsonOf(run: AuditRun, { spec, projected, seed }: AuditSettings, heatMaps: boolean) {
  const { interrupted, milliseconds, readMilliseconds, failed, skipped } = run;
  const layers = heatMaps ? run.layers : run.layers.map(({ heatMap: _, ...layer }) => layer);
  const projection = projected?.projection ?? null;
  return { version: 1, spec, projection, seed, interrupted, milliseconds, readMilliseconds, layers, failed, skipped };
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
  ] as const;
  const last = ["lowerBounds", "method", "note"] as const;
  const nearest = ({ nearest: pairs }: LayerAudit) =>
    pairs.map(({ a, b, cosine }) => `${a}~${b}:${cosine.toFixed(4)}`).join(" ");
  const rows = layers.map((layer) => {
    const [low = null, high = null] = layer.interval ?? [];
    return csvLine([...keys.map((key) => layer[key]), low, high, ...last.map((key) => layer[key]), nearest(layer)]);
  });
  return `${[csvLine([...keys, "intervalLow", "intervalHigh", ...last, "nearest"]), ...rows].join("\n")}\n`;
}
