/** Pictures of where layers stand between the best possible, random, and redundant. */
import { judgedScore, judgedSpread, type LayerAudit } from "../layer/layer-audit.js";
import { counted, formatNumber } from "../text/format-number.js";
import type { FileLabel, Names } from "./layer-names.js";
import { left, type Scale, scaleFigure, scoreScale, span } from "./scale.js";

const mostBars = 60;

/** To chance: more than two of its spreads above, below, or between. */
function standingOf(layer: LayerAudit): "bad" | "good" | "usual" {
  const [score, spread] = [judgedScore(layer)!, judgedSpread(layer)!];
  return score > 1 + 2 * spread ? "bad" : score < 1 - 2 * spread ? "good" : "usual";
}

const wideNote = ({ logarithmic }: Scale) => (logarithmic ? " Beyond 1 the scale is logarithmic." : "");

/** A bar for each of the worst layers. @param scored worst first */
export function scoreFigure(scored: readonly LayerAudit[], names: Names): string {
  const layers = scored.slice(0, mostBars);
  const scale = scoreScale(layers.map((layer) => judgedScore(layer)!));
  return scaleFigure(
    "Scores of layers, worst first",
    `0 is the best possible, 1 is what uniformly random directions have; the grey band is two standard deviations of what such layers score, and right of it layers are redundant.${wideNote(scale)}${layers.length < scored.length ? ` The ${mostBars} worst layers; the table has all.` : ""}`,
    scale,
    layers.map((layer) => {
      const [score, spread] = [judgedScore(layer)!, judgedSpread(layer)!];
      const band = `<span class="band" ${span(scale, 1 - 2 * spread, 1 + 2 * spread)}></span>`;
      const bar = `<span class="bar ${standingOf(layer)}" ${span(scale, 0, score)}></span>`;
      const value = formatNumber(score, 2);
      return { name: names.get(layer)!, marks: band + bar, value, valueAt: Math.max(0, score) };
    }),
  );
}

/** A row for each file, a stroke for each of its layers. */
export function filesFigure(scored: readonly LayerAudit[], label: FileLabel): string {
  const scale = scoreScale(scored.map((layer) => judgedScore(layer)!));
  const files = [...new Set(scored.map(({ file }) => file))].map((file) => {
    const layers = scored.filter((layer) => layer.file === file);
    return { name: label(file), median: judgedScore(layers[Math.floor(layers.length / 2)]!)!, layers };
  });
  files.sort((a, b) => b.median - a.median);
  return scaleFigure(
    "Models by the median score of their layers, worst first",
    `Each layer is a stroke, each model's median a dot: red where it is above what random layers score, green below, blue in between.${wideNote(scale)}`,
    scale,
    files.map(({ name, median, layers }) => {
      const strokes = layers.map(
        (layer) => `<span class="stroke ${standingOf(layer)}" ${left(scale, judgedScore(layer)!)}></span>`,
      );
      return {
        name,
        marks: `${strokes.join("")}<span class="dot" ${left(scale, median)}></span>`,
        value: `median ${formatNumber(median, 2)} of ${counted(layers.length, "layer")}`,
      };
    }),
  );
}
