/** Pictures of where layers stand between the best possible, random, and redundant. */
import * as Plot from "@observablehq/plot";
import { judgedScore, judgedSpread, type LayerAudit } from "../layer/layer-audit.js";
import { formatNumber } from "../text/format-number.js";
import { figureBlock } from "./figure.js";
import { fileLabel, labelRoom, type Names } from "./layer-names.js";

const mostBars = 60;

/** Pixels of a layer's row, and of its label above the bar. */
const [rowHeight, labelHeight] = [40, 18];

function colorOf(layer: LayerAudit): string {
  const [score, spread] = [judgedScore(layer)!, judgedSpread(layer)!];
  return score > 1 + 2 * spread ? "var(--bad)" : score < 1 - 2 * spread ? "var(--good)" : "var(--accent)";
}

/** Even between best and random, then each power of ten as wide as the last: one collapsed layer doesn't hide the others. */
function scoreScale(scores: readonly number[]) {
  const most = Math.max(1.5, ...scores);
  const domain = [Math.min(0, ...scores), most];
  const common = { label: "score →", domain, grid: true, labelAnchor: "right" } as const;
  if (most <= 4) return common;
  const powers = Array.from({ length: Math.ceil(Math.log10(most)) }, (_, n) => 10 ** (n + 1));
  const ticks = [0, 1, 3, ...powers].filter((tick) => tick <= most);
  return { ...common, type: "symlog", constant: 1, ticks, tickFormat: (tick: number) => String(tick) } as const;
}

/** One label ends where the other begins: on a long scale 0 and 1 lie close together. */
const landmarks = [
  Plot.ruleX([0, 1], { stroke: "currentColor", strokeDasharray: "4,3" }),
  Plot.text([{ x: 0 }], {
    x: "x",
    text: () => "best",
    frameAnchor: "top",
    textAnchor: "start",
    dx: -12,
    dy: -28,
    fill: "currentColor",
  }),
  Plot.text([{ x: 1 }], {
    x: "x",
    text: () => "random",
    frameAnchor: "top",
    textAnchor: "start",
    dx: -2,
    dy: -14,
    fill: "currentColor",
  }),
];

const wideNote = (layers: readonly LayerAudit[]) =>
  layers.some((layer) => judgedScore(layer)! > 4) ? " Beyond 1 the scale is logarithmic." : "";

/** A bar for each of the worst layers. @param scored worst first */
export function scoreFigure(scored: readonly LayerAudit[], names: Names): string {
  const layers = scored.slice(0, mostBars);
  const x = scoreScale(layers.map((layer) => judgedScore(layer)!));
  const [low, high] = x.domain as [number, number];
  const within = (score: number) => Math.max(low, Math.min(high, score));
  const rows = layers.map((layer) => ({
    name: names.get(layer)!,
    score: judgedScore(layer)!,
    low: within(1 - 2 * judgedSpread(layer)!),
    high: within(1 + 2 * judgedSpread(layer)!),
    color: colorOf(layer),
  }));
  return figureBlock(
    `Scores: ${rows.map(({ name, score }) => `${name} ${formatNumber(score, 2)}`).join("; ")}.`,
    `0: the best possible; 1: uniformly random directions, the grey band two standard deviations of what such layers score; right of it: redundant.${wideNote(layers)}${layers.length < scored.length ? ` The ${mostBars} worst layers; the table has all.` : ""}`,
    {
      width: 1100,
      height: 90 + rowHeight * rows.length,
      marginLeft: 16,
      marginRight: 70,
      marginTop: 46,
      marginBottom: 40,
      x,
      y: { axis: null, domain: rows.map(({ name }) => name) },
      marks: [
        Plot.barX(rows, { y: "name", x1: "low", x2: "high", fill: "var(--rule)", insetTop: labelHeight }),
        Plot.barX(rows, { y: "name", x1: 0, x2: "score", fill: "color", insetTop: labelHeight + 4, insetBottom: 4 }),
        ...landmarks,
        // Above its bar: beside it, names would fill a narrow screen, and the bars be out of sight.
        Plot.text(rows, {
          y: "name",
          x: low,
          text: "name",
          textAnchor: "start",
          dx: 3,
          dy: -9,
          fill: "currentColor",
          // The line at 1 runs behind it.
          stroke: "var(--page)",
          strokeWidth: 4,
        }),
        Plot.text(rows, {
          y: "name",
          x: "score",
          text: (row: { score: number }) => formatNumber(row.score, 2),
          textAnchor: "start",
          dx: 5,
          dy: 8,
          fill: "currentColor",
        }),
      ],
    },
  );
}

/** A row for each file, a stroke for each of its layers. */
export function filesFigure(scored: readonly LayerAudit[]): string {
  const x = scoreScale(scored.map((layer) => judgedScore(layer)!));
  const files = [...new Set(scored.map(({ file }) => file))].map((file) => {
    const layers = scored.filter((layer) => layer.file === file);
    return { name: fileLabel(file), median: judgedScore(layers[Math.floor(layers.length / 2)]!)!, layers };
  });
  files.sort((a, b) => b.median - a.median);
  const strokes = files.flatMap(({ name, layers }) =>
    layers.map((layer) => ({ name, score: judgedScore(layer)!, color: colorOf(layer) })),
  );
  return figureBlock(
    `Scores by model: ${files.map(({ name, median, layers }) => `${name}, median ${formatNumber(median, 2)} of ${layers.length} layers`).join("; ")}.`,
    `A stroke for each layer, a dot at the median of a model: red above what random layers score, green below, blue in between.${wideNote(scored)}`,
    {
      width: 1100,
      height: 90 + 34 * files.length,
      marginLeft: labelRoom(files.map(({ name }) => name)),
      marginRight: 30,
      marginTop: 46,
      marginBottom: 40,
      x,
      y: { label: null, domain: files.map(({ name }) => name), tickSize: 0 },
      marks: [
        Plot.tickX(strokes, {
          y: "name",
          x: "score",
          stroke: "color",
          strokeOpacity: 0.75,
          insetTop: 4,
          insetBottom: 4,
        }),
        ...landmarks,
        Plot.dot(files, { y: "name", x: "median", r: 5, fill: "currentColor", stroke: "var(--page)" }),
      ],
    },
  );
}
