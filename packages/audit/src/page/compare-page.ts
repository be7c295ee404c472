/** The page of a comparison: one arrow for each layer, from its score before to its score after. */

import type { Comparison } from "../compare/compare-models.js";
import { judgedScore } from "../layer/layer-audit.js";
import type { AuditSettings } from "../layer/settings.js";
import { formatNumber, printable } from "../text/format-number.js";
import { changeSections } from "./change-table.js";
import { type PageContent, renderPage } from "./html.js";
import { left, scaleFigure, scoreScale, span } from "./scale.js";
import { sortableTable } from "./table.js";

/**
 * A page, whole HTML without any request to elsewhere, that shows how two models differ.
 *
 * @param before the name of the first model, as shown
 * @param after the name of the second model, as shown
 * @param settings those that both were audited with
 */
export function comparePage(comparison: Comparison, before: string, after: string, settings: AuditSettings): string {
  return renderPage(compareContent(comparison, before, after, settings));
}

/** What is on the page of a comparison. */
export function compareContent(
  { matched, lines, changes }: Comparison,
  before: string,
  after: string,
  settings: AuditSettings,
): PageContent {
  const scored = matched.filter((pair) => judgedScore(pair.before) !== null && judgedScore(pair.after) !== null);
  const scale = scoreScale(scored.flatMap((pair) => [judgedScore(pair.before)!, judgedScore(pair.after)!]));
  const rows = scored.map((pair) => {
    const [from, to] = [judgedScore(pair.before)!, judgedScore(pair.after)!];
    const kind = to > from ? "bad" : "good";
    return {
      name: printable(pair.before.layer),
      value: `${formatNumber(from, 2)} → ${formatNumber(to, 2)}`,
      marks: `<span class="change ${kind}" ${span(scale, from, to)}></span><span class="ring" ${left(scale, from)}></span><span class="dot ${kind}" ${left(scale, to)}></span>`,
    };
  });
  const wide = scale.logarithmic ? " Beyond 1 the scale is logarithmic." : "";
  return {
    title: `From ${printable(before)} to ${printable(after)}`,
    headline: lines,
    sections: [
      ...changeSections({ changes }),
      {
        heading: "Score of each layer",
        blocks: [
          scaleFigure(
            "Scores of layers before and after",
            `The ring is the score before, the dot the score after: red where it is higher, green where it is lower. 0 is the best possible, 1 is uniformly random.${wide}`,
            scale,
            rows,
          ),
        ],
      },
      {
        heading: "All numbers",
        blocks: [
          sortableTable(
            "Matched layers",
            [
              "layer",
              "matched by",
              "score before",
              "after",
              "half-space energy before",
              "after",
              "duplicates before",
              "after",
            ],
            matched.map(({ before: from, after: to, by }) => [
              { text: printable(from.layer) },
              { text: by },
              { text: formatNumber(judgedScore(from), 2), sort: judgedScore(from) ?? Number.NaN },
              { text: formatNumber(judgedScore(to), 2), sort: judgedScore(to) ?? Number.NaN },
              { text: formatNumber(from.energyHalf), sort: from.energyHalf },
              { text: formatNumber(to.energyHalf), sort: to.energyHalf },
              { text: String(from.duplicates), sort: from.duplicates },
              { text: String(to.duplicates), sort: to.duplicates },
            ]),
          ),
        ],
      },
    ],
    footer: [
      `Energy: ${JSON.stringify(settings.spec.potential)}, ${settings.spec.space} space. Made by comhe compare.`,
    ],
  };
}
