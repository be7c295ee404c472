/** Energy of every watched layer over training, against its floor and against uniformly random directions. */
import * as Plot from "@observablehq/plot";
import { formatExponent, formatFixed } from "../format.js";
import type { ArmSummary } from "../statistics/summarize.js";
import { seriesColor } from "./palette.js";
import { type Figure, renderFigure } from "./plot-to-svg.js";

const COLUMNS = 4;

interface Panel {
  readonly fx: number;
  readonly fy: number;
}

export function energyFigure(summaries: readonly ArmSummary[]): Figure {
  const layers = summaries[0]!.layers;
  const panels = layers.map((layer, index) => ({ ...layer, fx: index % COLUMNS, fy: Math.floor(index / COLUMNS) }));
  const points = summaries.flatMap(({ arm, layers: measured }, index) =>
    measured.flatMap(({ energies }, layer) =>
      energies.map((energy, epoch) => ({
        ...place(panels[layer]!),
        arm: arm.name,
        color: seriesColor(index),
        epoch,
        energy,
      })),
    ),
  );
  const floors = panels.flatMap(({ floor, fx, fy }) => (floor === null ? [] : [{ fx, fy, energy: floor }]));
  const uniform = panels.flatMap(({ uniform: energy, fx, fy }) => (energy === null ? [] : [{ fx, fy, energy }]));
  const ends = summaries.map(
    ({ arm, energyBefore, energyAfter }) =>
      `${arm.label} ${formatFixed(energyBefore, 4)} to ${formatFixed(energyAfter, 4)}`,
  );
  return renderFigure(
    `Unprojected half-space energy of each layer by epoch. Mean over layers, before to after training: ${ends.join("; ")}.`,
    "Unprojected half-space energy (s = 2) of each layer's neurons, mean over seeds. Each panel names the layer, its neurons and their space. Dashed: the floor, orthogonal neurons. Dotted: uniformly random directions.",
    {
      width: 1100,
      marginTop: 40,
      height: 80 + 200 * Math.ceil(layers.length / COLUMNS),
      marginLeft: 58,
      marginBottom: 40,
      fx: { axis: null, padding: 0.12 },
      fy: { axis: null, padding: 0.2 },
      x: { label: "epoch", ticks: 4, labelAnchor: "right" },
      y: { label: "energy", ticks: 5, grid: true, nice: true, zero: false, tickFormat: ".3f" },
      marks: [
        Plot.ruleY(uniform, { fx: "fx", fy: "fy", y: "energy", stroke: "currentColor", strokeDasharray: "1,4" }),
        Plot.line(points, { fx: "fx", fy: "fy", x: "epoch", y: "energy", z: "arm", stroke: "color", strokeWidth: 1.8 }),
        Plot.ruleY(floors, { fx: "fx", fy: "fy", y: "energy", stroke: "currentColor", strokeDasharray: "6,4" }),
        Plot.text(panels, {
          fx: "fx",
          fy: "fy",
          text: ({ name, count, dim }: (typeof panels)[number]) => `${name}: ${count} in ℝ${formatExponent(dim)}`,
          frameAnchor: "top-left",
          dy: -18,
          fontWeight: 600,
          fill: "currentColor",
        }),
      ],
    },
  );
}

function place({ fx, fy }: Panel): Panel {
  return { fx, fy };
}
