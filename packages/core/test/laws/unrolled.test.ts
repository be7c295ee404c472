/**
 * Gradients through the steps that make a projection: central differences of the energy through the whole inner loop, in float64,
 * for one step and for five, relative to the largest entry at 1e-6: entry by entry with one matrix; with three, which cost as
 * many times more, along six directions that an error of any entry shows in.
 */
import { describe, expect, it } from "vitest";
import type { ProjectionInput } from "../../src/index.js";
import { maxNorm } from "../support/compare.js";
import { directionalDerivative } from "../support/differences.js";
import { evaluate, spaces } from "../support/energies.js";
import { inner, normalArray, rowsWith } from "../support/random-rows.js";

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

const size = count * dim;
const entries = Array.from({ length: size }, (_, n) => new Float64Array(size).fill(1, n, n + 1));
/** Of length 1, as an entry's: differences are as exact along them. */
const directions = [41, 42, 43, 44, 45, 46].map((seed) => {
  const toward = normalArray(seed, size);
  const length = Math.sqrt(inner(toward, toward));
  return toward.map((value) => value / length);
});

describe.each(spaces)("%s space", (space) => {
  it.each(strategies)("%s", async (_, projection) => {
    for (const potential of potentials) {
      const config = { potential, space, projection };
      const rows = rowsWith("apart", 31, count, dim);
      const { gradient } = await evaluate(config, rows, dim);
      const isOne = "count" in projection && projection.count === 1;
      const energyAt = async (point: Float64Array) => (await evaluate(config, point, dim)).energy;
      for (const toward of isOne ? entries : directions) {
        const slope = await directionalDerivative(energyAt, rows, toward, 5e-5);
        const allowed = 1e-6 * maxNorm(gradient);
        expect(Math.abs(inner(Float64Array.from(gradient), toward) - slope)).toBeLessThanOrEqual(allowed);
      }
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
