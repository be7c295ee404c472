/** What scores layers of real models have, by their dimension: percentiles of the gallery's distinct layers. */
import { writeFileSync } from "node:fs";
import { isRewritten } from "./rewrite-table.mjs";

/** Dimensions from which on a group begins: depthwise kernels of 3×3, then by factors of four. */
const groups = [2, 10, 40, 160, 640];

const percents = [5, 10, 25, 50, 75, 90, 95];

/** Fewer neurons than these have scores of mere chance: those of two are of a single angle. */
const fewestNeurons = 8;

/**
 * @param {{ layers: readonly { file: string, count: number, dim: number, score: number | null, livingScore: number | null, distinctScore: number | null, energyHalf: number }[] }} report
 *   of the gallery, in half space at s = 2
 */
export function yardstickOf(report) {
  const layers = report.layers.filter(({ file }) => !isRewritten(file));
  // The same weights in two files, or in two formats, are one layer.
  const distinct = new Map();
  for (const layer of layers) {
    const score = layer.distinctScore ?? layer.livingScore ?? layer.score;
    if (score === null || layer.count < fewestNeurons) continue;
    distinct.set(`${layer.count}×${layer.dim} ${layer.energyHalf.toPrecision(6)}`, { dim: layer.dim, score });
  }
  const found = [...distinct.values()];
  return {
    files: new Set(layers.map(({ file }) => file)).size,
    layers: found.length,
    fewestNeurons,
    groups: groups.map((from, n) => {
      const to = groups[n + 1];
      const scores = found.filter(({ dim }) => dim >= from && !(dim >= to)).map(({ score }) => score);
      scores.sort((a, b) => a - b);
      return {
        from,
        layers: scores.length,
        scores: percents.map((percent) => [percent, round(quantile(scores, percent / 100))]),
      };
    }),
  };
}

/** Between two scores in proportion. */
function quantile(sorted, share) {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

/** To two digits: the sample has no more in it. */
const round = (score) => Number(score.toPrecision(2));

export function writeYardstick(report, file) {
  const { groups: found, ...all } = yardstickOf(report);
  const rows = found.map(({ from, layers, scores }) => {
    const pairs = scores.map(([percent, score]) => `        [${percent}, ${score}],`);
    return [
      "    {",
      `      from: ${from},`,
      `      layers: ${layers},`,
      "      scores: [",
      ...pairs,
      "      ],",
      "    },",
    ].join("\n");
  });
  const head = Object.entries(all).map(([name, value]) => `  ${name}: ${value},`);
  const text = `/**
 * Written by \`npm run yardstick --workspace=examples/audit-gallery\`: percentiles of the scores of distinct layers
 * of real models in half space at s = 2, those of their living neurons without copies, grouped by their dimension, \`from\` on.
 */
export const yardstick = {
${head.join("\n")}
  groups: [
${rows.join("\n")}
  ],
} as const;
`;
  writeFileSync(file, text);
}
