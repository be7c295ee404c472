/** The page of an audit: where each layer stands, its angles, its most similar neurons, and all numbers. */

import { judgedScore, judgedSpread, type LayerAudit, type LowerBound } from "../layer/layer-audit.js";
import type { AuditReport } from "../model/audit-report.js";
import { counted, formatNumber, printable, quoted } from "../text/format-number.js";
import { layerLabel, withoutRepeats } from "../text/layer-label.js";
import { closingLines } from "../verdict/closing-lines.js";
import { layerSentence } from "../verdict/layer-findings.js";
import { columnLegend } from "./column-legend.js";
import { depthFigures } from "./depth-figure.js";
import { escapeHtml, folded, type PageContent, renderPage } from "./html.js";
import { type FileLabel, fileLabels, layerNames } from "./layer-names.js";
import { mixtureTable } from "./mixture-table.js";
import { angleFigure, heatFigure } from "./pair-figures.js";
import { filesFigure, scoreFigure } from "./score-figures.js";
import { type Cell, type Head, plainTable, sortableTable } from "./table.js";

const [mostHistograms, mostAdvised] = [12, 6];

/** Returns an audit as one HTML page that needs no other file: plots, and a table of all numbers. It writes nothing. */
export const auditPage = (run: AuditReport): string => renderPage(auditContent(run));

/** What is on the page of an audit. */
export function auditContent(run: AuditReport): PageContent {
  const { settings } = run;
  // Layers with the same numbers are one, as in the terminal; JSON has all of them.
  const distinct = withoutRepeats(run.layers);
  const layers = distinct.map(({ layer }) => layer);
  const times = new Map(distinct.map(({ layer, repeats }) => [layer, repeats.length + 1]));
  const scored = layers.filter((layer) => judgedScore(layer) !== null);
  const worst = scored[0];
  const files = [...new Set(run.layers.map(({ file }) => file))];
  const several = files.length > 1;
  const label = fileLabels([...files, ...[...run.failed, ...run.skipped].map(({ file }) => file)]);
  const names = layerNames(layers, label);
  const rests = run.failed.flatMap(({ rest }) => (rest ? [rest] : []));
  const striking = [...rests, ...layers].filter(({ findings }) => findings.length > 0);
  const figures =
    worst === undefined
      ? []
      : [
          ...(several ? [{ heading: "Where each model stands", blocks: [filesFigure(scored, label)] }] : []),
          { heading: "Where each layer stands", blocks: [scoreFigure(scored, names)] },
          ...(run.depth.length > 0
            ? [{ heading: "From block to block", blocks: depthFigures(run.depth, several ? label : undefined) }]
            : []),
          { heading: "Angles between neurons", blocks: [angleFigure(scored.slice(0, mostHistograms), names)] },
          ...(worst.heatMap ? [{ heading: `Cosines in ${names.get(worst)}`, blocks: [heatFigure(worst)] }] : []),
        ];
  return {
    title: `Redundancy of ${several ? `${files.length} models` : fileName(files[0] ?? "nothing")}`,
    headline: headlineOf(run, files, label),
    sections: [
      ...(striking.length > 0
        ? [{ heading: "What stands out", blocks: [strikingTable(striking, several, label)] }]
        : []),
      ...(run.layers.length > 0 ? [{ heading: "What to look at next", blocks: [nextList(run, label)] }] : []),
      ...figures,
      ...(run.mixtures.length > 0
        ? [{ heading: "Experts side by side", blocks: [mixtureTable(run.mixtures, several, label)] }]
        : []),
      { heading: "All numbers", blocks: [numbersTable(layers, times, several, label), columnLegend()] },
      ...(run.failed.length + run.skipped.length > 0
        ? [{ heading: "Left out", blocks: leftOut(run, several, label) }]
        : []),
    ],
    footer: [
      `Energy: ${JSON.stringify(settings.spec.potential)}, ${settings.spec.space} space, separation floor ${settings.spec.separationFloor}, seed ${settings.seed}. Projected energy: ${settings.projected ? JSON.stringify(settings.projected.projection) : "none"}.`,
      "A score of 0 is the least energy possible (or a proven bound of it), 1 is what uniformly random directions have on average. Made by comhe audit.",
    ],
  };
}

const fileName = (path: string) => printable(path.split(/[\\/]/).at(-1)!);

/** Of one model its three lines, of several the first of each. */
function headlineOf({ verdicts, notes }: AuditReport, files: readonly string[], label: FileLabel): readonly string[] {
  const noted = notes.map(
    ({ file, note }) => `Note${files.length > 1 ? ` on ${label(file)}` : ""}: ${printable(note)}.`,
  );
  if (verdicts.length === 1) return [...verdicts[0]!.lines, ...noted];
  const sound = verdicts.filter((verdict) => verdict.sound).length;
  const loud = verdicts.filter((verdict) => !verdict.sound);
  return [
    `${sound} of ${counted(verdicts.length, "model")} have nothing that stands out.`,
    ...loud.map(({ file, lines }) => `${files.length > 1 ? `${label(file)}: ` : ""}${lines[0]}`),
    ...noted,
  ];
}

/** As the terminal closes; of several models, what there is to do in those where something stands out. */
function nextList(run: AuditReport, label: FileLabel): string {
  const { verdicts } = run;
  const advice = verdicts
    .filter(({ sound }) => verdicts.length > 1 && !sound)
    .slice(0, mostAdvised)
    .map(({ file, lines: [, where, what] }) => `${label(file)}: ${where} ${what}`);
  return `<ul class="next">${[...advice, ...closingLines(run)].map((line) => `<li>${escapeHtml(line)}</li>`).join("\n")}</ul>`;
}

function strikingTable(layers: readonly LayerAudit[], several: boolean, label: FileLabel): string {
  return plainTable(
    "Layers in which a rule found something; the documentation explains the rules. Rows are counted from 0.",
    ["layer", "rules", "in words"],
    layers.map((layer) => [
      { text: layerLabel(layer), below: several ? label(layer.file) : undefined },
      { text: layer.findings.map(({ rule }) => rule).join(", ") },
      { text: printable(layerSentence(layer)), wide: true },
    ]),
  );
}

function numbersTable(
  layers: readonly LayerAudit[],
  times: ReadonlyMap<LayerAudit, number>,
  several: boolean,
  label: FileLabel,
): string {
  const number = (value: number | null, digits = 4): Cell => ({
    text: formatNumber(value, digits),
    sort: value ?? Number.NaN,
  });
  const atLeast = (layer: LayerAudit, key: Exclude<LowerBound, "nearest">, digits: number): Cell => {
    const { text, sort } = number(layer[key], digits);
    return { text: layer.lowerBounds.includes(key) ? `≥ ${text}` : text, sort };
  };
  // Those that one acts on first; all that fits on a screen of 1280 pixels.
  const columns: readonly (readonly [Head, (layer: LayerAudit) => Cell])[] = [
    [
      "layer",
      (layer) => ({
        text: `${layerLabel(layer)}${times.get(layer)! > 1 ? ` ×${times.get(layer)}` : ""}`,
        below: several ? label(layer.file) : undefined,
      }),
    ],
    ["N", ({ count }) => number(count, 0)],
    ["d", ({ dim }) => number(dim, 0)],
    ["score", (layer) => number(judgedScore(layer), 2)],
    ["dead", (layer) => atLeast(layer, "dead", 0)],
    ["faint", (layer) => atLeast(layer, "faint", 0)],
    ["dup.", (layer) => atLeast(layer, "duplicates", 0)],
    ["|cos| max", (layer) => atLeast(layer, "maxCosine", 3)],
    [
      "nearest pair",
      ({ nearest: [pair], maxCosine, lowerBounds }) => ({
        text: pair
          ? `${(pair.names?.map((name) => quoted(name)) ?? [pair.a, pair.b]).join(" ~ ")}${lowerBounds.includes("nearest") ? " (seen)" : ""}`
          : "–",
        sort: maxCosine,
      }),
    ],
    ["rank", ({ effectiveRank }) => number(effectiveRank, 1)],
    [more("± random"), (layer) => number(judgedSpread(layer), 3)],
    [more("|cos| mean"), ({ meanCosine }) => number(meanCosine, 3)],
    [more("w/o mean"), ({ centredCosine }) => number(centredCosine, 3)],
    [more("isotropy"), ({ isotropy }) => number(isotropy, 3)],
    [more("stable rank"), ({ stableRank }) => number(stableRank, 1)],
    [
      more("top share"),
      ({ energyShares: [top] }) => ({
        text: top ? `row ${top.row}: ${formatNumber(100 * top.share, 1)} %` : "–",
        sort: top?.share ?? Number.NaN,
      }),
    ],
    [more("with dead"), ({ score }) => number(score, 2)],
    [more("w/o copies"), ({ distinctScore }) => number(distinctScore, 2)],
    [more("energy full"), ({ energyFull }) => number(energyFull)],
    [more("half"), ({ energyHalf }) => number(energyHalf)],
    [more("projected"), ({ projected }) => number(projected)],
    [
      more("best"),
      ({ bestIs, best }) => ({
        text: `${bestIs === "bound" ? "≥ " : ""}${formatNumber(best)}`,
        sort: best ?? Number.NaN,
      }),
    ],
    [more("random"), ({ random }) => number(random)],
    [
      more("kind"),
      ({ kind, role }) => ({ text: printable(role === null || role === kind ? kind : `${kind}, ${role}`) }),
    ],
    [more("neuron axis"), ({ neuronAxes }) => ({ text: neuronAxes.join(", "), sort: neuronAxes[0] })],
  ];
  return sortableTable(
    "Worst first, by the score of the living neurons; a click on a heading sorts. In the column best, ≥ marks a proven bound; in other columns it says that not all pairs, or not all rows, were looked at.",
    columns.map(([head]) => head),
    layers.map((layer) => columns.map(([, cell]) => cell(layer))),
  );
}

/** A column that is shown when it is asked for. */
const more = (text: string): Head => ({ text, more: true });

function leftOut({ failed, skipped }: AuditReport, several: boolean, label: FileLabel): string[] {
  const table = (caption: string, tensors: readonly { name: string; file: string; reason: string; shape: string }[]) =>
    sortableTable(
      caption,
      ["tensor", ...(several ? ["model"] : []), "reason", "shape"],
      tensors.map(({ name, file, reason, shape }) => [
        { text: printable(name) },
        ...(several ? [{ text: label(file) }] : []),
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
