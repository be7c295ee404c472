/** The results in a paragraph. */
import { formatFixed, formatP, formatSigned } from "@comhe-examples/study-kit";
import type { Summary } from "./summary.js";

type Compared = Pick<Summary, "arm" | "testError" | "difference">;

/** What the intervals allow, and no more. */
export function headline(summaries: readonly Compared[]): string {
  const best = summaries.reduce((a, b) => (b.testError.mean < a.testError.mean ? b : a));
  const opening = `The least mean test error is that of ${best.arm.label}, ${formatFixed(best.testError.mean)} %.`;
  const others = summaries.filter(({ difference }) => difference?.low != null);
  if (others.length === 0) return opening;
  const worse = others.filter(({ difference }) => difference!.low! > 0);
  const better = others.filter(({ difference }) => difference!.high! < 0);
  const open = others.filter((each) => !worse.includes(each) && !better.includes(each));
  const list = (of: readonly Compared[]) =>
    of
      .map(({ arm, difference }) => `${arm.label} (${formatSigned(difference!.mean)}, p = ${formatP(difference!.p!)})`)
      .join(", ");
  return [
    opening,
    worse.length > 0 ? `Worse than MHE with s = 2: ${list(worse)}.` : "",
    better.length > 0 ? `Better: ${list(better)}.` : "",
    open.length > 0 ? `Not told apart from it by these seeds: ${open.map(({ arm }) => arm.label).join(", ")}.` : "",
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}
