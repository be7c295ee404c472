/** One neuron, one dimension, and zero rows. */
import { describe, expect, it } from "vitest";
import { expectClose, expectCloseNumber, maxNorm } from "../support/compare.js";
import {
  evaluate,
  givenProjections,
  potentialName,
  potentials,
  spaces,
  stoppedProjections,
  textbookPotential,
  unrolledProjections,
} from "../support/energies.js";
import { normalArray, rowsWith } from "../support/random-rows.js";

const named = potentials.map((potential) => [potentialName(potential), potential] as const);

describe.each([0, 0.01])("one neuron, floor %s", (separationFloor) => {
  it.each(named)("%s: energy 0 in full space, φ(−1) in half; gradient 0 in both", async (_, potential) => {
    for (const rows of [Float64Array.of(1, -2, 3), Float64Array.of(7)]) {
      const full = await evaluate({ potential, separationFloor }, rows, rows.length);
      expect(full.energy).toBe(0);
      expect(maxNorm(full.gradient)).toBe(0);
      const half = await evaluate({ potential, separationFloor, space: "half" }, rows, rows.length);
      expectCloseNumber(half.energy, textbookPotential(potential, Math.PI), { relative: 1e-14 });
      expect(maxNorm(half.gradient)).toBe(0);
    }
  });
});

it("one neuron under every projection", async () => {
  const rows = normalArray(91, 9);
  for (const projection of Object.values({ ...givenProjections(9), ...unrolledProjections })) {
    const full = await evaluate({ projection }, rows, 9);
    expect(full.energy).toBe(0);
    expect(maxNorm(full.gradient)).toBe(0);
    const half = await evaluate({ projection, space: "half" }, rows, 9);
    expectCloseNumber(half.energy, 0.25, { relative: 1e-14 });
    expect(maxNorm(half.gradient)).toBe(0);
  }
});

describe("d = 1: directions are ±1, and no gradient is left", () => {
  it("full space counts equal and opposite pairs", async () => {
    const { energy, gradient } = await evaluate(
      { potential: { kind: "riesz", s: 1 } },
      Float64Array.of(1.5, -0.75, -3),
      1,
    );
    // Two opposite pairs at chord 2; the equal pair continues along the tangent from δ = 0.01: 100 + κ·δ²/2 = 150.
    expectCloseNumber(energy, (0.5 + 0.5 + 150) / 3, { relative: 1e-12 });
    expect([...gradient].map(Math.abs)).toEqual([0, 0, 0]);
  });

  it("full space, all opposite: the bare formula works", async () => {
    const { energy, gradient } = await evaluate({ separationFloor: 0 }, Float64Array.of(1.5, -0.75), 1);
    expect(energy).toBe(0.25);
    expect(maxNorm(gradient)).toBe(0);
  });

  it("half space: all neurons are the same line", async () => {
    const { energy, gradient } = await evaluate({ space: "half" }, Float64Array.of(1.5, -0.75), 1);
    expect(Number.isFinite(energy)).toBe(true);
    expect(maxNorm(gradient)).toBe(0);
    await expect(evaluate({ space: "half", separationFloor: 0 }, Float64Array.of(1.5, -0.75), 1)).rejects.toThrow(
      /Neurons 0 and 1/,
    );
  });

  it.each(spaces)("ε > 0 brings a gradient back, %s space", async (space) => {
    const { gradient } = await evaluate({ space, normEpsilon: 0.5 }, Float64Array.of(1.5, -0.75), 1);
    expect(maxNorm(gradient)).toBeGreaterThan(0);
  });
});

describe("zero rows", () => {
  const dim = 9;
  const rows = rowsWith("apart", 92, 5, dim);
  rows.fill(0, 2 * dim, 3 * dim);
  const zeroRow = (values: Float32Array | Float64Array) => values.subarray(2 * dim, 3 * dim);

  it.each(named)("%s: counted, pairs with them at c = 0, gradient 0", async (_, potential) => {
    const others = Float64Array.of(...rows.subarray(0, 2 * dim), ...rows.subarray(3 * dim));
    const rightAngle = (await evaluate({ potential }, Float64Array.of(1, 0, 0, 1), 2)).energy;
    const { energy, gradient, deadNeurons } = await evaluate({ potential }, rows, dim);
    expect(deadNeurons).toBe(1);
    expect(maxNorm(zeroRow(gradient))).toBe(0);
    const rest = await evaluate({ potential }, others, dim);
    expect(rest.deadNeurons).toBe(0);
    expectCloseNumber(energy, (6 * rest.energy + 4 * rightAngle) / 10, { relative: 1e-12 });
    const kept = gradient.filter((__, n) => n < 2 * dim || n >= 3 * dim);
    expectClose(
      kept,
      rest.gradient.map((value) => (value * 6) / 10),
      { relative: 1e-10 },
    );
  });

  it.each(Object.entries({ ...givenProjections(dim), ...unrolledProjections, ...stoppedProjections }))(
    "under %s: finite, gradient 0",
    async (_, projection) => {
      for (const space of spaces) {
        const { energy, gradient, deadNeurons } = await evaluate({ space, projection }, rows, dim);
        expect(Number.isFinite(energy)).toBe(true);
        expect(gradient.every(Number.isFinite)).toBe(true);
        expect(maxNorm(zeroRow(gradient))).toBe(0);
        expect(deadNeurons).toBe(1);
      }
    },
  );

  it("two zero rows don't coincide: no error at floor 0", async () => {
    const { energy, deadNeurons } = await evaluate({ separationFloor: 0 }, Float64Array.of(0, 0, 0, 0, 1, 0), 2);
    expect(deadNeurons).toBe(2);
    expectCloseNumber(energy, 0.5, { relative: 1e-14 });
  });

  it("all rows zero: c = 0 throughout", async () => {
    for (const space of spaces) {
      const { energy, gradient, deadNeurons } = await evaluate({ space }, new Float64Array(12), 3);
      expect(deadNeurons).toBe(4);
      expectCloseNumber(energy, 0.5, { relative: 1e-14 });
      expect(maxNorm(gradient)).toBe(0);
    }
  });

  it("−0 is zero", async () => {
    expect((await evaluate({}, Float64Array.of(-0, 0, 1, 0), 2)).deadNeurons).toBe(1);
  });

  it("with ε > 0 a zero row gets a gradient, of the order of 1/√ε", async () => {
    const normEpsilon = 1e-4;
    const { gradient, deadNeurons } = await evaluate({ normEpsilon }, rows, dim);
    expect(deadNeurons).toBe(1);
    // x = w/√ε there: ∂E/∂w = (2/pairs)·κ(0)·Σx_j/√ε, κ(0) = ½ at s = 2.
    const sum = new Float64Array(dim);
    for (let i = 0; i < 5; i++) {
      const row = rows.subarray(i * dim, (i + 1) * dim);
      const norm = Math.sqrt(row.reduce((total, value) => total + value * value, normEpsilon));
      row.forEach((value, k) => {
        sum[k] += value / norm;
      });
    }
    expectClose(
      zeroRow(gradient),
      sum.map((value) => (2 / 20) * 0.5 * value * 100),
      { relative: 1e-9 },
    );
  });
});
