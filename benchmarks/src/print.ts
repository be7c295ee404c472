/** The tables of the terminal. */
import Table from "cli-table3";
import type { Ceilings } from "./ceilings.js";
import { milliseconds, percent } from "./format.js";
import type { Timing } from "./harness.js";
import type { CaseResult } from "./measure/case-result.js";

export function plainTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const colAligns = head.map((_, column) => (column === 0 ? ("left" as const) : ("right" as const)));
  // No rules between rows: the tables are long.
  const chars = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };
  const table = new Table({ head: [...head], colAligns, chars, style: { head: [], border: [] } });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

export function timingTable(timings: readonly Timing[], last: string, value: (timing: Timing) => string): string {
  return plainTable(
    ["", "median ms", "best ms", "spread ms", last],
    timings.map((timing) => {
      const { name, median, best, spread } = timing;
      return [name, milliseconds(median), milliseconds(best), milliseconds(spread), value(timing)];
    }),
  );
}

/** The processor's instructions, and what they and others' products reach. */
export function ceilingTable({ flags, rows }: Ceilings): string {
  const lines = rows.map(({ name, gflops, skipped }) => [name, gflops?.toFixed(0) ?? `– ${skipped}`]);
  return [`Instructions: ${flags.join(" ") || "not listed here"}`, plainTable(["", "GFLOP/s"], lines)].join("\n");
}

/** @param peak what shares are of, GFLOP/s */
export function caseTable({ candidates }: CaseResult, peak?: number): string {
  const timed = candidates.flatMap(({ name, timing, errors, gflops }) =>
    timing && errors && gflops !== undefined
      ? [
          [
            name,
            milliseconds(timing.median),
            milliseconds(timing.best),
            milliseconds(timing.spread),
            String(timing.calls),
            gflops.toFixed(1),
            percent(gflops, peak),
            `${timing.ratio.toFixed(2)}×`,
            errors.energy.toExponential(0),
            errors.gradient.toExponential(0),
          ],
        ]
      : [],
  );
  const head = [
    "",
    "median ms",
    "best",
    "spread",
    "calls",
    "GFLOP/s",
    "of peak",
    "to first",
    "energy err.",
    "gradient err.",
  ];
  const skipped = candidates.flatMap(({ name, skipped }) => (skipped ? [`  skipped: ${name}: ${skipped}`] : []));
  return [plainTable(head, timed), ...skipped].join("\n");
}

/** How many times slower each peer is than each of ours. */
export function ratioTable({ candidates }: CaseResult): string {
  const timed = candidates.filter(({ timing }) => timing);
  const ours = timed.filter((candidate) => candidate.ours);
  const peers = timed.filter((candidate) => !candidate.ours);
  if (ours.length === 0 || peers.length === 0) return "";
  return plainTable(
    ["peer's time ÷ ours", ...ours.map(({ id }) => id)],
    peers.map((peer) => [peer.name, ...ours.map((own) => `${(peer.timing!.median / own.timing!.median).toFixed(2)}×`)]),
  );
}
