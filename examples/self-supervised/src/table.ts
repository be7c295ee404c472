/** The study as rows, for the terminal, the report and the README. */
import { formatFixed, formatP, formatSigned } from "@comhe-examples/study-kit";
import type { Summary } from "./summary.js";

const NONE = "–";

export const COLUMNS = [
  "arm",
  "weight",
  "test error %",
  "± s.e.",
  "vs MHE, s = 2",
  "95 % interval",
  "p",
  "wins/ties/losses",
  "mean −log r",
] as const;

/** Of a run that one has just made: other machines have others. */
export const SECONDS = "s per run";

type Row = Pick<
  Summary<Summary["arm"] & { weight?: number; spreading?: unknown }>,
  "arm" | "testError" | "difference" | "course" | "diverged"
>;

/** One arm's row. Test errors in percent, differences in points. */
export function rowOf({ arm, testError, difference, course, diverged }: Row): string[] {
  const hasInterval = difference?.low != null && difference.high != null;
  return [
    diverged > 0 ? `${arm.label} (${diverged} diverged)` : arm.label,
    arm.spreading ? String(arm.weight) : NONE,
    formatFixed(testError.mean),
    testError.standardError === null ? NONE : formatFixed(testError.standardError),
    difference === null ? NONE : formatSigned(difference.mean),
    hasInterval ? `${formatSigned(difference.low!)} to ${formatSigned(difference.high!)}` : NONE,
    difference?.p == null ? NONE : formatP(difference.p),
    difference === null ? NONE : `${difference.wins}/${difference.ties}/${difference.losses}`,
    course.length === 0
      ? NONE
      : `${formatSigned(course[0]!.energy)} → ${formatSigned(course[course.length - 1]!.energy)}`,
  ];
}

export function secondsOf({ seconds }: Pick<Summary, "seconds">): string {
  return formatFixed(seconds, 1);
}
