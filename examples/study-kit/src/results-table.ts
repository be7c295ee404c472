/** The study as a table for the terminal. */
import Table from "cli-table3";
import { formatFixed, formatP, formatSigned } from "./format.js";
import type { ArmSummary } from "./statistics/summarize.js";

const NONE = "–";

/** The columns of {@link resultRow}; the report shows the same ones. */
export const RESULT_COLUMNS = [
  "arm",
  "test error %",
  "± s.e.",
  "vs baseline",
  "95 % interval",
  "p",
  "wins/ties/losses",
  "energy before → after",
  "s per run",
] as const;

/** One arm's row. Test errors in percent, differences in points. */
export function resultRow({
  arm,
  testError,
  difference,
  energyBefore,
  energyAfter,
  seconds,
  diverged,
}: ArmSummary): string[] {
  const interval =
    difference?.low == null || difference.high == null
      ? NONE
      : `${formatSigned(difference.low)} to ${formatSigned(difference.high)}`;
  return [
    diverged > 0 ? `${arm.label} (${diverged} diverged)` : arm.label,
    formatFixed(testError.mean),
    testError.standardError === null ? NONE : formatFixed(testError.standardError),
    difference === null ? NONE : formatSigned(difference.mean),
    interval,
    difference?.p == null ? NONE : formatP(difference.p),
    difference === null ? NONE : `${difference.wins}/${difference.ties}/${difference.losses}`,
    `${formatFixed(energyBefore, 4)} → ${formatFixed(energyAfter, 4)}`,
    formatFixed(seconds.mean, 1),
  ];
}

export function resultsTable(summaries: readonly ArmSummary[]): string {
  return renderTable(RESULT_COLUMNS, summaries.map(resultRow));
}

/** A plain table: the first column is text, the others numbers. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (column === 0 ? "left" : "right")),
    style: { head: process.stdout.isTTY ? ["bold"] : [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
