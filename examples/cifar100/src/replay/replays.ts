/** What came of repeating recordings elsewhere: how long the two agree, in numbers and as curves. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Figure, formatP, renderFigure, renderTable, seriesColor } from "@comhe-examples/study-kit";
import * as Plot from "@observablehq/plot";
import { type RecordedStep, readRecording } from "./recording.js";

/** Relative differences beyond it are called parting. */
export const TOLERANCE = 1e-3;

/** At so many steps the table looks. */
const LOOKED_AT = [1, 10, 50, 100, 200] as const;

const energyOf = ({ energies }: RecordedStep) => Object.values(energies).reduce((sum, energy) => sum + energy, 0);
const lossOf = (step: RecordedStep) => step.fit + step.decay + energyOf(step);
const relative = (a: number, b: number) => Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), Number.MIN_VALUE);

/** Of two courses: step by step, how far the losses are apart, and the energies of the layer that is farthest. */
export function differences(ours: readonly RecordedStep[], theirs: readonly RecordedStep[]) {
  return ours.map((step, n) => {
    const other = theirs[n]!;
    const energies = Object.keys(step.energies).map((name) => relative(step.energies[name]!, other.energies[name]!));
    return { loss: relative(lossOf(step), lossOf(other)), energy: Math.max(0, ...energies) };
  });
}

/** The first step, counted from 1, at which the difference is beyond the tolerance; 0: never. */
export function partingStep(values: readonly number[], tolerance = TOLERANCE): number {
  return values.findIndex((value) => !(value <= tolerance)) + 1;
}

export function replaysTable(folders: readonly string[]): string {
  const head = [
    "config",
    "difference of",
    ...LOOKED_AT.map((step) => `to step ${step}`),
    `beyond ${TOLERANCE} from step`,
  ];
  const rows = folders.flatMap((folder) => {
    const { recording, replay } = readRecording(folder);
    const pairs = [
      ["tfjs, PyTorch", differences(recording.steps, replay.float32)],
      ["PyTorch's float32, float64", differences(replay.float64, replay.float32)],
    ] as const;
    return pairs.flatMap(([between, each]) =>
      (["loss", "energy"] as const)
        .filter((what) => what === "loss" || Object.keys(recording.steps[0]!.energies).length > 0)
        .map((what, n) => {
          const values = each.map((step) => step[what]);
          const parting = partingStep(values);
          return [
            recording.label,
            n === 0 ? `loss: ${between}` : `each layer's energy: ${between}`,
            ...LOOKED_AT.map((step) => (step > values.length ? "–" : formatSmall(Math.max(...values.slice(0, step))))),
            parting === 0 ? "never" : String(parting),
          ];
        }),
    );
  });
  return renderTable(head, rows);
}

/** One significant digit, as p-values have it. */
const formatSmall = (value: number) => formatP(value);

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
  const height = 250;
  const labels = read.map(({ recording }) => recording.label);
  const panels = PANELS.map((panel) =>
    renderFigure(`${panel}, by step, for ${labels.join(", ")}.`, panel, {
      width: 1000,
      height,
      marginLeft: 60,
      marginTop: 40,
      fx: { label: null, domain: labels },
      x: { label: "step", ticks: 3 },
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

function stacked(pictures: readonly string[], width: number, height: number): string {
  const placed = pictures.map((svg, n) => svg.replace("<svg ", `<svg x="0" y="${n * height}" `)).join("");
  return `<svg width="${width}" height="${pictures.length * height}" viewBox="0 0 ${width} ${pictures.length * height}" style="background:none">${placed}</svg>`;
}

/** A file of its own has no page to take colours and fonts from. */
function standalone(svg: string): string {
  const named = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ');
  return `${named.replace("background:none", "background:#fff;color:#333;font-family:system-ui,sans-serif")}\n`;
}
