/** Angles between the neurons of one layer before and after training, against those of uniformly random directions. */
import * as Plot from "@observablehq/plot";
import { formatExponent } from "../format.js";
import type { ArmSummary, LayerSummary } from "../statistics/summarize.js";
import { uniformAngleDensity } from "../statistics/uniform-angles.js";
import { seriesColor } from "./palette.js";
import { type Figure, renderFigure } from "./plot-to-svg.js";

const STAGES = ["before training", "after training"] as const;
/** Degrees on each side of the outermost angles. */
const MARGIN = 4;
/** Nearly orthogonal neurons make spikes beside which everything else would vanish: bars end at so many uniform peaks. */
const TALLEST = 4;

export function angleFigure(summaries: readonly ArmSummary[], layerIndex: number): Figure {
  const layer = summaries[0]!.layers[layerIndex]!;
  const bars = summaries.flatMap(({ arm, layers }, index) =>
    STAGES.flatMap((stage) =>
      densities(histogram(layers[layerIndex]!, stage)).map((bar) => ({
        ...bar,
        arm: arm.label,
        stage,
        color: seriesColor(index),
      })),
    ),
  );
  const shown = bars.filter(({ density }) => density > 0);
  const peak = uniformAngleDensity(Math.PI / 2, layer.dim) * (Math.PI / 180);
  const cut = shown.some(({ density }) => density > TALLEST * peak);
  const low = Math.max(0, Math.min(...shown.map(({ from }) => from)) - MARGIN);
  const high = Math.min(180, Math.max(...shown.map(({ to }) => to)) + MARGIN);
  // One curve per panel: facets by arm and stage.
  const curve = summaries.flatMap(({ arm }) =>
    STAGES.flatMap((stage) => uniformCurve(layer.dim, low, high).map((point) => ({ ...point, arm: arm.label, stage }))),
  );
  const spread = summaries
    .map(
      ({ arm, layers }) =>
        `${arm.label} ${STAGES.map((stage) => `${standardDeviation(histogram(layers[layerIndex]!, stage)).toFixed(1)}°`).join(" to ")}`,
    )
    .join("; ");
  return renderFigure(
    `Histograms of the angles between the neurons of ${layer.name}. Their standard deviation about 90°, before to after training: ${spread}.`,
    `Angles between pairs of neurons of ${layer.name}, all seeds together. Line: uniformly random directions in ${layer.dim} dimensions, p(θ) ∝ sin${formatExponent(layer.dim - 2)} θ. Neurons that repeat each other lie far from 90°.${cut ? ` Bars are cut at ${TALLEST} times the line's peak.` : ""}`,
    {
      width: 1100,
      height: 70 + 92 * summaries.length,
      marginLeft: 20,
      marginRight: 210,
      marginBottom: 44,
      fx: { label: null, domain: [...STAGES], padding: 0.06 },
      fy: { label: null, axis: "right", domain: summaries.map(({ arm }) => arm.label), padding: 0.2 },
      x: { label: "angle in degrees", domain: [low, high], labelAnchor: "right" },
      y: { axis: null, clamp: true, ...(cut ? { domain: [0, TALLEST * peak] } : {}) },
      marks: [
        Plot.rectY(shown, {
          fx: "stage",
          fy: "arm",
          x1: "from",
          x2: "to",
          y: "density",
          fill: "color",
          fillOpacity: 0.75,
          inset: 0,
        }),
        Plot.line(curve, {
          fx: "stage",
          fy: "arm",
          x: "angle",
          y: "density",
          stroke: "currentColor",
          strokeWidth: 1.4,
        }),
        Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.4 }),
      ],
    },
  );
}

type Stage = (typeof STAGES)[number];

function histogram({ anglesBefore, anglesAfter }: LayerSummary, stage: Stage): readonly number[] {
  return stage === "before training" ? anglesBefore : anglesAfter;
}

/** Bars per degree that enclose an area of 1. */
function densities(counts: readonly number[]): { from: number; to: number; density: number }[] {
  const width = 180 / counts.length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count, bin) => ({ from: bin * width, to: (bin + 1) * width, density: count / total / width }));
}

function uniformCurve(dim: number, low: number, high: number): { angle: number; density: number }[] {
  const steps = 120;
  return Array.from({ length: steps + 1 }, (_, step) => {
    const angle = low + ((high - low) * step) / steps;
    return { angle, density: (uniformAngleDensity((angle * Math.PI) / 180, dim) * Math.PI) / 180 };
  });
}

function standardDeviation(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const width = 180 / counts.length;
  const squares = counts.reduce((sum, count, bin) => sum + count * ((bin + 0.5) * width - 90) ** 2, 0);
  return Math.sqrt(squares / total);
}
