/**
 * Gradients through the steps that make a projection: central differences of the energy through the whole inner loop, in float64,
 * for one step and for five, entry by entry and relative to the largest entry at 1e-6.
 */
import { describe, expect, it } from "vitest";
import type { ProjectionInput } from "../../src/index.js";
import { expectClose, maxNorm } from "../support/compare.js";
import { directionalDerivative } from "../support/differences.js";
import { evaluate, spaces } from "../support/energies.js";
import { rowsWith } from "../support/random-rows.js";

const [count, dim] = [5, 7];
const potentials = [
  { kind: "riesz", s: 2, distance: "chordal" },
  { kind: "riesz", s: 1, distance: "angular" },
] as const;

const strategies: readonly (readonly [string, ProjectionInput])[] = [1, 5].flatMap((steps) =>
  [1, 3].flatMap((matrices) => {
    const learned = { dimension: 5, count: matrices, steps, through: "unrolled" } as const;
    const title = `${steps === 1 ? "one step" : `${steps} steps`}, ${matrices === 1 ? "one matrix" : `${matrices} matrices`}`;
    return [
      ...(["angle", "cosine"] as const).flatMap((measure) =>
        (["mean", "root"] as const).map(
          (form) =>
            [
              `angle-preserving ${measure} ${form}, ${title}`,
              { kind: "angle-preserving", ...learned, measure, form, learningRate: form === "mean" ? 0.5 : 0.05 },
            ] as const,
        ),
      ),
      ...([undefined, "full", "half"] as const).map(
        (ascentSpace) =>
          [
            `adversarial, ascent in ${ascentSpace ?? "the energy's"} space, ${title}`,
            { kind: "adversarial", ...learned, ascentSpace, learningRate: 0.005 },
          ] as const,
      ),
    ];
  }),
);

describe.each(spaces)("%s space", (space) => {
  it.each(strategies)("%s", async (_, projection) => {
    for (const potential of potentials) {
      const config = { potential, space, projection };
      const rows = rowsWith("apart", 31, count, dim);
      const { gradient } = await evaluate(config, rows, dim);
      const differences = new Float64Array(rows.length);
      for (let n = 0; n < rows.length; n++) {
        const toward = new Float64Array(rows.length).fill(1, n, n + 1);
        const energyAt = async (point: Float64Array) => (await evaluate(config, point, dim)).energy;
        differences[n] = await directionalDerivative(energyAt, rows, toward, 5e-5);
      }
      expectClose(gradient, differences, { relative: 1e-6 }, "gradient");
      // The steps matter: without the gradient through them it is another one.
      const stopped = await evaluate(
        { ...config, projection: { ...projection, through: "stopped" } as never },
        rows,
        dim,
      );
      const share = maxNorm(stopped.gradient.map((value, n) => value - gradient[n])) / maxNorm(gradient);
      expect(share).toBeGreaterThan(1e-4);
    }
  });
});
