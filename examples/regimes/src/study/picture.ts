/** What each arm does to the test error, regime by regime, beside the baseline. */
import { escapeHtml, formatSigned, renderFigure, seriesColor } from "@comhe-examples/study-kit";
import * as Plot from "@observablehq/plot";
import { regimeNamed } from "../regimes/all.js";
import { type ArmName, labelOf } from "./arms.js";
import type { RegimeRecord } from "./record.js";
import { baselineOf, difference } from "./table.js";

const SHOWN = ["none", "orthogonality", "mhe", "half-space-mhe", "random-comhe"] as const satisfies readonly ArmName[];
/** Narrow, with the names above what they name: a phone shows it whole. */
const WIDTH = 440;
const LEGEND_COLUMNS = 3;
const LEGEND_HEIGHT = 50;
const ROW = 11;
/** Arms, the regime's name above them, and a gap before the next. */
const ROWS = SHOWN.length + 2.6;
/** In points: what reaches further leaves the picture, so that the others can be told apart. */
const [LEAST, MOST] = [-4, 6];

interface Mark {
  readonly y: number;
  readonly color: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** A file of its own: a dot and its 95 % interval for each arm of each regime. Left of the line an arm errs less than the baseline. */
export function regimesPicture(records: readonly RegimeRecord[]): string {
  const marks = records.flatMap((record, n) =>
    SHOWN.flatMap((arm, place): Mark[] => {
      const compared = arm === baselineOf(record) ? undefined : difference(record, arm, baselineOf(record));
      if (!compared || compared.low === null || compared.high === null) return [];
      const { mean, low, high } = compared;
      return [{ y: n * ROWS + place, color: seriesColor(place), mean, low, high }];
    }),
  );
  const inside = (value: number) => Math.min(MOST, Math.max(LEAST, value));
  const names = records.map(({ name }, n) => ({
    y: n * ROWS - 1.3,
    label: regimeNamed(name).label,
  }));
  const height = Math.round(ROW * ROWS * records.length) + 60;
  const { svg } = renderFigure(`Test error against the baseline, in points: ${records.map(spoken).join("; ")}.`, "", {
    width: WIDTH,
    height,
    marginLeft: 20,
    marginBottom: 42,
    x: {
      domain: [LEAST, MOST],
      label: "test error against the baseline, points: left is better",
      labelAnchor: "center",
      labelArrow: "none",
      grid: true,
    },
    y: { domain: [-2.2, records.length * ROWS - 2.2], axis: null, reverse: true },
    marks: [
      Plot.ruleX([0], { stroke: "currentColor" }),
      Plot.link(marks, {
        x1: ({ low }: Mark) => inside(low),
        x2: ({ high }: Mark) => inside(high),
        y1: "y",
        y2: "y",
        stroke: "color",
        strokeWidth: 2,
      }),
      Plot.dot(
        marks.filter(({ mean }) => inside(mean) === mean),
        { x: "mean", y: "y", r: 3.5, fill: "color" },
      ),
      // Where an arm's mean has left the picture, the number stands at its edge.
      ...[LEAST, MOST].map((edge) =>
        Plot.text(
          marks.filter(({ mean }) => mean !== edge && inside(mean) === edge),
          {
            x: () => edge,
            y: "y",
            text: ({ mean }: Mark) => formatSigned(mean, 1),
            textAnchor: edge === LEAST ? "start" : "end",
            dx: edge === LEAST ? 6 : -6,
            fontSize: 10,
            fill: "color",
          },
        ),
      ),
      Plot.text(names, {
        x: () => LEAST,
        y: "y",
        text: "label",
        textAnchor: "start",
        fill: "currentColor",
        stroke: "white",
        fontWeight: 600,
      }),
    ],
  });
  const legend = SHOWN.map((arm, n) => {
    const x = 20 + (n % LEGEND_COLUMNS) * ((WIDTH - 20) / LEGEND_COLUMNS);
    const y = 14 + 20 * Math.floor(n / LEGEND_COLUMNS);
    const label = labelOf(arm, {});
    return `<circle cx="${x}" cy="${y}" r="5" fill="${seriesColor(n)}"/><text x="${x + 11}" y="${y + 4}" fill="currentColor">${escapeHtml(label)}</text>`;
  });
  const whole = height + LEGEND_HEIGHT;
  const placed = svg.replace("<svg ", `<svg y="${LEGEND_HEIGHT}" `);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${whole}" viewBox="0 0 ${WIDTH} ${whole}" style="background:#fff;color:#333;font-size:13px;font-family:system-ui,sans-serif">${legend.join("")}${placed}</svg>\n`;
}

function spoken(record: RegimeRecord): string {
  const regime = regimeNamed(record.name);
  const arms = SHOWN.flatMap((arm) => {
    const compared = difference(record, arm, baselineOf(record));
    return arm === baselineOf(record) || !compared ? [] : [`${labelOf(arm, regime)} ${formatSigned(compared.mean)}`];
  });
  return `${regime.label}: ${arms.join(", ")}`;
}
