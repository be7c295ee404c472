/** The report of a study, whichever arms it has: conclusions, table, and the plots behind them. */
import { formatFixed } from "../format.js";
import { RESULT_COLUMNS, resultRow } from "../results-table.js";
import { conclude } from "../statistics/conclusions.js";
import type { ArmSummary } from "../statistics/summarize.js";
import { angleFigure } from "./angle-figure.js";
import { energyFigure } from "./energy-figure.js";
import { differenceFigure, errorFigure } from "./error-figures.js";
import { renderHtmlTable, renderList, renderParagraph } from "./html.js";
import { renderFigureBlock, renderPage, type Section } from "./page.js";
import { seriesColor } from "./palette.js";

export interface StudyReport {
  readonly title: string;
  /** What was done: the regime, in sentences. */
  readonly setting: readonly string[];
  readonly summaries: readonly ArmSummary[];
  readonly footer: readonly string[];
  /** More sections, after the test error. */
  readonly more?: readonly Section[];
}

export function renderStudyReport({ title, setting, summaries, footer, more = [] }: StudyReport): string {
  const { headline, arms, neighbours } = conclude(summaries);
  const baseline = summaries.find(({ arm }) => arm.role === "baseline");
  const differences = baseline && differenceFigure(summaries, baseline.arm.label);
  const legend = summaries.map(({ arm }, index) => ({ label: arm.label, color: seriesColor(index) }));
  const layer = layerThatFellMost(summaries);
  return renderPage({
    title,
    headline,
    footer,
    sections: [
      {
        heading: "What the numbers say",
        blocks: [
          renderList(arms),
          renderParagraph(
            "Differences are paired: the same training images, initial weights and batch order for each seed. Intervals and p-values are Student's t on the seeds' differences, each on its own, not corrected for the number of arms. “Energy” is the mean over the watched layers of the unprojected half-space energy (s = 2).",
          ),
          renderHtmlTable({ caption: "Every arm", head: RESULT_COLUMNS, rows: summaries.map(resultRow) }),
        ],
      },
      ...(neighbours.length > 0
        ? [{ heading: "Other methods against the best energy arm", blocks: [renderList(neighbours)] }]
        : []),
      {
        heading: "Test error",
        blocks: [renderFigureBlock(errorFigure(summaries)), ...(differences ? [renderFigureBlock(differences)] : [])],
      },
      ...more,
      {
        heading: "Energy of each layer over training",
        blocks: [
          renderFigureBlock(energyFigure(summaries), legend),
          renderHtmlTable({
            caption: "Unprojected half-space energy before → after, mean over seeds",
            style: "dense",
            ...energyTable(summaries),
          }),
        ],
      },
      {
        heading: `Angles between the neurons of ${summaries[0]!.layers[layer]!.name}`,
        blocks: [renderFigureBlock(angleFigure(summaries, layer))],
      },
      {
        heading: "How it was done",
        blocks: [
          ...setting.map(renderParagraph),
          renderHtmlTable({
            caption: "Settings of the arms",
            style: "prose",
            head: ["arm", "settings"],
            rows: summaries.map(({ arm }) => [arm.label, arm.settings]),
          }),
        ],
      },
    ],
  });
}

/** The layer on which the arms' energy falls most is the one worth looking at. */
function layerThatFellMost(summaries: readonly ArmSummary[]): number {
  const falls = summaries[0]!.layers.map((_, index) =>
    Math.max(...summaries.map(({ layers }) => layers[index]!.before - layers[index]!.after)),
  );
  return falls.indexOf(Math.max(...falls));
}

function energyTable(summaries: readonly ArmSummary[]): { head: string[]; rows: string[][] } {
  const layers = summaries[0]!.layers;
  const reference = (label: string, value: (layer: (typeof layers)[number]) => number | null) => [
    label,
    ...layers.map((layer) => {
      const energy = value(layer);
      return energy === null ? "unknown" : formatFixed(energy, 4);
    }),
  ];
  return {
    head: ["arm", ...layers.map(({ name }) => name)],
    rows: [
      ...summaries.map(({ arm, layers: measured }) => [
        arm.label,
        ...measured.map(({ before, after }) => `${formatFixed(before, 4)} → ${formatFixed(after, 4)}`),
      ]),
      reference("floor", ({ floor }) => floor),
      reference("uniformly random", ({ uniform }) => uniform),
    ],
  };
}
