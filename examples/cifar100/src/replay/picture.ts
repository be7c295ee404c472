/** What came of repeating recordings elsewhere, as curves. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Figure, renderFigure, seriesColor } from "@comhe-examples/study-kit";
import * as Plot from "@observablehq/plot";
import { readRecording } from "./recording.js";
import { differences, lossOf } from "./summary.js";

/** @returns the path */
export function writeReplaysPicture(path: string, folders: readonly string[]): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, standalone(replaysFigure(folders).svg));
  return path;
}

/** A column for each config: the losses, the energies, and how far they are apart. */
function replaysFigure(folders: readonly string[]): Figure {
  const read = folders.map(readRecording);
  const rows = read.flatMap(({ recording, replay }) => {
    const label = recording.label;
    const apart = differences(recording.steps, replay.float32);
    const rounding = differences(replay.float64, replay.float32);
    return recording.steps.flatMap((ours, n) => {
      const theirs = replay.float32[n]!;
      const point = (panel: string, line: string, value: number) => ({ label, panel, line, step: n + 1, value });
      return [
        point(PANELS[0], "tfjs", lossOf(ours)),
        point(PANELS[0], "PyTorch", lossOf(theirs)),
        point(PANELS[1], "tfjs and PyTorch", Math.log10(Math.max(apart[n]!.loss, LEAST))),
        point(PANELS[1], "PyTorch in float32 and float64", Math.log10(Math.max(rounding[n]!.loss, LEAST))),
      ];
    });
  });
  const height = 260;
  const labels = read.map(({ recording }) => recording.label);
  const panels = PANELS.map((panel) =>
    renderFigure(`${panel}, by step, for ${labels.join(", ")}.`, panel, {
      width: 1000,
      height,
      marginLeft: 60,
      marginTop: 40,
      marginBottom: 44,
      fx: { label: null, domain: labels },
      x: { label: "step", labelOffset: 40, ticks: 3 },
      y: { label: panel, grid: true, nice: true },
      marks: [
        Plot.frame({ stroke: "currentColor", strokeOpacity: 0.2 }),
        // What lies beneath is wide, what lies on it dashed: both are seen where they agree.
        ...COLORS.map((line, n) =>
          Plot.line(
            rows.filter((row) => row.panel === panel && row.line === line),
            {
              fx: "label",
              x: "step",
              y: "value",
              stroke: seriesColor(n),
              strokeWidth: line === "tfjs" ? 3.5 : 1.6,
              ...(line === "PyTorch" ? { strokeDasharray: "5,4" } : {}),
            },
          ),
        ),
      ],
    }),
  );
  return {
    ...panels[0]!,
    svg: stacked(
      panels.map(({ svg }) => svg),
      1000,
      height,
    ),
  };
}

const PANELS = ["loss, with decay and energies", "log₁₀ of the losses' relative difference"] as const;
const COLORS = ["tfjs", "PyTorch", "tfjs and PyTorch", "PyTorch in float32 and float64"] as const;
/** What a difference of nothing is drawn at. */
const LEAST = 1e-9;

/** The pictures below each other, under what the lines are. */
function stacked(pictures: readonly string[], width: number, height: number): string {
  const placed = pictures.map((svg, n) => svg.replace("<svg ", `<svg x="0" y="${LEGEND + n * height}" `)).join("");
  const whole = LEGEND + pictures.length * height;
  return `<svg width="${width}" height="${whole}" viewBox="0 0 ${width} ${whole}" style="background:none">${legend()}${placed}</svg>`;
}

const LEGEND = 30;

function legend(): string {
  const lefts = [60, 140, 250, 410];
  const entries = COLORS.map((line, n) => {
    const [x, dash] = [lefts[n]!, line === "PyTorch" ? ' stroke-dasharray="5,4"' : ""];
    const stroke = `stroke="${seriesColor(n)}" stroke-width="${line === "tfjs" ? 3.5 : 1.6}"${dash}`;
    return `<path d="M${x} 15h22" ${stroke}/><text x="${x + 28}" y="19" font-size="12" fill="currentColor">${line}</text>`;
  });
  return entries.join("");
}

/** A file of its own has no page to take colours and fonts from. */
function standalone(svg: string): string {
  const named = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ');
  return `${named.replace("background:none", "background:#fff;color:#333;font-family:system-ui,sans-serif")}\n`;
}
