/** Test error per arm, and what of it is left once the seeds' own differences are taken out. */
import * as Plot from "@observablehq/plot";
import { formatFixed, formatSigned } from "../format.js";
import type { ArmSummary } from "../statistics/summarize.js";
import { seriesColor } from "./palette.js";
import { type Figure, renderFigure } from "./plot-to-svg.js";

interface Row {
  readonly label: string;
  readonly color: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const LABEL_MARGIN = 220;

export function errorFigure(summaries: readonly ArmSummary[]): Figure {
  const rows = summaries.map(
    ({ arm, testError }, index): Row => ({ label: arm.label, color: seriesColor(index), ...ends(testError) }),
  );
  const seeds = summaries.flatMap(({ arm, testErrors }) => testErrors.map((error) => ({ label: arm.label, error })));
  const values = rows.map(({ label, mean }) => `${label} ${formatFixed(mean)}`).join("; ");
  return renderFigure(
    `Mean test error in percent by arm: ${values}.`,
    "Mean test error with its 95 % interval; every small dot is a seed. Seeds differ in their training images, so these intervals overlap more than the paired ones below.",
    {
      ...layout(rows),
      x: { label: "test error %", grid: true, nice: true, labelAnchor: "right" },
      marks: [
        Plot.dot(seeds, { x: "error", y: "label", r: 2, dy: 9, fill: "currentColor", fillOpacity: 0.45 }),
        ...intervalMarks(rows),
      ],
    },
  );
}

/** Without a baseline there is nothing to draw. */
export function differenceFigure(summaries: readonly ArmSummary[], baseline: string): Figure | undefined {
  const rows = summaries.flatMap(({ arm, difference }, index): Row[] =>
    difference === null ? [] : [{ label: arm.label, color: seriesColor(index), ...ends(difference) }],
  );
  if (rows.length === 0) return undefined;
  const values = rows.map(({ label, mean }) => `${label} ${formatSigned(mean)}`).join("; ");
  return renderFigure(
    `Mean paired difference of test error from ${baseline}, in percentage points: ${values}.`,
    `Difference of test error from “${baseline}”, paired seed by seed, with its 95 % interval. Left of zero is better; an interval across zero shows nothing either way.`,
    {
      ...layout(rows),
      x: { label: "difference in points", grid: true, nice: true, labelAnchor: "right" },
      marks: [Plot.ruleX([0], { stroke: "currentColor", strokeWidth: 1.5 }), ...intervalMarks(rows)],
    },
  );
}

function layout(rows: readonly Row[]): Plot.PlotOptions {
  return {
    width: 1000,
    height: 70 + 34 * rows.length,
    marginLeft: LABEL_MARGIN,
    marginRight: 90,
    marginBottom: 44,
    y: { label: null, domain: rows.map(({ label }) => label), tickSize: 0 },
  };
}

function intervalMarks(rows: readonly Row[]): Plot.Markish[] {
  return [
    Plot.ruleY(rows, { y: "label", x1: "low", x2: "high", stroke: "color", strokeWidth: 3, strokeLinecap: "round" }),
    Plot.dot(rows, { x: "mean", y: "label", r: 5.5, fill: "color" }),
    Plot.text(rows, {
      x: "high",
      y: "label",
      text: ({ mean }: Row) => formatFixed(mean),
      textAnchor: "start",
      dx: 10,
      fill: "currentColor",
      stroke: "var(--page)",
      strokeWidth: 4,
    }),
  ];
}

function ends({ mean, low, high }: { mean: number; low: number | null; high: number | null }) {
  return { mean, low: low ?? mean, high: high ?? mean };
}
