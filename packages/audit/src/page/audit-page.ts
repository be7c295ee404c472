/** The page of an audit: where each layer stands, its angles, its most similar neurons, and all numbers. */

import { judgedScore, judgedSpread, type LayerAudit, type LowerBound } from "../layer/layer-audit.js";
import type { AuditReport } from "../model/audit-report.js";
import { counted, formatNumber, printable } from "../text/format-number.js";
import { layerSentence } from "../verdict/layer-findings.js";
import { type Cell, folded, plainTable, renderPage, sortableTable } from "./html.js";
import { fileLabel, layerNames } from "./layer-names.js";
import { angleFigure, heatFigure } from "./pair-figures.js";
import { filesFigure, scoreFigure } from "./score-figures.js";

const mostHistograms = 12;

/** The audit as one HTML page that needs no other file: plots, and a table of all numbers. Writes nothing. */
export function auditPage(run: AuditReport): string {
  const { settings } = run;
  const scored = run.layers.filter((layer) => judgedScore(layer) !== null);
  const worst = scored[0];
  const files = [...new Set(run.layers.map(({ file }) => file))];
  const several = files.length > 1;
  const names = layerNames(run.layers);
  const rests = run.failed.flatMap(({ rest }) => (rest ? [rest] : []));
  const striking = [...rests, ...run.layers].filter(({ findings }) => findings.length > 0);
  const figures =
    worst === undefined
      ? []
      : [
          ...(several ? [{ heading: "Where each model stands", blocks: [filesFigure(scored)] }] : []),
          { heading: "Where each layer stands", blocks: [scoreFigure(scored, names)] },
          { heading: "Angles between neurons", blocks: [angleFigure(scored.slice(0, mostHistograms), names)] },
          ...(worst.heatMap ? [{ heading: `Cosines in ${names.get(worst)}`, blocks: [heatFigure(worst)] }] : []),
        ];
  return renderPage({
    title: `Redundancy of ${several ? `${files.length} models` : fileName(files[0] ?? "nothing")}`,
    headline: headlineOf(run, files),
    sections: [
      ...(striking.length > 0 ? [{ heading: "What stands out", blocks: [strikingTable(striking, several)] }] : []),
      ...figures,
      { heading: "All numbers", blocks: [numbersTable(run.layers, several)] },
      ...(run.failed.length + run.skipped.length > 0 ? [{ heading: "Left out", blocks: leftOut(run, several) }] : []),
    ],
    footer: [
      `Energy: ${JSON.stringify(settings.spec.potential)}, ${settings.spec.space} space, separation floor ${settings.spec.separationFloor}, seed ${settings.seed}. Projected energy: ${settings.projected ? JSON.stringify(settings.projected.projection) : "none"}.`,
      "Score: 0 is the least energy possible (or a proven bound of it), 1 what uniformly random directions have on average. Made by comhe audit.",
    ],
  });
}

const fileName = (path: string) => printable(path.split(/[\\/]/).at(-1)!);

/** Of one model its three lines, of several the first of each. */
function headlineOf({ verdicts }: AuditReport, files: readonly string[]): readonly string[] {
  if (verdicts.length === 1) return verdicts[0]!.lines;
  const sound = verdicts.filter((verdict) => verdict.sound).length;
  const loud = verdicts.filter((verdict) => !verdict.sound);
  return [
    `${sound} of ${counted(verdicts.length, "model")} have nothing that stands out.`,
    ...loud.map(({ file, lines }) => `${files.length > 1 ? `${fileLabel(file)}: ` : ""}${lines[0]}`),
  ];
}

function strikingTable(layers: readonly LayerAudit[], several: boolean): string {
  return plainTable(
    "By the rules of the documentation. Rows are counted from 0.",
    ["layer", ...(several ? ["model"] : []), "rules", "in words"],
    layers.map((layer) => [
      { text: printable(layer.layer) },
      ...(several ? [{ text: fileLabel(layer.file) }] : []),
      { text: layer.findings.map(({ rule }) => rule).join(", ") },
      { text: printable(layerSentence(layer)), wide: true },
    ]),
  );
}

function numbersTable(layers: readonly LayerAudit[], several: boolean): string {
  const number = (value: number | null, digits = 4): Cell => ({
    text: formatNumber(value, digits),
    sort: value ?? Number.NaN,
  });
  const atLeast = (layer: LayerAudit, key: Exclude<LowerBound, "nearest">, digits: number): Cell => {
    const { text, sort } = number(layer[key], digits);
    return { text: layer.lowerBounds.includes(key) ? `≥ ${text}` : text, sort };
  };
  return sortableTable(
    "Worst first by the score of the living neurons; a click on a heading sorts. ≥ at best: a proven bound; elsewhere: not all pairs, or not all rows, were looked at.",
    [
      "layer",
      ...(several ? ["model"] : []),
      "N",
      "d",
      "score",
      "± random",
      "dead",
      "faint",
      "dup.",
      "|cos| max",
      "nearest pairs",
      "eff. rank",
      "mean |cos|",
      "with dead",
      "w/o copies",
      "energy full",
      "half",
      "projected",
      "best",
      "random",
      "kind",
      "neuron axis",
    ],
    layers.map((layer) => [
      { text: printable(layer.layer) },
      ...(several ? [{ text: fileLabel(layer.file) }] : []),
      number(layer.count, 0),
      number(layer.dim, 0),
      number(judgedScore(layer), 2),
      number(judgedSpread(layer), 3),
      atLeast(layer, "dead", 0),
      atLeast(layer, "faint", 0),
      atLeast(layer, "duplicates", 0),
      atLeast(layer, "maxCosine", 3),
      {
        text: layer.nearest
          .slice(0, 2)
          .map(({ a, b }) => `${a} ~ ${b}`)
          .join(", ")
          .concat(layer.lowerBounds.includes("nearest") ? " (of those seen)" : ""),
        sort: layer.maxCosine,
      },
      number(layer.effectiveRank, 1),
      number(layer.meanCosine, 3),
      number(layer.score, 2),
      number(layer.distinctScore, 2),
      number(layer.energyFull),
      number(layer.energyHalf),
      number(layer.projected),
      { text: `${layer.bestIs === "bound" ? "≥ " : ""}${formatNumber(layer.best)}`, sort: layer.best ?? Number.NaN },
      number(layer.random),
      { text: printable(layer.kind) },
      { text: layer.neuronAxes.join(", "), sort: layer.neuronAxes[0] },
    ]),
  );
}

function leftOut({ failed, skipped }: AuditReport, several: boolean): string[] {
  const table = (caption: string, tensors: readonly { name: string; file: string; reason: string; shape: string }[]) =>
    sortableTable(
      caption,
      ["tensor", ...(several ? ["model"] : []), "reason", "shape"],
      tensors.map(({ name, file, reason, shape }) => [
        { text: printable(name) },
        ...(several ? [{ text: fileLabel(file) }] : []),
        { text: printable(reason) },
        { text: shape },
      ]),
    );
  const problems = failed.map(({ layer, file, problem }) => ({
    name: layer ?? "the whole file",
    file,
    reason: problem,
    shape: "",
  }));
  const others = skipped.map((tensor) => ({ ...tensor, shape: tensor.shape.join("×") }));
  return [
    ...(problems.length > 0 ? [table("Layers that couldn't be audited", problems)] : []),
    ...(others.length > 0
      ? [folded(`${counted(others.length, "tensor")} without neurons`, table("Tensors without neurons", others))]
      : []),
  ];
}
