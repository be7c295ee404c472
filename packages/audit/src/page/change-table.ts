/** How the numbers of matched layers differ, as a table of the page of a comparison. */
import type { Comparison } from "../compare/compare-models.js";
import type { LayerChange } from "../compare/weight-changes.js";
import { formatNumber, printable } from "../text/format-number.js";
import { plainTable, sortableTable } from "./table.js";

/** Sections of the page; none where nobody looked at the numbers, or nothing changed. */
export function changeSections({ changes }: Pick<Comparison, "changes">): { heading: string; blocks: string[] }[] {
  const moved = changes.filter((change): change is LayerChange => !("problem" in change) && !change.unchanged);
  const unknown = changes.flatMap((change) => ("problem" in change ? [change] : []));
  const blocks = [
    ...(moved.length > 0 ? [changeTable(moved)] : []),
    ...(unknown.length > 0
      ? [
          plainTable(
            "Layers that couldn't be compared",
            ["layer", "why"],
            unknown.map(({ before, problem }) => [
              { text: printable(before) },
              { text: printable(problem), wide: true },
            ]),
          ),
        ]
      : []),
  ];
  return blocks.length === 0 ? [] : [{ heading: "What changed", blocks }];
}

function changeTable(moved: readonly LayerChange[]): string {
  const number = (value: number | null, digits: number) => ({
    text: formatNumber(value, digits),
    sort: value ?? Number.NaN,
  });
  return sortableTable(
    "Layers whose numbers differ, most changed first. By: the size of the difference relative to the layer, ‖ΔW‖/‖W‖, in percent. Rank: the effective rank of the difference. Directions: how many of them hold 95 % of the difference. Rows: how many changed. Cosine: that of the layer before and after.",
    ["layer", "by, %", "rank", "directions", "rows", "cosine"],
    [...moved]
      .sort((a, b) => (b.size ?? 1e9) - (a.size ?? 1e9))
      .map(({ before, size, effectiveRank, directions, changedRows, cosine, sampled }) => [
        { text: `${printable(before)}${sampled ? " (some of its rows)" : ""}` },
        number(size === null ? null : 100 * size, 2),
        number(effectiveRank, 1),
        { text: directions === null ? "more than 160" : String(directions), sort: directions ?? 1e9 },
        number(changedRows, 0),
        number(cosine, 4),
      ]),
  );
}
