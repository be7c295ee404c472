/**
 * Sentences computed from the numbers. Each says what an interval allows and no more: an interval that includes zero is
 * "no difference shown", whatever the sign of its mean, and a neighbour that does better is named.
 */
import { formatFixed, formatList, formatP } from "../format.js";
import { type PairedDifference, pairedDifference } from "./mean-estimate.js";
import type { ArmSummary } from "./summarize.js";

export interface Conclusions {
  /** The whole study in a sentence or two. */
  readonly headline: string;
  /** One sentence per arm against the baseline. */
  readonly arms: readonly string[];
  /** How neighbours compare with the best energy arm. */
  readonly neighbours: readonly string[];
}

export function conclude(summaries: readonly ArmSummary[]): Conclusions {
  const baseline = summaries.find(({ arm }) => arm.role === "baseline");
  const best = lowest(summaries.filter(({ arm }) => arm.role === "energy"));
  const neighbours = best === undefined ? [] : compareNeighbours(summaries, best);
  return {
    headline: headline(baseline, best, neighbours),
    arms: summaries.flatMap((summary) =>
      baseline && summary.difference ? [againstBaseline(summary, summary.difference, baseline)] : [],
    ),
    neighbours: neighbours.map(({ sentence }) => sentence),
  };
}

/** Which way a difference goes, as far as its interval tells. */
type Verdict = "lower" | "higher" | "open";

function verdict({ low, high }: PairedDifference): Verdict {
  if (low === null || high === null) return "open";
  if (high < 0) return "lower";
  return low > 0 ? "higher" : "open";
}

function lowest(summaries: readonly ArmSummary[]): ArmSummary | undefined {
  return [...summaries].sort((a, b) => a.testError.mean - b.testError.mean)[0];
}

function againstBaseline(
  { arm, diverged, testErrors }: ArmSummary,
  difference: PairedDifference,
  baseline: ArmSummary,
): string {
  const note = diverged > 0 ? ` (${diverged} of its ${testErrors.length} runs diverged)` : "";
  return `${capitalize(arm.label)} ${effect(difference)} against ${baseline.arm.label}${note}.`;
}

/** `levels`: the errors themselves, where they are worth the room. */
function effect(difference: PairedDifference, levels = ""): string {
  if (difference.n < 2) return `differs by ${points(difference.mean)}${levels} on a single seed, which shows nothing`;
  const detail = `${interval(difference)}, p = ${formatP(difference.p ?? 1)}, better on ${difference.wins} of ${difference.n} seeds`;
  switch (verdict(difference)) {
    case "lower":
      return `lowers test error by ${points(-difference.mean)}${levels} (${detail})`;
    case "higher":
      return `raises test error by ${points(difference.mean)}${levels} (${detail})`;
    case "open":
      return `shows no effect on test error here: mean difference ${formatFixed(difference.mean)}${levels}, and its interval includes 0 (${detail})`;
  }
}

interface NeighbourComparison {
  readonly label: string;
  readonly verdict: Verdict;
  readonly sentence: string;
}

function compareNeighbours(summaries: readonly ArmSummary[], best: ArmSummary): NeighbourComparison[] {
  return summaries
    .filter(({ arm }) => arm.role === "neighbour")
    .map((neighbour) => {
      const difference = pairedDifference(neighbour.testErrors, best.testErrors);
      const against = `the best energy arm (${best.arm.label})`;
      const detail = difference.p === null ? "one seed" : `${interval(difference)}, p = ${formatP(difference.p)}`;
      const sentence = {
        lower: `does better than every energy arm: ${points(-difference.mean)} less test error than ${against}; ${detail}`,
        higher: `does worse than ${against}: ${points(difference.mean)} more test error; ${detail}`,
        open: `can't be told from ${against} by these seeds: mean difference ${formatFixed(difference.mean)}; ${detail}`,
      }[verdict(difference)];
      return {
        label: neighbour.arm.label,
        verdict: verdict(difference),
        sentence: `${capitalize(neighbour.arm.label)} ${sentence}.`,
      };
    });
}

function headline(
  baseline: ArmSummary | undefined,
  best: ArmSummary | undefined,
  neighbours: readonly NeighbourComparison[],
): string {
  if (best === undefined) return "No arm with hyperspherical energy was run.";
  if (baseline === undefined || best.difference === null) {
    return `${capitalize(best.arm.label)} reaches ${formatFixed(best.testError.mean)} % test error; no baseline was run to compare it with.`;
  }
  const levels = `, from ${formatFixed(baseline.testError.mean)} % to ${formatFixed(best.testError.mean)} %`;
  const first = `${capitalize(best.arm.label)}, the best energy arm, ${effect(best.difference, levels)}.`;
  const better = neighbours.filter((neighbour) => neighbour.verdict === "lower").map(({ label }) => label);
  if (better.length === 0) return first;
  return `${first} ${capitalize(formatList(better))} ${better.length === 1 ? "does" : "do"} better still.`;
}

function points(value: number): string {
  return `${formatFixed(value)} points`;
}

function interval({ low, high }: PairedDifference): string {
  return low === null || high === null ? "no interval" : `95 % interval ${formatFixed(low)} to ${formatFixed(high)}`;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
