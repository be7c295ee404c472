/** `comhe compare`: two models, layer by layer. */
import type { Comparison, LayerAudit, MatchedLayer } from "@comhe/audit";
import { compactJson, csvLine, formatNumber, judgedScore, printable } from "@comhe/audit/text";
import { EnergyError } from "@comhe/core/layouts";
import Table from "cli-table3";
import { runAudit, writePage } from "./audit-command.js";
import type { SharedFlags } from "./audit-options.js";
import { ExitCode } from "./exit-code.js";
import { printResult } from "./write-result.js";

export async function compareCommand(before: string, after: string, flags: SharedFlags): Promise<number> {
  const run = await runAudit([before, after], flags);
  const unreadable = run.failed.filter(({ layer }) => layer === null);
  if (unreadable.length > 0) throw new EnergyError("invalid-file", unreadable.map(({ problem }) => problem).join("\n"));
  // The same path may stand on both sides.
  const first = run.layers.filter(({ file }) => file === before);
  const second = before === after ? first : run.layers.filter(({ file }) => file === after);
  const { compareModels } = await import("@comhe/audit");
  const comparison = compareModels({ layers: first }, { layers: second });
  printResult(print(comparison, flags.format));
  if (flags.html !== undefined) {
    const { comparePage } = await import("@comhe/audit/pages");
    writePage(flags.html, comparePage(comparison, before, after, run.settings));
  }
  for (const { layer, problem } of run.failed)
    process.stderr.write(`Not audited: ${printable(layer!)}: ${printable(problem)}\n`);
  if (run.interrupted) return ExitCode.interrupted;
  return run.failed.length > 0 ? ExitCode.input : ExitCode.ok;
}

const head = [
  "layer",
  "N×d",
  "score before",
  "after",
  "change",
  "energy before",
  "after",
  "dup. before",
  "after",
  "matched by",
];

function print(matching: Comparison, format: SharedFlags["format"]): string {
  if (format === "json") return `${compactJson(withoutHeatMaps(matching))}\n`;
  if (format === "csv") return csvOf(matching);
  const rows = matching.matched.map(({ before, after, by }) => {
    const change = changeOf({ before, after });
    return [
      printable(before.layer),
      `${before.count}×${before.dim}`,
      formatNumber(judgedScore(before), 2),
      formatNumber(judgedScore(after), 2),
      change === null ? "–" : `${change > 0 ? "+" : ""}${formatNumber(change, 2)}`,
      formatNumber(before.energyHalf),
      formatNumber(after.energyHalf),
      String(before.duplicates),
      String(after.duplicates),
      by,
    ];
  });
  const others = [
    ...matching.onlyBefore.map(({ layer }) => `Only before: ${printable(layer)}`),
    ...matching.onlyAfter.map(({ layer }) => `Only after: ${printable(layer)}`),
  ];
  if (format === "md") {
    const line = (row: readonly string[]) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    return `${[line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line), "", ...matching.lines, ...others].join("\n")}\n`;
  }
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  return `${[...matching.lines, table.toString(), ...others].join("\n")}\n`;
}

function changeOf({ before, after }: Pick<MatchedLayer, "before" | "after">): number | null {
  const [from, to] = [judgedScore(before), judgedScore(after)];
  return from === null || to === null ? null : to - from;
}

function withoutHeatMaps({ version, lines, matched, onlyBefore, onlyAfter }: Comparison) {
  const bare = ({ heatMap: _, ...layer }: LayerAudit) => layer;
  return {
    version,
    lines,
    matched: matched.map(({ before, after, by }) => ({ before: bare(before), after: bare(after), by })),
    onlyBefore: onlyBefore.map(bare),
    onlyAfter: onlyAfter.map(bare),
  };
}

/** For programs: numbers in full, layers of one model alone included. */
function csvOf({ matched, onlyBefore, onlyAfter }: Comparison): string {
  const keys = ["score", "energyFull", "energyHalf", "duplicates", "dead", "faint", "effectiveRank"] as const;
  const valuesOf = (layer: LayerAudit | undefined) =>
    keys.map((key) => (layer === undefined ? null : key === "score" ? judgedScore(layer) : layer[key]));
  const line = (by: string, before: LayerAudit | undefined, after: LayerAudit | undefined) => {
    const one = (before ?? after)!;
    return csvLine([
      ...[before?.layer ?? null, after?.layer ?? null, one.count, one.dim, by],
      ...valuesOf(before),
      ...valuesOf(after),
    ]);
  };
  const heads = (when: string) => keys.map((key) => `${when} ${key}`);
  return [
    csvLine(["before", "after", "count", "dim", "matched by", ...heads("before"), ...heads("after")]),
    ...matched.map(({ before, after, by }) => line(by, before, after)),
    ...onlyBefore.map((layer) => line("none", layer, undefined)),
    ...onlyAfter.map((layer) => line("none", undefined, layer)),
    "",
  ].join("\n");
}
