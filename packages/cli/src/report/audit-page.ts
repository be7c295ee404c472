/** The page of an audit: where each layer stands, its angles, its most similar neurons, and all numbers. */
import * as Plot from "@observablehq/plot";
import type { AuditRun } from "../audit/audit-files.js";
import type { AuditSettings } from "../audit/audit-layer.js";
import type { LayerAudit } from "../audit/layer-audit.js";
import { angleBins } from "../audit/pair-statistics.js";
import { figureBlock } from "./figure.js";
import { formatNumber, printable } from "./format-number.js";
import { type Cell, renderPage, sortableTable } from "./html.js";

const mostBars = 60;
const mostHistograms = 12;

export function auditPage(run: AuditRun, settings: AuditSettings): string {
  const scored = run.layers.filter(({ score }) => score !== null);
  const worst = scored[0];
  const files = [...new Set(run.layers.map(({ file }) => file))];
  const names = shortNames(run.layers);
  const redundant = scored.filter(({ score, scoreSpread }) => score! > 1 + 2 * scoreSpread!).length;
  return renderPage({
    title: `Redundancy of ${files.length === 1 ? fileName(files[0]!) : `${files.length} models`}`,
    headline: worst
      ? `${redundant} of ${scored.length} layers are more redundant than uniformly random directions; the worst is ${printable(worst.layer)} with a score of ${formatNumber(worst.score, 2)}. ${sum(run.layers, "dead")} neurons are dead, ${sum(run.layers, "duplicates")} repeat another one.`
      : "No layer has a score.",
    sections: [
      ...(worst
        ? [{ heading: "Where each layer stands", blocks: [scoreFigure(scored.slice(0, mostBars), names)] }]
        : []),
      ...(worst
        ? [
            {
              heading: "Angles between neurons",
              blocks: [angleFigure(scored.slice(0, mostHistograms), names)],
            },
            ...(worst.heatMap
              ? [{ heading: `Cosines in ${printable(worst.layer)}`, blocks: [heatFigure(worst)] }]
              : []),
          ]
        : []),
      { heading: "All numbers", blocks: [numbersTable(run.layers, names)] },
      ...(run.failed.length + run.skipped.length > 0 ? [{ heading: "Left out", blocks: [leftOut(run)] }] : []),
    ],
    footer: [
      `Energy: ${JSON.stringify(settings.spec.potential)}, ${settings.spec.space} space, separation floor ${settings.spec.separationFloor}, seed ${settings.seed}. Projected energy: ${settings.projected ? JSON.stringify(settings.projected.projection) : "none"}.`,
      "Score: 0 is the least energy possible (or a proven bound of it), 1 what uniformly random directions have on average. Made by comhe audit.",
    ],
  });
}

type Names = ReadonlyMap<LayerAudit, string>;

const fileName = (path: string) => printable(path.split(/[\\/]/).at(-1)!);

/** Unique labels, the file's name before the layer's where there are several files; the end of a long name tells most. */
function shortNames(layers: readonly LayerAudit[]): Names {
  const several = new Set(layers.map(({ file }) => file)).size > 1;
  const used = new Set<string>();
  return new Map(
    layers.map((layer) => {
      const full = printable(several ? `${fileName(layer.file)}: ${layer.layer}` : layer.layer);
      let name = full.length > 44 ? `…${full.slice(-43)}` : full;
      for (let n = 2; used.has(name); n++) name = `${name} (${n})`;
      used.add(name);
      return [layer, name];
    }),
  );
}

const sum = (layers: readonly LayerAudit[], key: "dead" | "duplicates") =>
  layers.reduce((total, layer) => total + layer[key], 0);

function scoreFigure(layers: readonly LayerAudit[], names: Names): string {
  const most = Math.max(2, ...layers.map(({ score }) => score!));
  // Beyond 3 the scale is logarithmic in effect: a collapsed layer would hide all others.
  const end = Math.min(most, 4);
  const rows = layers.map((layer) => ({
    name: names.get(layer)!,
    score: layer.score!,
    shown: Math.max(Math.min(layer.score!, end), Math.min(0, layer.score!)),
    // As the bars, within the picture.
    low: Math.max(Math.min(0, layer.score!), 1 - 2 * layer.scoreSpread!),
    high: Math.min(end, 1 + 2 * layer.scoreSpread!),
    color:
      layer.score! > 1 + 2 * layer.scoreSpread!
        ? "var(--bad)"
        : layer.score! < 1 - 2 * layer.scoreSpread!
          ? "var(--good)"
          : "var(--accent)",
  }));
  return figureBlock(
    `Scores: ${rows.map(({ name, score }) => `${name} ${formatNumber(score, 2)}`).join("; ")}.`,
    `0: the best possible; 1: uniformly random directions, the grey band two standard deviations of what such layers score; right of it: redundant.${most > end ? ` Bars are cut at ${formatNumber(end, 1)}.` : ""}${layers.length === mostBars ? ` The ${mostBars} worst layers.` : ""}`,
    {
      width: 1100,
      height: 90 + 24 * rows.length,
      marginLeft: 320,
      marginRight: 70,
      marginTop: 40,
      marginBottom: 40,
      x: {
        label: "score →",
        domain: [Math.min(0, ...rows.map(({ shown }) => shown)), end],
        grid: true,
        labelAnchor: "right",
      },
      y: { label: null, domain: rows.map(({ name }) => name), tickSize: 0 },
      marks: [
        Plot.barX(rows, { y: "name", x1: "low", x2: "high", fill: "var(--rule)", insetTop: -2, insetBottom: -2 }),
        Plot.barX(rows, { y: "name", x1: 0, x2: "shown", fill: "color", insetTop: 3, insetBottom: 3 }),
        Plot.ruleX([0, 1], { stroke: "currentColor", strokeDasharray: "4,3" }),
        Plot.text(rows, {
          y: "name",
          x: "shown",
          text: (row: { score: number }) => formatNumber(row.score, 2),
          textAnchor: "start",
          dx: 5,
          fill: "currentColor",
        }),
        Plot.text(
          [
            { x: 0, label: "best" },
            { x: 1, label: "random" },
          ],
          { x: "x", text: "label", frameAnchor: "top", dy: -16, fill: "currentColor" },
        ),
      ],
    },
  );
}

function angleFigure(layers: readonly LayerAudit[], names: Names): string {
  const columns = 3;
  const width = 180 / angleBins;
  const place = layers.map((layer, n) => ({ layer, fx: n % columns, fy: Math.floor(n / columns) }));
  const bars: { fx: number; fy: number; from: number; to: number; value: number }[] = [];
  const curve: { fx: number; fy: number; angle: number; value: number }[] = [];
  for (const { layer, fx, fy } of place) {
    const density = uniformDensity(layer.dim);
    // Square roots keep rare near pairs visible beside the bulk.
    const top = Math.max(...density.map(({ value }) => value), ...layer.angles) || 1;
    layer.angles.forEach((share, bin) => {
      if (share > 0) bars.push({ fx, fy, from: bin * width, to: (bin + 1) * width, value: Math.sqrt(share / top) });
    });
    for (const { angle, value } of density) curve.push({ fx, fy, angle, value: Math.sqrt(value / top) });
  }
  return figureBlock(
    `Histograms of the angles between neurons of the ${layers.length} worst layers.`,
    "Share of pairs by angle, as square roots, so that rare near pairs stay visible; the line is that of uniformly random directions. Mass at the left is neurons that repeat each other, at the right opposite ones.",
    {
      width: 1100,
      height: 70 + 150 * Math.ceil(layers.length / columns),
      marginTop: 34,
      marginBottom: 40,
      marginLeft: 20,
      fx: { axis: null, padding: 0.1 },
      fy: { axis: null, padding: 0.28 },
      x: { label: "angle in degrees", domain: [0, 180], ticks: [0, 45, 90, 135, 180], labelAnchor: "right" },
      y: { axis: null, domain: [0, 1] },
      marks: [
        Plot.rectY(bars, {
          fx: "fx",
          fy: "fy",
          x1: "from",
          x2: "to",
          y: "value",
          fill: "var(--accent)",
          fillOpacity: 0.75,
          inset: 0,
        }),
        Plot.line(curve, { fx: "fx", fy: "fy", x: "angle", y: "value", stroke: "currentColor", strokeWidth: 1.3 }),
        Plot.ruleY(place, { fx: "fx", fy: "fy", y: 0, stroke: "currentColor", strokeOpacity: 0.4 }),
        Plot.text(place, {
          fx: "fx",
          fy: "fy",
          text: ({ layer }: (typeof place)[number]) => `${names.get(layer)} (${layer.count}×${layer.dim})`,
          frameAnchor: "top-left",
          dy: -15,
          fontSize: 11,
          fontWeight: 600,
          fill: "currentColor",
        }),
      ],
    },
  );
}

/** Share of pairs in each bin for uniformly random directions: density ∝ sin^(d−2)θ, summed to 1. */
function uniformDensity(dim: number): { angle: number; value: number }[] {
  const width = 180 / angleBins;
  const points = Array.from({ length: angleBins }, (_, bin) => (bin + 0.5) * width);
  const weights = points.map((angle) => Math.sin((angle * Math.PI) / 180) ** (dim - 2));
  const total = weights.reduce((all, weight) => all + weight, 0);
  return points.map((angle, n) => ({ angle, value: weights[n]! / total }));
}

function heatFigure({ heatMap, layer, count }: LayerAudit): string {
  const { size, cosines } = heatMap!;
  const cells = cosines.map((cosine, n) => ({ x: n % size, y: Math.floor(n / size), cosine }));
  return figureBlock(
    `Cosines between neurons of ${printable(layer)}.`,
    `Cosines between ${size === count ? "all" : `${size} of ${count}`} neurons, similar ones side by side. Red blocks along the diagonal are groups of neurons that repeat each other.`,
    {
      width: 760,
      height: 700,
      marginLeft: 50,
      padding: 0,
      x: { label: "neuron, in order of similarity", ticks: [], type: "band" },
      y: { label: null, ticks: [], type: "band" },
      color: { type: "linear", domain: [-1, 0, 1], range: ["#3b6fb6", "#f2f2f2", "#c2402a"], legend: false },
      marks: [Plot.cell(cells, { x: "x", y: "y", fill: "cosine", inset: 0 })],
    },
  );
}

function numbersTable(layers: readonly LayerAudit[], names: Names): string {
  const number = (value: number | null, digits = 4): Cell => ({
    text: formatNumber(value, digits),
    sort: value ?? Number.NaN,
  });
  return sortableTable(
    "Worst first; a click on a heading sorts. ≥: a proven bound of the best energy.",
    [
      "layer",
      "kind",
      "N",
      "d",
      "score",
      "± random",
      "energy full",
      "half",
      "projected",
      "best",
      "random",
      "mean |cos|",
      "max",
      "nearest pairs",
      "dead",
      "score w/o dead",
      "dup.",
      "eff. rank",
    ],
    layers.map((layer) => [
      { text: names.get(layer)! },
      { text: printable(layer.kind) },
      number(layer.count, 0),
      number(layer.dim, 0),
      number(layer.score, 2),
      number(layer.scoreSpread, 3),
      number(layer.energyFull),
      number(layer.energyHalf),
      number(layer.projected),
      { text: `${layer.bestIs === "bound" ? "≥ " : ""}${formatNumber(layer.best)}`, sort: layer.best ?? Number.NaN },
      number(layer.random),
      number(layer.meanCosine, 3),
      number(layer.maxCosine, 3),
      {
        text: layer.nearest
          .slice(0, 2)
          .map(({ a, b }) => `${a} ~ ${b}`)
          .join(", "),
        sort: layer.maxCosine,
      },
      number(layer.dead, 0),
      number(layer.livingScore, 2),
      number(layer.duplicates, 0),
      number(layer.effectiveRank, 1),
    ]),
  );
}

function leftOut(run: AuditRun): string {
  return sortableTable(
    "Tensors that weren't audited",
    ["tensor", "reason", "shape"],
    [
      ...run.failed.map(({ layer, problem }) => [
        { text: printable(layer) },
        { text: printable(problem) },
        { text: "" },
      ]),
      ...run.skipped.map(({ name, reason, shape }) => [
        { text: printable(name) },
        { text: printable(reason) },
        { text: shape.join("×") },
      ]),
    ],
  );
}
