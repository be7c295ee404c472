/** Pictures of a layer's pairs of neurons: angles of the worst layers, cosines of the worst one. Their words are HTML, which wraps; SVG draws the rest. */
import type { LayerAudit } from "../layer/layer-audit.js";
import { angleBins } from "../layer/pair-collector.js";
import { printable } from "../text/format-number.js";
import { escapeHtml } from "./html.js";
import type { Names } from "./layer-names.js";

/** Of a histogram's drawing: a degree wide is a unit. */
const height = 60;

/** Tenths of a unit are below what a screen shows. */
const short = (value: number) => Number(value.toFixed(1));

export function angleFigure(layers: readonly LayerAudit[], names: Names): string {
  const ticks = [0, 45, 90, 135, 180].map((angle) => `<span>${angle}°</span>`).join("");
  const cells = layers.map((layer) => {
    const name = escapeHtml(names.get(layer)!);
    const { bars, curve } = histogram(layer);
    return `<li><p class="name"><strong>${name}</strong> <span class="size">${layer.count}×${layer.dim}</span></p>
<svg viewBox="0 0 180 ${height}" preserveAspectRatio="none" role="img" aria-label="Histogram of the angles between neurons of ${name}"><path class="bars" d="${bars}"/><path class="curve" d="${curve}"/></svg>
<div class="degrees" aria-hidden="true">${ticks}</div></li>`;
  });
  return `<figure><ol class="histograms" aria-label="Angles between neurons of the worst layers">
${cells.join("\n")}
</ol>
<figcaption>Share of pairs by angle, as square roots, so that rare near pairs stay visible; the line is that of uniformly random directions. Mass at the left is neurons that repeat each other, at the right opposite ones.</figcaption></figure>`;
}

/** Square roots of the shares, and of what uniformly random directions have, as paths. */
function histogram({ dim, angles }: LayerAudit): { bars: string; curve: string } {
  const width = 180 / angleBins;
  const density = uniformDensity(dim);
  const top = Math.max(...density.map(({ value }) => value), ...angles) || 1;
  const y = (share: number) => short(height - 1 - (height - 2) * Math.sqrt(share / top));
  const bars = angles.flatMap((share, bin) =>
    share > 0 ? [`M${short(bin * width)} ${height}V${y(share)}h${short(width)}V${height}z`] : [],
  );
  const curve = density.map(({ angle, value }, n) => `${n === 0 ? "M" : "L"}${short(angle)} ${y(value)}`);
  return { bars: bars.join(""), curve: curve.join("") };
}

/** Share of pairs in each bin for uniformly random directions: density ∝ sin^(d−2)θ, summed to 1. */
function uniformDensity(dim: number): { angle: number; value: number }[] {
  const width = 180 / angleBins;
  const points = Array.from({ length: angleBins }, (_, bin) => (bin + 0.5) * width);
  const weights = points.map((angle) => Math.sin((angle * Math.PI) / 180) ** (dim - 2));
  const total = weights.reduce((all, weight) => all + weight, 0);
  return points.map((angle, n) => ({ angle, value: weights[n]! / total }));
}

/** Steps of colour between a cosine of 0 and one of ±1. */
const shades = 24;

export function heatFigure({ heatMap, layer, count }: LayerAudit): string {
  const { size, cosines } = heatMap!;
  // Cells of one colour are one path: thousands of elements would be slow on a phone.
  const paths = new Map<number, string[]>();
  cosines.forEach((cosine, n) => {
    const shade = Math.round(Math.max(-1, Math.min(1, cosine)) * shades);
    const cells = paths.get(shade) ?? [];
    cells.push(`M${n % size} ${Math.floor(n / size)}h1v1h-1z`);
    paths.set(shade, cells);
  });
  const drawn = [...paths].map(([shade, cells]) => `<path fill="${colorOf(shade / shades)}" d="${cells.join("")}"/>`);
  const name = escapeHtml(printable(layer));
  return `<figure><svg class="heat" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges" role="img" aria-label="Cosines between neurons of ${name}">${drawn.join("")}</svg>
<figcaption>Cosines between ${size === count ? "all" : `${size} of ${count}`} neurons, similar ones side by side: red is 1, white 0, blue −1. Red blocks along the diagonal are groups of neurons that repeat each other.</figcaption></figure>`;
}

/** From blue over nearly white to red. */
function colorOf(cosine: number): string {
  const end = cosine < 0 ? [0x3b, 0x6f, 0xb6] : [0xc2, 0x40, 0x2a];
  const mixed = end.map((channel) => Math.round(0xf2 + (channel - 0xf2) * Math.abs(cosine)));
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}
