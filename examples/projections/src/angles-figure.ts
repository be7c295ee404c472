/** Every pair's angle before and after each projection. */
import type { ProjectionInput } from "@comhe/core";
import { type Figure, renderFigure, seriesColor } from "@comhe-examples/study-kit";
import * as Plot from "@observablehq/plot";
import { angles, clusteredNeurons, DIM, projectedRows } from "./neurons.js";
import { page } from "./page.js";

interface Shown {
  readonly name: string;
  readonly projection: ProjectionInput;
  readonly steps?: number;
  /** Each pair's angle averaged over the matrices, not that of the first one. */
  readonly average?: boolean;
}

const random = { kind: "random", dimension: 30, count: 1 } as const;
const learned = { dimension: 30, count: 1 } as const;

const shown: readonly Shown[] = [
  { name: "random gaussian", projection: random },
  { name: "gaussian, mean of 20", projection: { ...random, count: 20 }, average: true },
  { name: "random orthogonal", projection: { ...random, distribution: "orthogonal" } },
  { name: "random rademacher", projection: { ...random, distribution: "rademacher" } },
  { name: "random sparse", projection: { ...random, distribution: "sparse" } },
  { name: "random hadamard", projection: { ...random, distribution: "hadamard" } },
  { name: "random count-sketch", projection: { ...random, distribution: "count-sketch" } },
  {
    name: "angle-preserving, 400 steps",
    projection: { kind: "angle-preserving", ...learned, steps: 20, learningRate: 300 },
    steps: 20,
  },
  {
    name: "adversarial, 200 steps",
    projection: { kind: "adversarial", ...learned, steps: 10, learningRate: 0.3 },
    steps: 20,
  },
  { name: "group, one of 6", projection: { kind: "group", groups: 6 } },
  { name: "bilateral, right side", projection: { kind: "bilateral", rank: 30 } },
  { name: "pca", projection: { kind: "pca", dimension: 30 } },
];

/** A third of the dots shows as much. */
const isDrawn = (_: unknown, pair: number) => pair % 3 === 0;

export interface AngleNumbers {
  readonly name: string;
  /** Root mean square of the error, and mean of angle after − angle before, in degrees. */
  readonly rms: number;
  readonly bias: number;
  readonly smallestBefore: number;
  readonly smallestAfter: number;
}

export async function anglesFigure(): Promise<{ readonly figure: Figure; readonly numbers: readonly AngleNumbers[] }> {
  const neurons = clusteredNeurons();
  const before = angles(neurons);
  const columns = 4;
  const numbers: AngleNumbers[] = [];
  const points: { fx: number; fy: number; before: number; after: number }[] = [];
  const panels: { fx: number; fy: number; text: string }[] = [];
  for (const [n, { name, projection, steps, average }] of shown.entries()) {
    const config = { space: "half", projection } as const;
    const sets = (await projectedRows(config, neurons, steps)).map(angles);
    const used = average ? sets : [sets[0]!];
    const after = before.map((_, pair) => used.reduce((sum, set) => sum + set[pair]!, 0) / used.length);
    const errors = after.map((angle, pair) => angle - before[pair]!);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const place = { fx: n % columns, fy: Math.floor(n / columns) };
    const rms = Math.sqrt(mean(errors.map((error) => error ** 2)));
    numbers.push({
      name,
      rms,
      bias: mean(errors),
      smallestBefore: Math.min(...before),
      smallestAfter: Math.min(...after),
    });
    points.push(...before.map((angle, pair) => ({ ...place, before: angle, after: after[pair]! })).filter(isDrawn));
    panels.push({ ...place, text: `${name}: ± ${rms.toFixed(1)}°` });
  }
  const figure = renderFigure(
    `Angles of all pairs before and after twelve projections. Root mean square of the error: ${numbers.map(({ name, rms }) => `${name} ${rms.toFixed(1)}°`).join("; ")}.`,
    `48 neurons in ℝ^${DIM}: angle of a pair before the projection (across) and after (up), in degrees; k = 30, groups of 32; every third pair is drawn, all count. On the line nothing has changed.`,
    {
      ...page,
      width: 1120,
      height: 800,
      marginTop: 34,
      marginLeft: 48,
      marginBottom: 40,
      fx: { axis: null, padding: 0.1 },
      fy: { axis: null, padding: 0.16 },
      x: { domain: [0, 130], label: "before, degrees", ticks: [0, 30, 60, 90, 120], labelAnchor: "right" },
      y: { domain: [0, 130], label: "after", ticks: [0, 30, 60, 90, 120], grid: true },
      marks: [
        Plot.line(
          panels.flatMap(({ fx, fy }) => [0, 130].map((at) => ({ fx, fy, at }))),
          { fx: "fx", fy: "fy", z: null, x: "at", y: "at", stroke: "#7f8794", strokeWidth: 1.2 },
        ),
        Plot.dot(points, {
          fx: "fx",
          fy: "fy",
          x: "before",
          y: "after",
          r: 1.1,
          fill: seriesColor(0),
          fillOpacity: 0.55,
        }),
        Plot.text(panels, { fx: "fx", fy: "fy", text: "text", frameAnchor: "top-left", dy: -17, fontWeight: 600 }),
      ],
    },
  );
  return { figure, numbers };
}
