/** Pictures of a layer's pairs of neurons: angles of the worst layers, cosines of the worst one. */
import * as Plot from "@observablehq/plot";
import type { LayerAudit } from "../layer/layer-audit.js";
import { angleBins } from "../layer/pair-collector.js";
import { printable } from "../text/format-number.js";
import { figureBlock } from "./figure.js";
import { cutStart, type Names } from "./layer-names.js";

/** Characters that fit above a histogram. */
const longestTitle = 44;

/** The end of a layer's name, which tells most, and its size. */
function titleOf(layer: LayerAudit, names: Names): string {
  const size = ` (${layer.count}×${layer.dim})`;
  return `${cutStart(names.get(layer)!, longestTitle - size.length)}${size}`;
}

export function angleFigure(layers: readonly LayerAudit[], names: Names): string {
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
          text: ({ layer }: (typeof place)[number]) => titleOf(layer, names),
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

export function heatFigure({ heatMap, layer, count }: LayerAudit): string {
  const { size, cosines } = heatMap!;
  const cells = cosines.map((cosine, n) => ({ x: n % size, y: Math.floor(n / size), cosine }));
  return figureBlock(
    `Cosines between neurons of ${printable(layer)}.`,
    `Cosines between ${size === count ? "all" : `${size} of ${count}`} neurons, similar ones side by side: red is 1, white 0, blue −1. Red blocks along the diagonal are groups of neurons that repeat each other.`,
    {
      width: 760,
      height: 700,
      marginLeft: 50,
      padding: 0,
      x: { label: "neuron, in order of similarity", ticks: [], type: "band" },
      y: { label: null, ticks: [], type: "band" },
      color: { type: "linear", domain: [-1, 0, 1], range: ["#3b6fb6", "#f2f2f2", "#c2402a"], legend: false },
      marks: [Plot.cell(cells, { x: "x", y: "y", fill: "cosine", inset: 0, shapeRendering: "crispEdges" })],
    },
  );
}
