/** The gradient is the energy's: central differences for every potential, space, strategy and ε, near and below the floor. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEvaluator, type ProjectionInput, referenceBackend } from "../../src/index.js";
import { expectClose, expectCloseNumber, maxNorm } from "../support/compare.js";
import { directionalDerivative } from "../support/differences.js";
import {
  bilateral,
  evaluate,
  givenProjections,
  potentialName,
  potentials,
  spaces,
  stoppedProjections,
  unrolledProjections,
} from "../support/energies.js";
import { type Closeness, inner, normalArray, rowsWith, timesTransposed } from "../support/random-rows.js";

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
  describe.each(Object.entries({ ...givenProjections(dim), bilateral }))("%s", (name, projection) => {
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
          { seed: 11, numRuns: 10 },
        );
      },
    );
  });
});

describe.each(spaces)("through the steps that make a projection, %s space", (space) => {
  it.each(Object.entries(unrolledProjections))("%s", async (_, projection) => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...potentials),
        fc.constantFrom(0, 1e-4),
        fc.nat(1_000_000),
        async (potential, normEpsilon, seed) => {
          const config = { potential, space, projection, normEpsilon };
          const rows = rowsWith("apart", seed, count, dim);
          const toward = normalArray(seed + 3, rows.length);
          const { gradient } = await evaluate(config, rows, dim);
          const slope = await directionalDerivative(
            async (point) => (await evaluate(config, point, dim)).energy,
            rows,
            toward,
            1e-5,
          );
          expectCloseNumber(inner(gradient, toward), slope, { relative: 1e-5, scale: maxNorm(gradient) }, "slopes");
        },
      ),
      { seed: 13, numRuns: 16 },
    );
  });

  it.each(["adversarial", "angle-preserving"] as const)(
    "%s, stopped: the gradient under the matrix kept",
    async (kind) => {
      const rows = rowsWith("apart", 15, count, dim);
      const learning = { kind, dimension: 6, count: 2, steps: 3, learningRate: 0.02 } as ProjectionInput;
      const evaluator = createEvaluator(referenceBackend(), { space, projection: learning }, { seed: 5 });
      const weights = { data: rows, shape: [count, dim] };
      const learnt = await evaluator.evaluate(weights);
      const { matrices } = evaluator.state().kept;
      const shape = matrices.shape as [number, number, number];
      const projection = { kind: "fixed", matrices: { data: matrices.data, shape } } as const;
      const fixed = await evaluate({ space, projection }, rows, dim);
      expectCloseNumber(learnt.energy, fixed.energy, { relative: 1e-13 }, "energy");
      expectClose(learnt.gradient, fixed.gradient, { relative: 1e-12 }, "gradient");
    },
  );
});

describe("steps do what they are for", () => {
  const rows = rowsWith("apart", 16, count, dim);
  const backend = referenceBackend();
  const learnt = async (projection: ProjectionInput) => {
    const evaluator = createEvaluator(backend, { space: "half", projection }, { seed: 5 });
    const { energy } = await evaluator.evaluate({ data: rows, shape: [count, dim] });
    return { energy, matrices: evaluator.state().kept.matrices };
  };

  it("ascent raises the energy", async () => {
    const energies: number[] = [];
    for (const steps of [0, 1, 5, 20]) {
      energies.push((await learnt({ kind: "adversarial", dimension: 6, steps, learningRate: 0.02 })).energy);
    }
    expect(energies).toEqual([...energies].sort((a, b) => a - b));
    expect(energies[3]).toBeGreaterThan(1.1 * energies[0]);
  });

  it.each(["angle", "cosine"] as const)("descent lowers the mismatch of the %s", async (measure) => {
    const losses: number[] = [];
    for (const steps of [0, 1, 10, 100]) {
      const projection = { kind: "angle-preserving", dimension: 6, steps, learningRate: 0.1, measure } as const;
      const { data } = (await learnt(projection)).matrices;
      const before = backend.upload(rows, [1, count, dim]);
      const after = backend.upload(timesTransposed(rows, data, dim), [1, count, 6]);
      const spec = { measure, form: "mean", separationFloor: 0.01 } as const;
      losses.push(backend.mismatch(backend.directions(before, 0), backend.directions(after, 0), spec).loss.data[0]);
    }
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    expect(losses[3]).toBeLessThan(0.5 * losses[0]);
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
  it.each(Object.entries({ ...givenProjections(dim), ...unrolledProjections, ...stoppedProjections }))(
    "%s: no neuron is pushed along itself at ε = 0",
    async (_, projection) => {
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
        { seed: 12, numRuns: 12 },
      );
    },
  );
});

it("with ε > 0 a gradient has a part along the neuron", async () => {
  const rows = rowsWith("apart", 3, count, dim);
  const { gradient } = await evaluate({ normEpsilon: 1 }, rows, dim);
  expect(Math.abs(inner(rows.subarray(0, dim), gradient.subarray(0, dim)))).toBeGreaterThan(1e-3 * maxNorm(gradient));
});
