/** The pictures: embeddings before and after, error and energy over training, and the arms' errors with intervals. */

import { type ArmInfo, type Figure, formatFixed, renderFigure, seriesColor } from "@comhe-examples/study-kit";
import * as Plot from "@observablehq/plot";
import type { Summary } from "./summary.js";

/** One for each digit. */
const digitColors = Array.from({ length: 10 }, (_, digit) => seriesColor(digit));

interface Panel {
  readonly label: string;
  /** Three coordinates each, in thousandths. */
  readonly points: readonly number[];
}

/**
 * Where the test images lie on the sphere, before training and after it in each arm, in the three dimensions that hold most of their spread.
 *
 * @param labels of the points, in order
 */
export function embeddingFigure(summaries: readonly Summary[], labels: Uint8Array, columns = 5): Figure | undefined {
  const pictured = summaries.filter(({ runs }) => runs[0]?.pictures);
  const first = pictured[0]?.runs[0]?.pictures;
  if (!first) return undefined;
  const panels: Panel[] = [
    { label: "before training", points: first.before },
    ...pictured.map(({ arm, runs }) => ({ label: arm.label, points: runs[0]!.pictures!.after })),
  ];
  const place = (n: number) => ({ fx: n % columns, fy: Math.floor(n / columns) });
  const dots = panels
    .flatMap(({ points }, n) =>
      Array.from({ length: points.length / 3 }, (_, i) => ({ ...place(n), ...seen(points, i), digit: labels[i]! })),
    )
    // What is behind is drawn first.
    .sort((a, b) => a.depth - b.depth);
  const rims = panels.flatMap((_, n) =>
    Array.from({ length: 73 }, (_, i) => ({
      ...place(n),
      x: Math.cos((i * Math.PI) / 36),
      y: Math.sin((i * Math.PI) / 36),
    })),
  );
  return renderFigure(
    `Embeddings of the test digits on the unit sphere, coloured by digit, before training and after it: ${panels.map(({ label }) => label).join("; ")}.`,
    "Embeddings of the 797 test images on the unit sphere, first seed, seen in the three dimensions that hold most of their spread; what is behind is faint. A colour for each digit, which the encoder never saw.",
    {
      width: 220 * Math.min(columns, panels.length) + 20,
      height: 228 * Math.ceil(panels.length / columns) + 20,
      margin: 10,
      marginTop: 22,
      fx: { axis: null, padding: 0.06 },
      fy: { axis: null, padding: 0.12 },
      x: { axis: null, domain: [-1.05, 1.05] },
      y: { axis: null, domain: [-1.05, 1.05] },
      color: { domain: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], range: digitColors, legend: false },
      marks: [
        Plot.line(rims, { fx: "fx", fy: "fy", x: "x", y: "y", z: null, stroke: "currentColor", strokeOpacity: 0.25 }),
        Plot.dot(dots, {
          fx: "fx",
          fy: "fy",
          x: "x",
          y: "y",
          r: 1.6,
          fill: "digit",
          fillOpacity: (d: { depth: number }) => 0.35 + 0.3 * (1 + d.depth),
        }),
        Plot.text(
          panels.map(({ label }, n) => ({ ...place(n), label })),
          { fx: "fx", fy: "fy", text: "label", frameAnchor: "top", dy: -8, fontWeight: 600, fill: "currentColor" },
        ),
      ],
    },
  );
}

/** Seen a little from above and from the side. */
function seen(points: readonly number[], i: number): { x: number; y: number; depth: number } {
  const [a, b, c] = [0, 1, 2].map((k) => points[3 * i + k]! / 1000) as [number, number, number];
  const [turn, tilt] = [0.6, 0.4];
  const [x, z] = [Math.cos(turn) * a + Math.sin(turn) * c, Math.cos(turn) * c - Math.sin(turn) * a];
  return { x, y: Math.cos(tilt) * b - Math.sin(tilt) * z, depth: Math.cos(tilt) * z + Math.sin(tilt) * b };
}

interface CourseOptions {
  readonly width?: number;
  readonly height?: number;
  /** Whether a collapse may leave the picture at the top, so that the others can be told apart. */
  readonly isClipped?: boolean;
}

/** The probe's test error, or the logarithmic energy, at each checkpoint. */
export function courseFigure(
  summaries: readonly Pick<Summary, "arm" | "course">[],
  what: "testError" | "energy",
  random: number,
  { width = 720, height = 320, isClipped = false }: CourseOptions = {},
): Figure {
  const rows = summaries.flatMap(({ arm, course }, n) =>
    course.map((at) => ({ arm: arm.name, color: seriesColor(n), step: at.step, value: at[what] })),
  );
  const isError = what === "testError";
  const ends = summaries.map(
    ({ arm, course }) => `${arm.label} ${formatFixed(course[course.length - 1]?.[what] ?? Number.NaN)}`,
  );
  const least = Math.min(random, ...rows.map(({ value }) => value));
  const top = Math.max(...summaries.filter(isSpread).flatMap(({ course }) => course.map((at) => at[what])));
  return renderFigure(
    `${isError ? "Test error of the linear probe, %" : "Mean −log r of the test embeddings"} over training steps. At the end: ${ends.join("; ")}.`,
    isError
      ? "Test error of the linear probe over training, mean over seeds."
      : "Mean −log r over pairs of test embeddings, mean over seeds: lower is more spread. Dotted: uniformly random directions. A collapse lies at the top.",
    {
      width,
      height,
      marginLeft: 55,
      marginBottom: 42,
      x: { label: "step", labelAnchor: "center", nice: true },
      y: {
        label: isError ? "test error, %" : "mean −log r: lower is more spread",
        grid: true,
        nice: true,
        zero: isError,
        ...(isClipped && !isError ? { domain: [least - 0.02, top + 0.02] } : {}),
      },
      marks: [
        ...(isError ? [] : [Plot.ruleY([random], { stroke: "currentColor", strokeDasharray: "1,4" })]),
        Plot.line(rows, { x: "step", y: "value", z: "arm", stroke: "color", strokeWidth: 1.8, clip: isClipped }),
      ],
    },
  );
}

/** What ends in one point ends far above where it began. */
function isSpread({ course }: Pick<Summary, "course">): boolean {
  return course[course.length - 1]!.energy < course[0]!.energy + 1;
}

/** Each arm's mean and interval, and its seeds. */
export function errorFigure(summaries: readonly Summary[]): Figure {
  const rows = summaries.map(({ arm, testError }) => ({ arm: arm.label, ...testError }));
  const seeds = summaries.flatMap(({ arm, testErrors }) => testErrors.map((value) => ({ arm: arm.label, value })));
  const colorOf = ({ arm }: { arm: string }) =>
    seriesColor(summaries.findIndex((each: Summary<ArmInfo>) => each.arm.label === arm));
  return renderFigure(
    `Test error of the linear probe: ${rows.map((row) => `${row.arm} ${formatFixed(row.mean)} %`).join("; ")}.`,
    "Test error of the linear probe on five labels a class: mean with 95 % interval, and each seed.",
    {
      width: 720,
      height: 60 + 30 * rows.length,
      marginLeft: 190,
      x: { label: "test error, %", grid: true, nice: true },
      y: { label: null, domain: rows.map(({ arm }) => arm) },
      marks: [
        Plot.dot(seeds, { x: "value", y: "arm", r: 2.5, stroke: colorOf, strokeOpacity: 0.5 }),
        Plot.link(
          rows.filter(({ low }) => low !== null),
          { x1: "low", x2: "high", y: "arm", stroke: colorOf, strokeWidth: 2 },
        ),
        Plot.dot(rows, { x: "mean", y: "arm", r: 4.5, fill: colorOf }),
      ],
    },
  );
}
