/** The bound is attained by sharp codes and lies below whatever else is tried; the spread is that of simulated layers. */
import { describe, expect, it } from "vitest";
import type { Potential, Space } from "../config/types.js";
import { energyAndGradient } from "../evaluate/evaluator.js";
import { randomStream } from "../random/random-stream.js";
import { referenceBackend } from "../reference/reference-backend.js";
import { energyBound } from "./energy-bound.js";
import { bestEnergy, uniformEnergy } from "./known-values.js";
import { uniformSpread } from "./uniform-spread.js";

const potentials: Potential[] = [
  { kind: "riesz", s: 2, distance: "chordal" },
  { kind: "riesz", s: 1, distance: "chordal" },
  { kind: "riesz", s: 0, distance: "chordal" },
  { kind: "gaussian", t: 2 },
];

async function energyOf(potential: Potential, space: Space, rows: number[][]): Promise<number> {
  const weights = { data: Float64Array.from(rows.flat()), shape: [rows.length, rows[0]!.length] };
  return (await energyAndGradient(referenceBackend(), { potential, space }, weights)).energy;
}

const golden = (1 + Math.sqrt(5)) / 2;
const signs = [1, -1];
const icosahedron = signs.flatMap((a) =>
  signs.flatMap((b) => [
    [0, a, b * golden],
    [a, b * golden, 0],
    [b * golden, 0, a],
  ]),
);
const crossPolytope = Array.from({ length: 10 }, (_, n) =>
  Array.from({ length: 5 }, (_, k) => (k === n % 5 ? (n < 5 ? 1 : -1) : 0)),
);
const sixLines = icosahedron.filter((row) => row.find((value) => value !== 0)! > 0);

describe("energyBound", () => {
  it.each(potentials)(
    "$kind $s: is attained by the cross-polytope, and in half space by the icosahedron's lines",
    async (potential) => {
      expect(energyBound(potential, "full", 10, 5)).toBeCloseTo(await energyOf(potential, "full", crossPolytope), 12);
      expect(sixLines.length).toBe(6);
      expect(energyBound(potential, "half", 6, 3)).toBeCloseTo(await energyOf(potential, "half", sixLines), 12);
    },
  );

  it("lies below the energy of random and of known configurations, and is the best where that is known", async () => {
    for (const potential of potentials) {
      expect(energyBound(potential, "full", 12, 3)!).toBeLessThan(await energyOf(potential, "full", icosahedron));
      for (const [count, dim] of [
        [7, 5],
        [9, 5],
        [40, 5],
        [300, 4],
        [64, 27],
      ] as const) {
        for (const space of ["full", "half"] as const) {
          const bound = energyBound(potential, space, count, dim)!;
          expect(bound).toBeLessThan(uniformEnergy(potential, space, count, dim));
        }
      }
      expect(energyBound(potential, "full", 4, 5)).toBe(bestEnergy(potential, "full", 4, 5));
    }
    expect(energyBound({ kind: "riesz", s: 2, distance: "angular" }, "full", 9, 3)).toBeUndefined();
  });
});

describe("uniformSpread", () => {
  it.each(["full", "half"] as const)(
    "%s space: mean and deviation are those of 400 simulated layers",
    async (space) => {
      const [count, dim] = [20, 12];
      const potential = potentials[0]!;
      const { mean, deviation } = uniformSpread(potential, space, count, dim);
      expect(mean).toBeCloseTo(uniformEnergy(potential, space, count, dim), 8);
      const energies: number[] = [];
      for (let n = 0; n < 400; n++) {
        const data = randomStream(5, "layers", n).fillNormal(new Float32Array(count * dim));
        const weights = { data: Float64Array.from(data), shape: [count, dim] };
        energies.push((await energyAndGradient(referenceBackend(), { potential, space }, weights)).energy);
      }
      const average = energies.reduce((sum, value) => sum + value, 0) / 400;
      const spread = Math.sqrt(energies.reduce((sum, value) => sum + (value - average) ** 2, 0) / 399);
      expect(Math.abs(average - mean)).toBeLessThan((4 * deviation) / 20);
      expect(Math.abs(spread / deviation - 1)).toBeLessThan(0.2);
    },
  );

  it("is finite where the bare mean isn't", () => {
    const { mean, deviation } = uniformSpread(potentials[0]!, "full", 10, 3);
    expect(Number.isFinite(mean) && Number.isFinite(deviation)).toBe(true);
  });
});
