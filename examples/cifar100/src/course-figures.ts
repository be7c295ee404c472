/** Curves over the steps: loss on the batches, test accuracy, and the weighted energy as the network was trained with it. */
import { type Figure, formatFixed, renderFigure, seriesColor, spanOf } from "@comhe-examples/study-kit";
import * as Plot from "@observablehq/plot";
import type { RunResult } from "./result-schema.js";

interface Point {
  readonly run: string;
  readonly color: string;
  readonly step: number;
  readonly value: number;
}

/** @param order of the configs, which gives them their colours */
export function courseFigures(results: readonly RunResult[], order: readonly string[]): Figure[] {
  const points = (values: (result: RunResult) => readonly { step: number; value: number }[]): Point[] =>
    results.flatMap((result) =>
      values(result).map((point) => ({
        ...point,
        run: `${result.config.name}, seed ${result.settings.seed}`,
        color: seriesColor(order.indexOf(result.config.name)),
      })),
    );
  const figures = [
    curve(
      "test accuracy in percent",
      "Share of the test images that is classified right.",
      1,
      points(({ tests }) => tests.map(({ step, accuracy }) => ({ step, value: 100 * accuracy }))),
    ),
    curve(
      "cross-entropy",
      "Cross-entropy of the batch with smoothed labels, without penalties.",
      2,
      points(({ log }) => log.map(({ step, fit }) => ({ step, value: fit }))),
    ),
    curve(
      "weighted energy",
      "Weighted energies of the hidden layers, as trained with; `thom` in the authors' logs.",
      4,
      points(({ config, log }) =>
        config.role === "energy" ? log.map(({ step, hidden }) => ({ step, value: hidden })) : [],
      ),
    ),
  ];
  return figures.filter((figure) => figure !== undefined);
}

function curve(label: string, caption: string, digits: number, points: readonly Point[]): Figure | undefined {
  if (points.length === 0) return undefined;
  const last = points[points.length - 1]!;
  return renderFigure(
    `${label} by step; ${formatFixed(last.value, digits)} at step ${last.step} of ${last.run}.`,
    caption,
    {
      width: 1000,
      height: 300,
      marginLeft: 70,
      marginBottom: 44,
      x: { label: "step", labelAnchor: "right", domain: spanOf(points.map(({ step }) => step)) },
      y: { label, domain: spanOf(points.map(({ value }) => value)), grid: true, nice: true, zero: false },
      marks: [
        Plot.line(points, { x: "step", y: "value", z: "run", stroke: "color", strokeWidth: 1.6 }),
        Plot.dot(points.length < 60 ? points : [], { x: "step", y: "value", r: 2.5, fill: "color" }),
      ],
    },
  );
}
