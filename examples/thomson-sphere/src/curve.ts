/** The energy over the steps, beside the known minimum. */
import * as Plot from "@observablehq/plot";
import type { Reading } from "./minimize.js";

const mostPoints = 400;

export function drawCurve(into: HTMLElement, readings: readonly Reading[], minimum: number | undefined): void {
  const every = Math.ceil(readings.length / mostPoints);
  const shown = readings.filter((_, n) => n % every === 0 || n === readings.length - 1);
  const marks: Plot.Markish[] = [Plot.line(shown, { x: "step", y: "energy", stroke: "var(--accent)", strokeWidth: 2 })];
  if (minimum !== undefined) marks.push(Plot.ruleY([minimum], { stroke: "var(--quiet)", strokeDasharray: "5 4" }));
  const plot = Plot.plot({
    width: 330,
    height: 180,
    marginLeft: 52,
    style: { background: "none", color: "inherit", fontSize: "11px" },
    x: { label: "step", ticks: 4 },
    y: { label: null, ticks: 4, nice: true },
    marks,
  });
  plot.setAttribute("role", "img");
  const last = readings.at(-1);
  plot.setAttribute(
    "aria-label",
    `Mean energy of a pair over ${readings.length} steps, now ${last?.energy.toFixed(6)}`,
  );
  into.replaceChildren(plot);
}
