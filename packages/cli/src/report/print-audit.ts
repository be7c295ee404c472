/** An audit as a terminal's table, Markdown, CSV or JSON. */
import Table from "cli-table3";
import type { AuditRun } from "../audit/audit-files.js";
import type { AuditSettings } from "../audit/audit-layer.js";
import type { LayerAudit } from "../audit/layer-audit.js";
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

/** What people read. CSV and JSON hold everything. */
const columns: readonly Column[] = [
  { head: "layer", value: ({ layer }) => printable(layer), left: true },
  { head: "kind", value: ({ kind }) => printable(kind), left: true },
  { head: "N×d", value: ({ count, dim }) => `${count}×${dim}` },
  {
    head: "score",
    value: ({ score, scoreSpread }) => `${formatNumber(score, 2)} (1 ± ${formatNumber(scoreSpread, 2)})`,
  },
  { head: "energy full", value: ({ energyFull }) => formatNumber(energyFull) },
  { head: "half", value: ({ energyHalf }) => formatNumber(energyHalf) },
  { head: "projected", value: ({ projected }) => formatNumber(projected) },
  { head: "best", value: ({ best, bestIs }) => `${bestIs === "bound" ? "≥ " : ""}${formatNumber(best)}` },
  { head: "random", value: ({ random, randomSpread }) => `${formatNumber(random)} ± ${formatNumber(randomSpread)}` },
  { head: "|cos| mean", value: ({ meanCosine }) => formatNumber(meanCosine, 3) },
  { head: "max", value: ({ maxCosine }) => formatNumber(maxCosine, 3) },
  { head: "nearest pair", value: ({ nearest: [pair] }) => (pair ? `${pair.a} ~ ${pair.b}` : "–") },
  { head: "dead", value: ({ dead }) => String(dead) },
  {
    head: "score w/o dead",
    value: ({ livingScore }) => formatNumber(livingScore, 2),
    shown: (layers) => layers.some(({ livingScore }) => livingScore !== null),
  },
  { head: "dup.", value: ({ duplicates }) => String(duplicates) },
  { head: "eff. rank", value: ({ effectiveRank }) => formatNumber(effectiveRank, 1) },
];

/** People know their files by name; JSON and CSV have the whole path. */
const fileName = (path: string) => path.split(/[\\/]/).at(-1)!;

/**
 * The audit as text, worst layer first. Writes nothing.
 *
 * @param all with every note, and the tensors that were left out; for `table` and `md`
 */
export function printAudit(run: AuditRun, settings: AuditSettings, format: Format, all: boolean): string {
  if (format === "json") return `${JSON.stringify(jsonOf(run, settings), null, 2)}\n`;
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
  for (const { layer, problem } of run.failed) lines.push(`Not audited: ${printable(layer)}: ${printable(problem)}`);
  if (run.skipped.length > 0) {
    const left =
      run.skipped.length === 1 ? "1 tensor without neurons was" : `${run.skipped.length} tensors without neurons were`;
    lines.push(`${left} left out${all ? ":" : " (--all lists them)."}`);
    if (all) for (const { name, reason } of run.skipped) lines.push(`  ${printable(name)}: ${printable(reason)}`);
  }
  if (run.interrupted) lines.push("Interrupted: these are the layers that were done.");
  return lines;
}

function jsonOf(run: AuditRun, { spec, projected, seed }: AuditSettings) {
  const { interrupted, milliseconds, readMilliseconds, layers, failed, skipped } = run;
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
    "livingScore",
    "duplicates",
    "effectiveRank",
    "method",
    "note",
  ] as const;
  const cell = (value: unknown) => {
    const text = value === null ? "" : String(value);
    // Spreadsheets run what begins like a formula.
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const nearest = ({ nearest: pairs }: LayerAudit) =>
    pairs.map(({ a, b, cosine }) => `${a}~${b}:${cosine.toFixed(4)}`).join(" ");
  const rows = layers.map((layer) => [...keys.map((key) => cell(layer[key])), cell(nearest(layer))].join(","));
  return `${[[...keys, "nearest"].join(","), ...rows].join("\n")}\n`;
}
