/** Half space is the full space of the 2N points {x_i, −x_i}, folded. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Potential } from "../../src/index.js";
import { expectClose, expectCloseNumber, maxNorm } from "../support/compare.js";
import { evaluate, potentialName, potentials, textbookPotential } from "../support/energies.js";
import { type Closeness, inner, rowsWith } from "../support/random-rows.js";

const dim = 6;
const named = potentials.map((potential) => [potentialName(potential), potential] as const);
const isAngular = (potential: Potential) => potential.kind === "riesz" && potential.distance === "angular";

describe("half space is the full space of the doubled points", () => {
  it.each(named)("%s", async (_, potential) => {
    // An angular potential in full space clamps the antipodal pairs (x_i, −x_i), which half space takes as a constant:
    // the two meet as δ → 0.
    const closenesses: readonly Closeness[] = isAngular(potential)
      ? ["apart", "near"]
      : ["apart", "near", "below the floor", "antipodal, below the floor"];
    const separationFloor = isAngular(potential) ? 1e-9 : 0.01;
    const relative = isAngular(potential) ? 1e-7 : 1e-8;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...closenesses),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(1_000_000),
        async (closeness, count, seed) => {
          const rows = rowsWith(count === 1 ? "apart" : closeness, seed, count, dim);
          const doubled = Float64Array.of(...rows, ...rows.map((value) => -value));
          const half = await evaluate({ potential, space: "half", separationFloor }, rows, dim);
          const full = await evaluate({ potential, space: "full", separationFloor }, doubled, dim);
          expectCloseNumber(half.energy, full.energy, { relative }, "energy");
          // A row moves its opposite along.
          const folded = rows.map((_, n) => full.gradient[n] - full.gradient[n + rows.length]);
          const scale = Math.max(maxNorm(folded), Math.abs(half.energy));
          expectClose(half.gradient, folded, { relative, scale }, "gradient");
        },
      ),
      { seed: 31, numRuns: 60 },
    );
  });
});

it.each(named)("agrees with a naive mean over the 2N points: %s", async (_, potential) => {
  const count = 5;
  const rows = rowsWith("apart", 41, count, dim);
  const points = Array.from({ length: 2 * count }, (__, i) =>
    rows.slice((i % count) * dim, ((i % count) + 1) * dim).map((value) => (i < count ? value : -value)),
  );
  let sum = 0;
  let pairs = 0;
  for (let i = 0; i < points.length; i++) {
    for (let j = i + 1; j < points.length; j++) {
      const cosine = inner(points[i], points[j]) / Math.hypot(...points[i]) / Math.hypot(...points[j]);
      sum += textbookPotential(potential, Math.acos(Math.max(-1, Math.min(1, cosine))));
      pairs++;
    }
  }
  expect(pairs).toBe(count * (2 * count - 1));
  expectCloseNumber((await evaluate({ potential, space: "half" }, rows, dim)).energy, sum / pairs, { relative: 1e-12 });
});

describe("folding", () => {
  const angles = [0.3, 0.9, Math.PI / 2, 2, 2.8];
  const at = async (potential: Potential, theta: number) =>
    (await evaluate({ potential, space: "half" }, Float64Array.of(1, 0, Math.cos(theta), Math.sin(theta)), 2)).energy;

  it.each([0, 1, 2, 2.5, 3])("two lines at an angle, s = %s", async (s) => {
    const potential = { kind: "riesz", s, distance: "chordal" } as const;
    for (const theta of angles) {
      const psi = textbookPotential(potential, theta) + textbookPotential(potential, Math.PI - theta);
      const expected = (2 * psi + 2 * textbookPotential(potential, Math.PI)) / 6;
      expectCloseNumber(await at(potential, theta), expected, { relative: 1e-12 }, `angle ${theta}`);
    }
  });

  it("at s = 2, φ(c) + φ(−c) = 1/(1 − c²)", async () => {
    for (const theta of angles) {
      const energy = await at({ kind: "riesz", s: 2, distance: "chordal" }, theta);
      expectCloseNumber(energy, (2 / Math.sin(theta) ** 2 + 2 * 0.25) / 6, { relative: 1e-12 });
    }
  });
});

it("knows no difference between a neuron and its opposite; the gradient flips along", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...potentials),
      fc.constantFrom<Closeness>("apart", "near", "below the floor", "antipodal, below the floor"),
      fc.constantFrom(0, 1e-4),
      fc.array(fc.constantFrom(1, -1), { minLength: 4, maxLength: 4 }),
      fc.nat(1_000_000),
      async (potential, closeness, normEpsilon, signs, seed) => {
        const config = { potential, space: "half", normEpsilon } as const;
        const rows = rowsWith(closeness, seed, 4, dim);
        const flip = (values: Float32Array | Float64Array) =>
          values.map((value, n) => value * signs[Math.floor(n / dim)]);
        const before = await evaluate(config, rows, dim);
        const after = await evaluate(config, flip(rows) as Float64Array, dim);
        expectCloseNumber(after.energy, before.energy, { relative: 1e-13 }, "energy");
        expectClose(flip(after.gradient), before.gradient, { relative: 1e-11 }, "gradient");
      },
    ),
    { seed: 32, numRuns: 200 },
  );
});
