/** Coincident neurons: finite with the default floor, an error that names the rows with floor 0. */
import { describe, expect, it } from "vitest";
import { keptFrom, kindOf } from "../../src/formulas.js";
import { EnergyError, type Potential } from "../../src/index.js";
import { expectClose, expectCloseNumber, maxNorm } from "../support/compare.js";
import { evaluate, potentialName, potentials, spaces } from "../support/energies.js";
import { inner, normalArray } from "../support/random-rows.js";

const dim = 4;
const singular = potentials.filter(({ kind }) => kind === "riesz");
const isAngular = (potential: Potential) => potential.kind === "riesz" && potential.distance === "angular";
const named = (list: readonly Potential[]) => list.map((potential) => [potentialName(potential), potential] as const);

/** Five rows, row `j` the multiple `factor` of row `i`. */
function withCopy(i: number, j: number, factor: number): Float64Array {
  const rows = normalArray(81, 5 * dim);
  rows.set(
    rows.subarray(i * dim, (i + 1) * dim).map((value) => factor * value),
    j * dim,
  );
  return rows;
}

/** Two unit vectors of the plane, the chord `r` apart. */
function apart(r: number): Float64Array {
  const theta = 2 * Math.asin(r / 2);
  return Float64Array.of(1, 0, Math.cos(theta), Math.sin(theta));
}

describe.each(spaces)("with the default floor, %s space", (space) => {
  it.each(named(potentials))(
    "%s: exactly coincident rows are finite and don't push each other",
    async (_, potential) => {
      for (const factor of space === "half" ? [2, -0.5, 3.7, -0.3] : [2, 3.7]) {
        const rows = withCopy(1, 3, factor);
        const { energy, gradient } = await evaluate({ potential, space }, rows, dim);
        expect(Number.isFinite(energy)).toBe(true);
        expect(gradient.every(Number.isFinite)).toBe(true);
        // Row 3 feels what row 1 feels: the pair adds nothing. Other multiples than powers of two differ by rounding,
        // which κ multiplies: at the floor it is 3e10 for s = 3.
        const rounding = Number.isInteger(Math.log2(Math.abs(factor))) ? 0 : 3e10 * 1e-15;
        const own = gradient.subarray(dim, 2 * dim);
        const copy = gradient.subarray(3 * dim, 4 * dim).map((value) => value * factor);
        expectClose(copy, own, { relative: 1, scale: 1e-12 * maxNorm(own) + rounding }, `factor ${factor}`);
      }
    },
  );

  it.each(named(singular))(
    "%s: the energy of two rows falls, and its slope with it, from chord 0 to 2",
    async (_, potential) => {
      let energy = Number.POSITIVE_INFINITY;
      const reach = space === "half" ? Math.SQRT2 : 2;
      for (let n = 0; n <= 400; n++) {
        const r = n < 200 ? (0.02 * n) / 200 : 0.02 + ((reach - 0.02) * (n - 199)) / 202;
        const at = await evaluate({ potential, space }, apart(r), 2);
        expect(Number.isFinite(at.energy)).toBe(true);
        expect(at.energy, `chord ${r}`).toBeLessThanOrEqual(energy);
        // The first row is pushed down, away from the second, by never less than nothing.
        expect(at.gradient[1], `chord ${r}`).toBeGreaterThanOrEqual(-1e-9);
        energy = at.energy;
      }
    },
  );

  // Potentials without a singularity have no floor.
  const continuedPotentials = potentials.filter((potential) => keptFrom(kindOf(potential)).near);
  it.each(named(continuedPotentials))(
    "%s: energy and gradient are continuous at the floor, and linear in u below",
    async (_, potential) => {
      const delta = 0.01;
      const [below, above] = [delta * (1 - 1e-9), delta * (1 + 1e-9)];
      const inside = await evaluate({ potential, space }, apart(below), 2);
      const outside = await evaluate({ potential, space }, apart(above), 2);
      expectCloseNumber(inside.energy, outside.energy, { relative: 1e-7 });
      expectClose(inside.gradient, outside.gradient, { relative: 1e-6 });
      const at = async (u: number) => (await evaluate({ potential, space }, apart(Math.sqrt(u)), 2)).energy;
      const [e0, e1, e2] = [await at(0), await at(3e-5), await at(6e-5)];
      expectCloseNumber(e0 - e1, e1 - e2, { relative: 1e-6 }, "steps in u");
    },
  );
});

it.each([0, 1, 2, 2.5, 3])("s = %s, full space: the value at a coincidence is φ(δ²) + κ(δ²)·δ²/2", async (s) => {
  for (const separationFloor of [0.01, 0.1, 1]) {
    const u = separationFloor ** 2;
    const value = s === 0 ? -0.5 * Math.log(u) : u ** (-s / 2);
    const kappa = s === 0 ? 1 / u : s * u ** (-s / 2 - 1);
    const { energy } = await evaluate({ potential: { kind: "riesz", s }, separationFloor }, apart(0), 2);
    expectCloseNumber(energy, value + (kappa * u) / 2, { relative: 1e-12 });
  }
});

describe("opposite rows", () => {
  const opposite = withCopy(1, 3, -2);

  it.each(named(potentials))(
    "%s, full space: finite, and never a NaN, with the default floor",
    async (_, potential) => {
      const { energy, gradient } = await evaluate({ potential }, opposite, dim);
      expect(Number.isFinite(energy)).toBe(true);
      expect(gradient.every(Number.isFinite)).toBe(true);
    },
  );

  it("chordal, full space: nothing special, and no floor on that side", async () => {
    for (const potential of potentials.filter((candidate) => !isAngular(candidate))) {
      const bare = await evaluate({ potential, separationFloor: 0 }, opposite, dim);
      const floored = await evaluate({ potential }, opposite, dim);
      expect(floored).toEqual(bare);
    }
  });
});

describe("with floor 0", () => {
  const failure = async (config: Parameters<typeof evaluate>[0], rows: Float64Array, width = dim) =>
    evaluate({ ...config, separationFloor: 0 }, rows, width).then(
      () => expect.fail("was accepted"),
      (error: EnergyError) => error,
    );

  it.each(spaces)("%s space: an error names the two rows, whichever they are", async (space) => {
    for (const potential of singular) {
      for (const [i, j] of [
        [0, 1],
        [1, 3],
        [2, 4],
      ]) {
        const error = await failure({ potential, space }, withCopy(i, j, 3.7));
        expect(error).toBeInstanceOf(EnergyError);
        expect(error.code).toBe("coincident-neurons");
        expect(error.details.rows).toEqual([i, j]);
        expect(error.message).toContain(`Neurons ${i} and ${j} point the same way`);
        expect(error.message).toContain("separationFloor");
      }
    }
  });

  it("opposite rows coincide in half space and for angular potentials", async () => {
    for (const config of [
      { space: "half" as const },
      { potential: { kind: "riesz", s: 1, distance: "angular" } as const },
    ]) {
      const error = await failure(config, withCopy(1, 3, -3.7));
      expect(error.code).toBe("coincident-neurons");
      expect(error.details.rows).toEqual([1, 3]);
      expect(error.message).toContain("point in opposite ways");
    }
  });

  it("in a projected space too", async () => {
    const matrices = { data: [1, 0, 0, 0, 0, 1, 0, 0], shape: [1, 2, 4] } as const;
    const rows = Float64Array.of(1, 2, 3, 4, 1, 0, 0, 0, 1, 2, -5, 6);
    const error = await failure({ projection: { kind: "fixed", matrices } }, rows);
    expect(error.details.rows).toEqual([0, 2]);
  });

  it("a gaussian potential has no singularity: the bare formula is finite", async () => {
    const { energy } = await evaluate({ potential: { kind: "gaussian", t: 2 }, separationFloor: 0 }, apart(0), 2);
    expect(energy).toBe(1);
  });

  it("the bare formula for merely close rows: u = r² to 1e-9, and κ(x_j − x_i)", async () => {
    for (const r of [1e-3, 1e-6]) {
      const { energy, gradient } = await evaluate({ separationFloor: 0 }, apart(r), 2);
      expectCloseNumber(energy, r ** -2, { relative: 1e-9 });
      expectCloseNumber(Math.hypot(...gradient.subarray(0, 2)), 2 * r ** -3, { relative: 1e-6 });
    }
  });
});

it("rows closer than the floor are pushed apart, in every space", async () => {
  for (const space of spaces) {
    for (const r of [1e-6, 1e-3, 9e-3]) {
      const rows = apart(r);
      const { gradient } = await evaluate({ space }, rows, 2);
      const toward = Float64Array.of(rows[2] - rows[0], rows[3] - rows[1]);
      expect(inner(gradient.subarray(0, 2), toward)).toBeGreaterThan(0);
      expect(inner(gradient.subarray(2, 4), toward)).toBeLessThan(0);
    }
  }
});
