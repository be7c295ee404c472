/** The gradient is the energy's: central differences for every potential, space, strategy and ε, near and below the floor. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectCloseNumber, maxNorm } from "../support/compare.js";
import { directionalDerivative } from "../support/differences.js";
import { evaluate, potentialName, potentials, projections, spaces } from "../support/energies.js";
import { type Closeness, inner, normalArray, rowsWith } from "../support/random-rows.js";

const count = 5;
const dim = 9;

/** Differences must resolve the pair: h well below its chord. */
const steps: Record<Closeness, number> = {
  apart: 1e-3,
  near: 1e-4,
  "below the floor": 2e-6,
  "antipodal, below the floor": 2e-6,
};

describe.each(spaces)("%s space", (space) => {
  describe.each(Object.entries(projections(dim)))("%s", (name, projection) => {
    // A maximum has kinks where another matrix takes over: a smaller step rarely straddles one.
    const longest = name.endsWith("max") ? 2e-6 : 1;
    it.each(potentials.map((potential) => [potentialName(potential), potential] as const))(
      "%s",
      async (_, potential) => {
        await fc.assert(
          fc.asyncProperty(
            fc.constantFrom(...(Object.keys(steps) as Closeness[])),
            fc.constantFrom(0, 1e-4),
            fc.nat(1_000_000),
            async (closeness, normEpsilon, seed) => {
              const config = { potential, space, projection, normEpsilon };
              const rows = rowsWith(closeness, seed, count, dim);
              const toward = normalArray(seed + 3, rows.length);
              const { gradient } = await evaluate(config, rows, dim);
              const slope = await directionalDerivative(
                async (point) => (await evaluate(config, point, dim)).energy,
                rows,
                toward,
                Math.min(steps[closeness], longest),
              );
              expectCloseNumber(inner(gradient, toward), slope, { relative: 2e-6, scale: maxNorm(gradient) }, "slopes");
            },
          ),
          { seed: 11, numRuns: 16 },
        );
      },
    );
  });
});

it("agrees entry by entry", async () => {
  const config = { potential: { kind: "riesz", s: 2 }, space: "half", projection: { kind: "none" } } as const;
  const rows = rowsWith("near", 21, count, dim);
  const { gradient } = await evaluate(config, rows, dim);
  for (let n = 0; n < rows.length; n++) {
    const toward = new Float64Array(rows.length).fill(1, n, n + 1);
    const slope = await directionalDerivative(
      async (point) => (await evaluate(config, point, dim)).energy,
      rows,
      toward,
      1e-4,
    );
    expectCloseNumber(gradient[n], slope, { relative: 1e-7, scale: maxNorm(gradient) }, `entry ${n}`);
  }
});

describe.each(spaces)("tangency in %s space", (space) => {
  it.each(Object.entries(projections(dim)))("%s: no neuron is pushed along itself at ε = 0", async (_, projection) => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...potentials),
        fc.constantFrom<Closeness>("apart", "near"),
        fc.nat(1_000_000),
        async (potential, closeness, seed) => {
          const rows = rowsWith(closeness, seed, count, dim);
          const { gradient } = await evaluate({ potential, space, projection }, rows, dim);
          expect(maxNorm(gradient)).toBeGreaterThan(0);
          for (let i = 0; i < count; i++) {
            const along = inner(rows.subarray(i * dim, (i + 1) * dim), gradient.subarray(i * dim, (i + 1) * dim));
            expectCloseNumber(along, 0, { relative: 1e-11, scale: 3 * maxNorm(gradient) }, `⟨w, g⟩ of row ${i}`);
          }
        },
      ),
      { seed: 12, numRuns: 20 },
    );
  });
});

it("with ε > 0 a gradient has a part along the neuron", async () => {
  const rows = rowsWith("apart", 3, count, dim);
  const { gradient } = await evaluate({ normEpsilon: 1 }, rows, dim);
  expect(Math.abs(inner(rows.subarray(0, dim), gradient.subarray(0, dim)))).toBeGreaterThan(1e-3 * maxNorm(gradient));
});
