/** The two plots, drawn anew after every epoch: all runs of this visit, the latest in full colour. */
import * as Plot from "@observablehq/plot";
import { regime } from "../../digits/src/regime.js";
import type { EpochReading } from "./train.js";

export interface Run {
  readonly label: string;
  readonly readings: readonly EpochReading[];
}

/** (N − ¾)/(2N − 1): N orthogonal lines, the least half-space energy there is at s = 2. */
export const floor = (regime.hiddenUnits - 0.75) / (2 * regime.hiddenUnits - 1);

export const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const size = {
  width: 460,
  height: 260,
  marginLeft: 52,
  marginBottom: 38,
  style: { background: "none", color: "inherit", fontSize: "12px" },
};

function replace(into: HTMLElement, label: string, options: Plot.PlotOptions): void {
  const plot = Plot.plot({ ...size, ...options });
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", label);
  into.replaceChildren(plot);
}

/** Whole epochs, six ticks at most. */
const epochAxis = (runs: readonly Run[]): Plot.ScaleOptions => {
  const last = Math.max(1, ...runs.flatMap(({ readings }) => readings.map(({ epoch }) => epoch)));
  return { label: "epoch", ticks: Math.min(6, last), tickFormat: "d" };
};

export function drawEnergy(into: HTMLElement, runs: readonly Run[]): void {
  const latest = runs.at(-1);
  const means = runs.flatMap(({ label, readings }, run) =>
    readings.map(({ epoch, energies }) => ({ run, label, epoch, energy: meanOf(energies) })),
  );
  const layers = (latest?.readings ?? []).flatMap(({ epoch, energies }) =>
    energies.map((energy, layer) => ({ epoch, energy, layer })),
  );
  const last = means.at(-1);
  replace(into, `Mean energy of the hidden layers, now ${last?.energy.toFixed(4)}; the floor is ${floor.toFixed(4)}`, {
    x: epochAxis(runs),
    y: { label: null, nice: true },
    marks: [
      Plot.line(layers, { x: "epoch", y: "energy", z: "layer", stroke: "var(--accent)", strokeOpacity: 0.3 }),
      Plot.line(
        means.filter(({ run }) => run < runs.length - 1),
        { x: "epoch", y: "energy", z: "run", stroke: "var(--quiet)", strokeWidth: 1.5 },
      ),
      Plot.line(
        means.filter(({ run }) => run === runs.length - 1),
        { x: "epoch", y: "energy", stroke: "var(--accent)", strokeWidth: 3 },
      ),
      Plot.ruleY([floor], { stroke: "var(--quiet)", strokeDasharray: "5 4" }),
    ],
  });
}

export function drawError(into: HTMLElement, runs: readonly Run[]): void {
  const errors = runs.flatMap(({ readings }, run) =>
    readings.map(({ epoch, testError }) => ({ run, epoch, testError })),
  );
  const latest = runs.length - 1;
  const line = (own: boolean, stroke: string, strokeWidth: number) =>
    Plot.line(
      errors.filter(({ run }) => (run === latest) === own),
      { x: "epoch", y: "testError", z: "run", stroke, strokeWidth },
    );
  replace(into, `Errors on the test rows, now ${errors.at(-1)?.testError.toFixed(1)} percent`, {
    x: epochAxis(runs),
    y: { label: null, domain: [0, 100] },
    marks: [line(false, "var(--quiet)", 1.5), line(true, "var(--accent)", 3), Plot.ruleY([0])],
  });
}
