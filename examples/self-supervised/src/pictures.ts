/** Pictures as files of their own. */
import { uniformEnergy } from "@comhe/core";
import { escapeHtml, seriesColor } from "@comhe-examples/study-kit";
import { courseFigure } from "./figures.js";
import { regime } from "./regime.js";
import type { Summary } from "./summary.js";

/** Of uniformly random directions, as many as there are test images: the mean −log r. */
export function randomEnergy(dimension: number): number {
  return uniformEnergy({ kind: "riesz", s: 0, distance: "chordal" }, "full", regime.testRows, dimension);
}

const PANEL = { width: 560, height: 330 };
const LEGEND_ROW = 22;
const LEGEND_COLUMNS = 5;

/** Test error and energy over training side by side, with a legend. */
export function coursePicture(summaries: readonly Pick<Summary, "arm" | "course">[], dimension: number): string {
  const random = randomEnergy(dimension);
  const panels = (["testError", "energy"] as const).map((what) =>
    courseFigure(summaries, what, random, { ...PANEL, isClipped: true }),
  );
  const width = 2 * PANEL.width;
  const legendHeight = LEGEND_ROW * Math.ceil(summaries.length / LEGEND_COLUMNS) + 10;
  const height = PANEL.height + legendHeight;
  const placed = panels.map(({ svg }, n) => svg.replace("<svg ", `<svg x="${n * PANEL.width}" y="${legendHeight}" `));
  const entries = summaries.map(({ arm }, n) => {
    const x = 40 + (n % LEGEND_COLUMNS) * ((width - 40) / LEGEND_COLUMNS);
    const y = 18 + LEGEND_ROW * Math.floor(n / LEGEND_COLUMNS);
    const line = `<line x1="${x}" x2="${x + 22}" y1="${y - 4}" y2="${y - 4}" stroke="${seriesColor(n)}" stroke-width="3"/>`;
    return `${line}<text x="${x + 30}" y="${y}" fill="currentColor">${escapeHtml(arm.label)}</text>`;
  });
  return standalone(
    `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" style="background:none;font-size:13px;font-family:inherit">${entries.join("")}${placed.join("")}</svg>`,
  );
}

/** A file of its own has no page to take colours and fonts from. */
export function standalone(svg: string): string {
  const named = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ');
  const styled = named.replace("background:none", "background:#fff;color:#333");
  return `${styled.replace("font-family:inherit", "font-family:system-ui,sans-serif")}\n`;
}
