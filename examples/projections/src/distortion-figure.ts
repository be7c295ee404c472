/** How far random projections are off, by k and C, and what theory expects. */
import { projectionDistortion } from "@comhe/core";
import { type Figure, renderFigure, seriesColor } from "@comhe-examples/study-kit";
import * as Plot from "@observablehq/plot";
import { clusteredNeurons, DIM } from "./neurons.js";
import { page } from "./page.js";

const dimensions = [6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192];
const counts = [1, 5, 20];
const degrees = 180 / Math.PI;

export interface DistortionNumbers {
  readonly dimension: number;
  readonly count: number;
  /** Mean absolute error of an angle, in degrees. */
  readonly error: number;
}

export function distortionFigure(): { readonly figure: Figure; readonly numbers: readonly DistortionNumbers[] } {
  const { data, count, dim } = clusteredNeurons();
  const projection = { kind: "random", dimension: 30, count: 20 } as const;
  const { byDimension } = projectionDistortion(
    { projection },
    { data, shape: [count, dim] },
    { dimensions, draws: 4, seed: 3 },
  );
  const numbers = byDimension.flatMap(({ dimension, byCount }) =>
    counts.map((c) => ({ dimension, count: c, error: degrees * byCount[c - 1]!.mean })),
  );
  const theory = byDimension.map(({ dimension, theory: known }) => ({
    dimension,
    error: degrees * known!.expectedMean,
  }));
  const color = ({ count: c }: DistortionNumbers) => seriesColor(counts.indexOf(c));
  const last = numbers.filter(({ dimension }) => dimension === dimensions.at(-1));
  const figure = renderFigure(
    `Mean error of an angle under random projections by k: at k = 32 ${numbers
      .filter(({ dimension }) => dimension === 32)
      .map(({ count: c, error }) => `${error.toFixed(1)}° with C = ${c}`)
      .join(", ")}.`,
    `Mean absolute error of an angle, in degrees, of 48 neurons in ℝ^${DIM} under gaussian projections to k dimensions, averaged over C of them. Dashed: what is expected of one to first order.`,
    {
      ...page,
      width: 860,
      height: 380,
      marginLeft: 56,
      marginRight: 80,
      marginBottom: 42,
      x: { type: "log", label: "k", ticks: dimensions, tickFormat: String, labelAnchor: "right" },
      y: {
        type: "log",
        label: "mean error, degrees",
        grid: true,
        ticks: [0.5, 1, 2, 5, 10, 20],
        tickFormat: String,
        domain: [0.5, 25],
      },
      marks: [
        Plot.line(theory, { x: "dimension", y: "error", stroke: "#1c1f24", strokeDasharray: "5,4" }),
        Plot.line(numbers, { x: "dimension", y: "error", z: "count", stroke: color, strokeWidth: 2 }),
        Plot.dot(numbers, { x: "dimension", y: "error", fill: color, r: 3 }),
        Plot.text(last, {
          x: "dimension",
          y: "error",
          text: ({ count: c }: DistortionNumbers) => `C = ${c}`,
          textAnchor: "start",
          dx: 9,
          fill: color,
          fontWeight: 600,
        }),
      ],
    },
  );
  return { figure, numbers };
}
