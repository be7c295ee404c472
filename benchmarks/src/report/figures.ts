/** The pictures of the page, each from the results of one part. */
import { type Figure, renderFigure, seriesColor } from "@comhe-examples/study-kit";
import * as Plot from "@observablehq/plot";
import type { CaseResult } from "../measure/case-result.js";
import type { GrowthResults } from "../parts/growth.js";
import type { MemoryResults } from "../parts/memory.js";

const width = 1000;

interface Point {
  readonly name: string;
  readonly ours: boolean;
  readonly size: number;
  readonly ms: number;
}

/** Median time against N or d on logarithmic axes, with the fitted exponent at each line's end. */
export function growthFigure({ cases, fitted }: GrowthResults, size: "count" | "dim", fixed: CaseResult): Figure {
  const held = size === "count" ? "dim" : "count";
  const sweep = cases.filter((each) => each[held] === fixed[held]);
  const points: Point[] = sweep.flatMap((each) =>
    each.candidates.flatMap(({ name, ours, timing }) =>
      timing ? [{ name, ours, size: each[size], ms: timing.median }] : [],
    ),
  );
  const names = [...new Set(points.map(({ name }) => name))];
  const color = (name: string) => seriesColor(names.indexOf(name));
  const letter = size === "count" ? "N" : "d";
  const label = (name: string) => {
    const exponent = fitted.find((each) => each.name === name)?.[size];
    return exponent === undefined ? name : `${name}: ${letter}^${exponent.toFixed(2)}`;
  };
  const last = names.map((name) => points.filter((point) => point.name === name).at(-1)!);
  const [low, high] = [Math.min(...points.map(({ ms }) => ms)), Math.max(...points.map(({ ms }) => ms))];
  const right = Math.max(...points.map((point) => point.size));
  const labels = spread(
    last.map(({ ms }) => ms),
    (high / low) ** (1 / 24),
  );
  return renderFigure(
    `Time of energy and gradient against ${letter}`,
    `Median milliseconds against ${letter}, half space, s = 2; solid lines are ours. The exponent is fitted over all sizes that were timed.`,
    {
      width,
      height: 520,
      marginRight: 330,
      marginLeft: 60,
      marginBottom: 44,
      x: { type: "log", label: letter, ticks: sweep.map((each) => each[size]), tickFormat: "d", labelOffset: 40 },
      y: { type: "log", label: "median ms", grid: true, ticks: logTicks(low, high, 5, 10), tickFormat: ",~r" },
      marks: [
        ...[true, false].map((own) =>
          Plot.line(
            points.filter(({ ours }) => ours === own),
            {
              x: "size",
              y: "ms",
              z: "name",
              stroke: ({ name }: Point) => color(name),
              strokeWidth: own ? 2.5 : 1.5,
              ...(own ? {} : { strokeDasharray: "5 4" }),
            },
          ),
        ),
        Plot.dot(points, { x: "size", y: "ms", r: 3, fill: ({ name }: Point) => color(name) }),
        ...last.map((point, n) =>
          Plot.text([point], {
            x: () => right,
            y: () => labels[n]!,
            text: () => label(point.name),
            textAnchor: "start",
            dx: 12,
            fill: color(point.name),
            fontWeight: point.ours ? "bold" : "normal",
          }),
        ),
      ],
    },
  );
}

/** Powers of ten from `low` to `high`: with steps between them where they are fewer than `least`, one in two where more than `most`. */
export function logTicks(low: number, high: number, least: number, most: number): number[] {
  const first = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, n) => 10 ** (first + n));
  const ticks = (steps: readonly number[]) =>
    powers.flatMap((power) => steps.map((step) => step * power)).filter((at) => at >= low && at <= high);
  const [tens, thirds] = [ticks([1]), ticks([1, 3])];
  if (tens.length > most) return tens.filter((_, n) => n % 2 === 0);
  if (tens.length >= least) return tens;
  return thirds.length >= least ? thirds : ticks([1, 2, 5]);
}

/** Moves values apart until each is at least `factor` times the one below it, the largest staying where it is. */
function spread(values: readonly number[], factor: number): number[] {
  const order = values.map((_, n) => n).sort((a, b) => values[b]! - values[a]!);
  const moved = [...values];
  for (let n = 1; n < order.length; n++) {
    moved[order[n]!] = Math.min(values[order[n]!]!, moved[order[n - 1]!]! / factor);
  }
  return moved;
}

/** One dot for each candidate and case; candidates down, cases across. */
function dots<T extends { readonly name: string; readonly ours: boolean; readonly title: string }>(
  points: readonly T[],
  value: (point: T) => number,
  text: (point: T) => string,
  x: { readonly label: string; readonly tickFormat: string | ((tick: number) => string) },
  title: string,
  caption: string,
): Figure {
  const names = [...new Set(points.map(({ name }) => name))];
  const titles = [...new Set(points.map((point) => point.title))];
  const [low, high] = [Math.min(...points.map(value)), Math.max(...points.map(value))];
  // The more cases share the width, the fewer ticks have room below each.
  const ticks = logTicks(low, high, 2, Math.min(4, Math.floor(10 / titles.length)));
  return renderFigure(title, caption, {
    width,
    height: 86 + names.length * 26,
    marginBottom: 48,
    marginLeft: 330,
    marginRight: 50,
    fx: { label: null, domain: titles, padding: 0.12 },
    y: { label: null, domain: names },
    // Room for the numbers beside the dots.
    x: { type: "log", insetRight: 42, insetLeft: 6, grid: true, labelAnchor: "right", labelOffset: 44, ticks, ...x },
    marks: [
      Plot.ruleY(points, {
        fx: "title",
        y: "name",
        x1: low,
        x2: value,
        stroke: "#d0d4da",
      }),
      Plot.dot(points, {
        fx: "title",
        y: "name",
        x: value,
        r: 4.5,
        fill: ({ ours }: T) => (ours ? seriesColor(0) : seriesColor(1)),
      }),
      Plot.text(points, {
        fx: "title",
        y: "name",
        x: value,
        text,
        textAnchor: "start",
        dx: 8,
        fontSize: 11,
        fill: "currentColor",
      }),
    ],
  });
}

export function timeFigure(cases: readonly CaseResult[], what: string): Figure {
  const points = timedPoints(cases);
  return dots(
    points,
    ({ ms }) => ms,
    ({ ms }) => short(ms),
    { label: "median ms", tickFormat: thousands },
    `Time of a step, ${what}`,
    `Median milliseconds of energy and gradient, ${what}; blue is ours. Logarithmic: what is missing was skipped.`,
  );
}

export function speedFigure(cases: readonly CaseResult[], what: string): Figure {
  return dots(
    timedPoints(cases),
    ({ gflops }) => gflops,
    ({ gflops }) => short(gflops),
    { label: "nominal GFLOP/s", tickFormat: "~r" },
    `Speed, ${what}`,
    `Nominal GFLOP/s by the median time, ${what}: the operations that a closed form over the upper triangle needs, whatever a candidate really does.`,
  );
}

/** How many times longer each peer takes than the fastest of ours. */
export function ratioFigure(cases: readonly CaseResult[], what: string): Figure {
  const points = cases.flatMap(({ id, title, candidates }) => {
    const timed = candidates.filter(({ timing }) => timing);
    const best = Math.min(...timed.filter(({ ours }) => ours).map(({ timing }) => timing!.median));
    return timed
      .filter(({ ours }) => !ours)
      .map(({ name, ours, timing }) => ({ name, ours, title: shortTitle(id, title), ratio: timing!.median / best }));
  });
  return dots(
    points,
    ({ ratio }) => ratio,
    ({ ratio }) => `${short(ratio)}×`,
    { label: "peer's time ÷ our fastest", tickFormat: "~r" },
    `Peers against the fastest of ours, ${what}`,
    `Each peer's median time divided by that of the fastest of ours in the same run, ${what}. Right of 1 the peer is slower.`,
  );
}

export function memoryFigure({ peaks }: MemoryResults): Figure {
  const points = peaks.flatMap(({ case: id, title, name, ours, peakBytes }) =>
    peakBytes === undefined
      ? []
      : [{ name, ours, title: shortTitle(id, title), mebibytes: Math.max(peakBytes / 2 ** 20, 0.1) }],
  );
  return dots(
    points,
    ({ mebibytes }) => mebibytes,
    ({ mebibytes }) => short(mebibytes),
    { label: "MiB", tickFormat: "~r" },
    "Peak memory of a step above its inputs",
    "MiB of resident memory at the peak of a step, above what was resident with the inputs loaded; each candidate in a process of its own.",
  );
}

function timedPoints(cases: readonly CaseResult[]) {
  return cases.flatMap(({ id, title, candidates }) =>
    candidates.flatMap(({ name, ours, timing, gflops }) =>
      timing ? [{ name, ours, title: shortTitle(id, title), ms: timing.median, gflops: gflops! }] : [],
    ),
  );
}

/** Of the headline cases a picture holds, what tells them apart. */
function shortTitle(id: string, title: string): string {
  if (id.startsWith("network")) return title.replace(/^.*network, /, "").replace(/,.*$/, "");
  const size = /(\d+)x(\d+)/.exec(id);
  if (!size) return title;
  const kind = id.startsWith("random") ? (id.endsWith("kept") ? "kept, " : "redrawn, ") : "";
  return `${kind}${size[1]}×${size[2]}`;
}

function short(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toPrecision(2);
}

/** 10000 as 10k: ticks of narrow facets run into each other. */
function thousands(tick: number): string {
  return tick >= 1000 ? `${tick / 1000}k` : `${tick}`;
}
