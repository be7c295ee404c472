/** An audit as a terminal's table, Markdown, CSV or JSON. */

import type { AuditReport, LayerAudit } from "@comhe/audit";
import { compactJson, layerLabel, markdownTable, markdownText, printable, type RepeatedLayer } from "@comhe/audit/text";
import { auditColumns, type Column } from "./audit-columns.js";
import { auditCsv } from "./audit-csv.js";
import { fileName, fileNotes, notesOf, remarksOf, tableRows, verdictsOf } from "./audit-notes.js";
import { fitTable, terminalTable } from "./fit-table.js";

/** How an audit is printed: `table` and `md` are for people, with notes below; `json` and `csv` are for programs. */
export type Format = "table" | "json" | "csv" | "md";

/** Options of {@link printAudit}. */
export interface PrintOptions {
  /** Whether every note is printed, and the tensors that were left out; for `table` and `md`. Default false. */
  readonly all?: boolean | undefined;
  /** Whether all columns are printed, however wide the terminal is; for `table` and `md`. Default: true for `md`, false for `table`. */
  readonly wide?: boolean | undefined;
  /** How many characters a line of `table` may have, where not all columns are printed. Default 100. */
  readonly width?: number | undefined;
  /** Whether the cosines of the page's pictures are printed, some ten thousand numbers for each layer; for `json`. Default false. */
  readonly heatMaps?: boolean | undefined;
}

/** Returns an audit as text, worst layer first. It writes nothing. */
export function printAudit(
  run: AuditReport,
  format: Format,
  { all = false, heatMaps = false, wide = format === "md", width = 100 }: PrintOptions = {},
): string {
  if (format === "json") return `${compactJson(jsonOf(run, heatMaps))}\n`;
  if (format === "csv") return auditCsv(run.layers);
  if (run.layers.length === 0) {
    const lines = [...remarksOf(run, all || run.failed.length === 0), ...fileNotes(run)];
    return `No layer was audited.\n${lines.join("\n")}\n`;
  }
  const { rows } = tableRows(run.layers);
  const files = new Set(run.layers.map(({ file }) => file)).size;
  const filled = auditColumns.filter((column) => (wide || !column.wide) && (column.shown?.(run.layers) ?? true));
  const ofFile = { head: "file", value: (layer: LayerAudit) => printable(fileName(layer.file)), left: true };
  const columns = files > 1 ? [ofFile, ...filled] : filled;
  const whole = { columns, cells: cellsOf(columns, rows) };
  const fit = wide || format === "md" ? whole : fitTable(whole, dispensable, width);
  const notes = notesOf(run, fit.columns, all);
  // In Markdown the table comes first, for programs that find it there.
  return format === "md"
    ? `${markdownTable(fit.columns, fit.cells)}\n\n${[...verdictsOf(run), ...notes].map(markdownText).join("  \n")}\n`
    : `${[...verdictsOf(run), terminalTable(fit), ...notes].join("\n")}\n`;
}

/** What a narrow terminal does without, in this order. */
const dispensable = ["nearest pair", "|cos| max", "faint", "file"];

const cellsOf = (columns: readonly Column[], rows: readonly RepeatedLayer[]): string[][] =>
  rows.map(({ layer, repeats }) =>
    columns.map(({ head, value }) =>
      head === "layer" ? `${layerLabel(layer)}${repeats.length > 0 ? ` ×${repeats.length + 1}` : ""}` : value(layer),
    ),
  );

/** The report, with what programs read of version 1: the energy, its projection and the seed at the top. */
function jsonOf(run: AuditReport, heatMaps: boolean) {
  const { version, settings, interrupted, milliseconds, readMilliseconds, verdicts, depth, mixtures, skipped, notes } =
    run;
  const { spec, projected, seed } = settings;
  const bare = ({ heatMap: _, ...layer }: LayerAudit) => layer;
  const layers = heatMaps ? run.layers : run.layers.map(bare);
  const failed = heatMaps
    ? run.failed
    : run.failed.map(({ rest, ...layer }) => ({ ...layer, rest: rest && bare(rest) }));
  const projection = projected?.projection ?? null;
  return {
    ...{ version, settings, spec, projection, seed, interrupted, milliseconds, readMilliseconds },
    ...{ verdicts, depth, mixtures, layers, failed, skipped, notes },
  };
}
