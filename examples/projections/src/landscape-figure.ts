/**
 * Why project at all: how flat the energy is in high dimension. Uniformly random neurons, their energy above the least there is,
 * and how steep the energy is where they lie: the length of the gradient with respect to directions.
 */
import { bestEnergy, energyAndGradient, randomStream, referenceBackend } from "@comhe/core";
import { type Figure, renderFigure, seriesColor } from "@comhe-examples/study-kit";
import * as Plot from "@observablehq/plot";
import { page } from "./page.js";

const COUNT = 32;
const dimensions = [8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];
const draws = 24;
const potential = { kind: "riesz", s: 2, distance: "chordal" } as const;

export interface LandscapeNumbers {
  readonly dim: number;
  /** Percent above the least energy (of orthogonal neurons, from d = 32 on): median and deciles. */
  readonly low: number;
  readonly median: number;
  readonly high: number;
  /** ‖∂E/∂X‖·√N/E for unit neurons, median: how fast the energy falls, relative to itself, if each neuron turns by one radian. */
  readonly steepness: number;
}

export async function landscapeFigure(): Promise<{
  readonly figure: Figure;
  readonly numbers: readonly LandscapeNumbers[];
}> {
  const backend = referenceBackend();
  const numbers: LandscapeNumbers[] = [];
  for (const dim of dimensions) {
    const above: number[] = [];
    const steepness: number[] = [];
    // Below d = N the least energy isn't known; there, compare with that of orthogonal neurons, the same formula.
    const best = bestEnergy(potential, "half", COUNT, COUNT)!;
    for (let draw = 0; draw < draws; draw++) {
      const data: Float64Array = Float64Array.from(
        randomStream(5, `d = ${dim}`, draw).fillNormal(new Float32Array(COUNT * dim)),
      );
      for (let i = 0; i < COUNT; i++) {
        const row: Float64Array = data.subarray(i * dim, (i + 1) * dim);
        const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
        for (let k = 0; k < dim; k++) row[k]! /= norm;
      }
      const config = { potential, space: "half", projection: { kind: "none" } } as const;
      const { energy, gradient } = await energyAndGradient(backend, config, { data, shape: [COUNT, dim] });
      const norm = Math.sqrt(Array.from(gradient).reduce((sum, value) => sum + value * value, 0));
      above.push(100 * (energy / best - 1));
      steepness.push((norm * Math.sqrt(COUNT)) / energy);
    }
    const quantile = (values: readonly number[], share: number) =>
      [...values].sort((a, b) => a - b)[Math.round(share * (values.length - 1))]!;
    numbers.push({
      dim,
      low: quantile(above, 0.1),
      median: quantile(above, 0.5),
      high: quantile(above, 0.9),
      steepness: 100 * quantile(steepness, 0.5),
    });
  }
  const at = (dim: number) => numbers.find((each) => each.dim === dim)!;
  const curves = numbers.flatMap(({ dim, median, steepness }) => [
    { dim, value: median, what: "above the least energy", color: seriesColor(0) },
    { dim, value: steepness, what: "steepness", color: seriesColor(1) },
  ]);
  const ends = curves.filter(({ dim }) => dim === dimensions.at(-1));
  const figure = renderFigure(
    `Energy of 32 random neurons above the least, and its steepness, by dimension: ${[16, 64, 256, 1024].map((dim) => `d = ${dim}: ${at(dim).median.toPrecision(2)} % above, steepness ${at(dim).steepness.toPrecision(2)} %`).join("; ")}.`,
    "32 uniformly random neurons, half space, s = 2, medians of 24 draws (band: deciles).",
    {
      ...page,
      width: 860,
      height: 400,
      marginLeft: 60,
      marginRight: 190,
      marginBottom: 42,
      x: {
        type: "log",
        label: "d",
        ticks: [8, 16, 32, 64, 128, 256, 512, 1024],
        tickFormat: String,
        labelAnchor: "right",
      },
      y: {
        type: "log",
        label: "percent of the energy",
        grid: true,
        ticks: [0.1, 1, 10, 100],
        tickFormat: String,
        domain: [0.05, 100],
      },
      marks: [
        Plot.areaY(numbers, { x: "dim", y1: "low", y2: "high", fill: seriesColor(0), fillOpacity: 0.18 }),
        Plot.ruleX([30], { stroke: "#7f8794", strokeDasharray: "5,4" }),
        Plot.text([{ dim: 30 }], { x: "dim", text: () => "k = 30", frameAnchor: "top", textAnchor: "start", dx: 6 }),
        Plot.line(curves, { x: "dim", y: "value", z: "what", stroke: "color", strokeWidth: 2 }),
        Plot.text(ends, {
          x: "dim",
          y: "value",
          text: "what",
          textAnchor: "start",
          dx: 9,
          fill: "color",
          fontWeight: 600,
        }),
      ],
    },
  );
  return { figure, numbers };
}
