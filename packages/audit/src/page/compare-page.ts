/** The page of a comparison: one arrow for each layer, from its score before to its score after. */
import * as Plot from "@observablehq/plot";
import { judgedScore } from "../layer/layer-audit.js";
import type { AuditSettings } from "../layer/settings.js";
import type { Comparison } from "../model/compare-models.js";
import { formatNumber, printable } from "../text/format-number.js";
import { figureBlock } from "./figure.js";
import { renderPage, sortableTable } from "./html.js";

/**
 * A page, whole HTML without any request to elsewhere, that shows how two models differ.
 *
 * @param before the name of the first model, as shown
 * @param after the name of the second model, as shown
 * @param settings those that both were audited with
 */
export function comparePage(
  { matched, onlyBefore, onlyAfter, lines }: Comparison,
  before: string,
  after: string,
  settings: AuditSettings,
): string {
  const rows = matched.flatMap(({ before: from, after: to }) =>
    judgedScore(from) === null || judgedScore(to) === null
      ? []
      : [
          {
            name: printable(from.layer),
            from: judgedScore(from)!,
            to: judgedScore(to)!,
            color: judgedScore(to)! > judgedScore(from)! ? "var(--bad)" : "var(--good)",
          },
        ],
  );
  const better = rows.filter(({ from, to }) => to < from).length;
  const alone = onlyBefore.length + onlyAfter.length;
  return renderPage({
    title: `From ${printable(before)} to ${printable(after)}`,
    headline: [
      `${better} of ${rows.length} layers are less redundant after than before. ${lines.slice(1, 2).join("")}${alone > 0 ? ` ${alone} layers have no counterpart.` : ""}`,
    ],
    sections: [
      {
        heading: "Score of each layer",
        blocks: [
          figureBlock(
            `Scores before and after: ${rows.map(({ name, from, to }) => `${name} ${formatNumber(from, 2)} to ${formatNumber(to, 2)}`).join("; ")}.`,
            "Ring: before. Dot: after. 0 is the best possible, 1 uniformly random.",
            {
              width: 1100,
              height: 80 + 24 * rows.length,
              marginLeft: 320,
              marginBottom: 40,
              x: { label: "score →", grid: true, zero: true, labelAnchor: "right" },
              y: { label: null, domain: rows.map(({ name }) => name), tickSize: 0 },
              marks: [
                Plot.ruleX([0, 1], { stroke: "currentColor", strokeDasharray: "4,3" }),
                Plot.link(rows, { y: "name", x1: "from", x2: "to", stroke: "color", strokeWidth: 2 }),
                Plot.dot(rows, { y: "name", x: "from", r: 4, stroke: "color", fill: "var(--page)" }),
                Plot.dot(rows, { y: "name", x: "to", r: 4.5, fill: "color" }),
              ],
            },
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
  });
}
