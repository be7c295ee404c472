/** `comhe compare`: two models, layer by layer. */
import Table from "cli-table3";
import { type Matching, matchLayers } from "../audit/match-layers.js";
import { formatNumber, printable } from "../report/format-number.js";
import { runAudit, writePage } from "./audit-command.js";
import type { SharedFlags } from "./audit-options.js";
import { ExitCode } from "./exit-code.js";
import { printResult } from "./write-result.js";

export async function compareCommand(before: string, after: string, flags: SharedFlags): Promise<number> {
  const { run, settings } = await runAudit([before, after], flags);
  // The same path may stand on both sides.
  const first = run.layers.filter(({ file }) => file === before);
  const second = before === after ? first : run.layers.filter(({ file }) => file === after);
  const matching = matchLayers(first, second);
  printResult(print(matching, flags.format));
  if (flags.html !== undefined) {
    const { comparePage } = await import("../report/compare-page.js");
    writePage(flags.html, comparePage(matching, before, after, settings));
  }
  for (const { layer, problem } of run.failed)
    process.stderr.write(`Not audited: ${printable(layer)}: ${printable(problem)}\n`);
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

function print(matching: Matching, format: SharedFlags["format"]): string {
  if (format === "json") return `${JSON.stringify({ version: 1, ...matching }, null, 2)}\n`;
  const rows = matching.matched.map(({ before, after, by }) => {
    const change = before.score === null || after.score === null ? null : after.score - before.score;
    return [
      printable(before.layer),
      `${before.count}×${before.dim}`,
      formatNumber(before.score, 2),
      formatNumber(after.score, 2),
      change === null ? "–" : `${change > 0 ? "+" : ""}${formatNumber(change, 2)}`,
      formatNumber(before.energyHalf),
      formatNumber(after.energyHalf),
      String(before.duplicates),
      String(after.duplicates),
      by,
    ];
  });
  const none = rows.length === 0 ? ["No layer of one matches a layer of the other, by name or by shape."] : [];
  if (format === "csv")
    return `${[head, ...rows].map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")).join("\n")}\n`;
  const others = [
    ...none,
    ...matching.onlyBefore.map(({ layer }) => `Only before: ${printable(layer)}`),
    ...matching.onlyAfter.map(({ layer }) => `Only after: ${printable(layer)}`),
  ];
  if (format === "md") {
    const line = (row: readonly string[]) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    return `${[line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line), "", ...others].join("\n")}\n`;
  }
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  return `${[table.toString(), ...others].join("\n")}\n`;
}
