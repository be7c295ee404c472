/** Best and uniform energies against closed forms, configurations that try to do better, and Monte Carlo. */
import { describe, expect, it } from "vitest";
import { expectCloseNumber } from "../../test/support/compare.js";
import { evaluate, potentialName, potentials, spaces } from "../../test/support/energies.js";
import { normalArray } from "../../test/support/random-rows.js";
import { digamma, logGamma } from "../../test/support/special-functions.js";
import type { Potential } from "../config/types.js";
import { angleAverage } from "./angle-average.js";
import { energyBound } from "./energy-bound.js";
import { bestEnergy, uniformEnergy } from "./known-values.js";
import { pairFunction } from "./pair-function.js";
import { uniformSpread } from "./uniform-spread.js";

const chordal = (s: number): Potential => ({ kind: "riesz", s, distance: "chordal" });
const frame = (p: number): Potential => ({ kind: "frame", p });
const angular = (s: number): Potential => ({ kind: "riesz", s, distance: "angular" });
const named = potentials.map((potential) => [potentialName(potential), potential] as const);

describe("uniformEnergy", () => {
  it.each([3, 4, 5, 10, 30, 300])("chordal potentials in ℝ^%i have closed forms", (n) => {
    for (const s of [-1.9, -1, -0.5, 0.5, 1, 2, 2.5, 3]) {
      if (s > n - 1.4) continue;
      const log =
        -s * Math.log(2) +
        logGamma((n - 1 - s) / 2) +
        logGamma(n - 1) -
        logGamma((n - 1) / 2) -
        logGamma(n - 1 - s / 2);
      const expected = Math.sign(s) * Math.exp(log);
      expectCloseNumber(uniformEnergy(chordal(s), "full", 7, n), expected, { relative: 1e-9 }, `s = ${s}`);
    }
    const logarithmic = -Math.log(2) - 0.5 * (digamma((n - 1) / 2) - digamma(n - 1));
    expectCloseNumber(uniformEnergy(chordal(0), "full", 7, n), logarithmic, { relative: 1e-9, scale: 1 }, "s = 0");
  });

  it("s = 2: (d − 2)/(2(d − 3)), and half space folds to (d − 2)/(d − 3) a pair", () => {
    for (const d of [4, 5, 12, 100]) {
      expectCloseNumber(uniformEnergy(chordal(2), "full", 2, d), (d - 2) / (2 * (d - 3)), { relative: 1e-9 });
      for (const count of [1, 2, 9]) {
        const expected = (count * (count - 1) * ((d - 2) / (d - 3)) + count / 4) / (count * (2 * count - 1));
        expectCloseNumber(uniformEnergy(chordal(2), "half", count, d), expected, { relative: 1e-9 });
      }
    }
  });

  it("of the closed forms is the integral over the angle", () => {
    for (const dim of [2, 3, 5, 12, 40, 700, 5000]) {
      for (const potential of [chordal(-1.9), chordal(-1), chordal(-0.3), chordal(0.5), frame(2), frame(4), frame(8)]) {
        const psi = pairFunction({ potential, space: "full", separationFloor: 0 });
        const terms = { value: 0, slope: 0, curvature: 0 };
        const integral = angleAverage(dim, (u, v) => psi(u, v, terms).value);
        const what = `${potentialName(potential)} in ℝ^${dim}`;
        expectCloseNumber(uniformEnergy(potential, "full", 9, dim), integral, { relative: 1e-10 }, what);
      }
      expectCloseNumber(uniformEnergy(frame(2), "full", 9, dim), 1 / dim, { relative: 1e-14 });
    }
  });

  it("in many dimensions too, where it differs from orthogonal rows by 1/d alone: mean and spread", () => {
    for (const d of [1000, 4096, 50_000]) {
      const [count, pairs] = [100, 4950];
      const full = (d - 2) / (2 * (d - 3));
      expectCloseNumber(uniformEnergy(chordal(2), "full", count, d) - 0.5, full - 0.5, { relative: 1e-6 });
      // E[(1 − c²)⁻²] = (d − 2)(d − 4)/((d − 3)(d − 5)).
      const variance = ((d - 2) * (d - 4)) / ((d - 3) * (d - 5)) - ((d - 2) / (d - 3)) ** 2;
      const { mean, deviation } = uniformSpread(chordal(2), "half", count, d);
      const weight = 2 / (count * (2 * count - 1));
      expectCloseNumber(deviation, weight * Math.sqrt(pairs * variance), { relative: 1e-4 });
      expectCloseNumber(mean, weight * pairs * ((d - 2) / (d - 3)) + 0.25 / (2 * count - 1), { relative: 1e-12 });
    }
  });

  it("on the circle θ is uniform: E[θ] of the angular potential, E of the gaussian by the mean of exp(−2t + 2t cos θ)", () => {
    // E[−log θ] on [0, π] is 1 − log π.
    expectCloseNumber(uniformEnergy(angular(0), "full", 5, 2), 1 - Math.log(Math.PI), { relative: 1e-9 });
    let mean = 0;
    for (let n = 0; n < 64; n++) mean += Math.exp(-4 + 4 * Math.cos((2 * Math.PI * n) / 64)) / 64;
    expectCloseNumber(uniformEnergy({ kind: "gaussian", t: 2 }, "full", 5, 2), mean, { relative: 1e-9 });
  });

  it("is infinite for s ≥ d − 1", () => {
    for (const potential of [chordal(2), chordal(3), angular(2)]) {
      for (const space of spaces) expect(uniformEnergy(potential, space, 5, 3)).toBe(Number.POSITIVE_INFINITY);
    }
    expect(uniformEnergy(chordal(1.5), "full", 5, 3)).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(uniformEnergy(chordal(0), "full", 5, 1)).toBe(Number.POSITIVE_INFINITY);
  });

  it("one neuron: no pair in full space, its antipodal pair in half", () => {
    expect(uniformEnergy(chordal(2), "full", 1, 5)).toBe(0);
    expect(uniformEnergy(chordal(2), "half", 1, 5)).toBe(0.25);
  });

  it("d = 1: the gaussian mean over ±1", () => {
    expectCloseNumber(uniformEnergy({ kind: "gaussian", t: 1 }, "full", 3, 1), (1 + Math.exp(-4)) / 2, {
      relative: 1e-12,
    });
  });

  describe.each(spaces)("is what random directions have, %s space", (space) => {
    it.each(named)("%s", async (_, potential) => {
      // d = 12: the variance is finite for every potential here, 2s < d − 1.
      const [count, dim, draws] = [4, 12, 1500];
      let sum = 0;
      let squares = 0;
      for (let draw = 0; draw < draws; draw++) {
        const { energy } = await evaluate(
          { potential, space, separationFloor: 0 },
          normalArray(draw, count * dim),
          dim,
        );
        sum += energy;
        squares += energy * energy;
      }
      const mean = sum / draws;
      const error = Math.sqrt((squares / draws - mean * mean) / (draws - 1));
      expect(error).toBeGreaterThan(0);
      expect(Math.abs(mean - uniformEnergy(potential, space, count, dim)) / error).toBeLessThan(4);
    });
  });
});

/** The regular simplex of `count` points: unit vectors of ℝ^count less their mean. */
const simplex = (count: number) =>
  Float64Array.from({ length: count * count }, (_, n) => (n % (count + 1) === 0 ? 1 : 0) - 1 / count);
const orthoplex = (count: number) =>
  Float64Array.from({ length: count * count }, (_, n) => (n % (count + 1) === 0 ? 1 : 0));
/** ±e₁, ±e₂, …: antipodal pairs at right angles. */
const cross = (count: number) =>
  Float64Array.from({ length: count * count }, (_, n) => {
    const [row, column] = [Math.floor(n / count), n % count];
    return Math.floor(row / 2) === column ? 1 - 2 * (row % 2) : 0;
  });

describe("bestEnergy", () => {
  it("full space, N ≤ d + 1: (2N/(N − 1))^(−s/2)", () => {
    for (const count of [2, 3, 4, 9]) {
      for (const s of [1, 2, 2.5]) {
        const expected = ((2 * count) / (count - 1)) ** (-s / 2);
        expectCloseNumber(bestEnergy(chordal(s), "full", count, count - 1)!, expected, { relative: 1e-14 });
        expectCloseNumber(bestEnergy(chordal(s), "full", count, 50)!, expected, { relative: 1e-14 });
      }
      expect(bestEnergy(chordal(2), "full", count, count - 2)).toBeUndefined();
    }
    expect(bestEnergy(chordal(2), "full", 1, 3)).toBe(0);
  });

  it("half space, s = 2, N ≤ d: (N − ¾)/(2N − 1)", () => {
    for (const count of [1, 2, 3, 48]) {
      expectCloseNumber(bestEnergy(chordal(2), "half", count, count)!, (count - 0.75) / (2 * count - 1), {
        relative: 1e-14,
      });
      expect(bestEnergy(chordal(2), "half", count + 1, count)).toBeUndefined();
    }
  });

  describe.each(named)("%s", (_, potential) => {
    it.each([2, 3, 4, 5, 6, 8])("of %i neurons is reached, and not beaten", async (count) => {
      const config = { potential, separationFloor: 1e-6 } as const;
      const energy = async (space: "full" | "half", rows: Float64Array) =>
        (await evaluate({ ...config, space }, rows, rows.length / count)).energy;
      const half = bestEnergy(potential, "half", count, count)!;
      expectCloseNumber(await energy("half", orthoplex(count)), half, { relative: 1e-12 }, "orthoplex");
      const full = bestEnergy(potential, "full", count, count);
      // A slightly perturbed angular antipodal pair is above its clamped neighbour by about δ.
      const slack = 1e-5;
      if (full !== undefined) {
        const isFrame = potential.kind === "frame";
        const best = isFrame ? orthoplex(count) : simplex(count);
        expectCloseNumber(await energy("full", best), full, { relative: 1e-5 }, isFrame ? "orthoplex" : "simplex");
        expect(await energy("full", cross(count)), "antipodal pairs").toBeGreaterThan(full - slack);
      }
      for (let seed = 0; seed < 60; seed++) {
        const rows = normalArray(seed, count * count);
        expect(await energy("half", rows)).toBeGreaterThan(half);
        if (full !== undefined) expect(await energy("full", rows)).toBeGreaterThan(full - slack);
      }
    });
  });

  it("says nothing where antipodal pairs beat the simplex: angular, s = 0", async () => {
    const energy = async (rows: Float64Array) =>
      (await evaluate({ potential: angular(0), separationFloor: 1e-6 }, rows, 4)).energy;
    expect(await energy(cross(4))).toBeLessThan((await energy(simplex(4))) - 0.03);
    expect(bestEnergy(angular(0), "full", 4, 4)).toBeUndefined();
    expect(bestEnergy(angular(0), "full", 3, 4)).toBeCloseTo(-Math.log((2 * Math.PI) / 3), 12);
    expect(bestEnergy(angular(2), "full", 4, 4)).toBeCloseTo(Math.acos(-1 / 3) ** -2, 12);
  });
});

/** N ≥ d rows (cos, sin)(2πk/N, 4πk/N, …)·√(2/d), k < N: a tight frame of an even d, 2 ≤ d < N. */
const harmonicFrame = (count: number, dim: number) =>
  Float64Array.from({ length: count * dim }, (_, n) => {
    const angle = (2 * Math.PI * Math.floor(n / dim) * (Math.floor((n % dim) / 2) + 1)) / count;
    return n % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
  });

describe("the frame potential", () => {
  it.each([
    [5, 4],
    [9, 4],
    [17, 6],
    [3, 2],
  ])("p = 2: tight frames of %i rows in ℝ^%i attain the Welch bound, which nothing is below", async (count, dim) => {
    for (const space of spaces) {
      const best = bestEnergy(frame(2), space, count, dim)!;
      const mean = (count / dim - 1) / (count - 1);
      const expected = space === "full" ? mean : (2 * (count - 1) * mean + 1) / (2 * count - 1);
      expectCloseNumber(best, expected, { relative: 1e-13 });
      const at = async (rows: Float64Array) => (await evaluate({ potential: frame(2), space }, rows, dim)).energy;
      expectCloseNumber(await at(harmonicFrame(count, dim)), best, { relative: 1e-12 });
      for (let seed = 0; seed < 20; seed++) {
        expect(await at(normalArray(seed, count * dim))).toBeGreaterThan(best);
      }
    }
  });

  it("is attained by repeated orthogonal rows too: no floor blunts a coincidence", async () => {
    const rows = Float64Array.of(1, 0, 0, 1, 3, 0, 0, -2);
    for (const space of spaces) {
      const { energy } = await evaluate({ potential: frame(2), space }, rows, 2);
      expectCloseNumber(energy, bestEnergy(frame(2), space, 4, 2)!, { relative: 1e-14 });
    }
  });

  it("p > 2: 0 for N ≤ d; beyond it a bound, which an equiangular tight frame attains", async () => {
    expect(bestEnergy(frame(3), "full", 4, 4)).toBe(0);
    expectCloseNumber(bestEnergy(frame(3), "half", 4, 4)!, 1 / 7, { relative: 1e-14 });
    expect(bestEnergy(frame(3), "full", 5, 4)).toBeUndefined();
    for (const space of spaces) {
      const { energy } = await evaluate({ potential: frame(3.5), space }, simplex(4), 4);
      // In its own space the simplex of 4 points is equiangular and tight, in ℝ³.
      expectCloseNumber(energyBound(frame(3.5), space, 4, 3)!, energy, { relative: 1e-12 });
    }
  });
});

describe("riesz potentials with −2 < s < 0", () => {
  it("their differences over |s| approach those of the logarithm from both sides", async () => {
    const [a, b] = [normalArray(1, 24), normalArray(2, 24)];
    for (const distance of ["chordal", "angular"] as const) {
      for (const space of spaces) {
        const difference = async (s: number) => {
          const at = async (rows: Float64Array) =>
            (await evaluate({ potential: { kind: "riesz", s, distance }, space }, rows, 4)).energy;
          return (await at(a)) - (await at(b));
        };
        const limit = await difference(0);
        for (const s of [1e-5, -1e-5]) {
          expectCloseNumber((await difference(s)) / 1e-5, limit, { relative: 1e-4 }, `s = ${s}`);
        }
      }
    }
  });

  it("s = −1 is minus the mean distance, which the simplex makes largest", async () => {
    const expected = -Math.sqrt(8 / 3);
    expectCloseNumber(bestEnergy(chordal(-1), "full", 4, 3)!, expected, { relative: 1e-14 });
    expectCloseNumber((await evaluate({ potential: chordal(-1) }, simplex(4), 4)).energy, expected, {
      relative: 1e-12,
    });
    // In ℝ³ chords have the density r/2 on [0, 2]: a mean of 4/3.
    expectCloseNumber(uniformEnergy(chordal(-1), "full", 9, 3), -4 / 3, { relative: 1e-14 });
  });

  it("nothing is below the bound, and the cross-polytope attains it", async () => {
    for (const s of [-0.5, -1, -1.7]) {
      const points = Float64Array.of(1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1);
      const bound = energyBound(chordal(s), "full", 6, 3)!;
      expectCloseNumber((await evaluate({ potential: chordal(s) }, points, 3)).energy, bound, { relative: 1e-12 });
      for (let seed = 0; seed < 20; seed++) {
        const { energy } = await evaluate({ potential: chordal(s) }, normalArray(seed, 18), 3);
        expect(energy).toBeGreaterThan(bound);
      }
    }
  });

  it("angular, s < −1: says nothing where neurons on one line are better than orthogonal ones", async () => {
    const config = { potential: angular(-1.5), space: "half" } as const;
    const line = await evaluate(config, Float64Array.of(1, 0, 1, 0), 2);
    const orthogonal = await evaluate(config, Float64Array.of(1, 0, 0, 1), 2);
    expect(line.energy).toBeLessThan(orthogonal.energy);
    expect(bestEnergy(angular(-1.5), "half", 2, 2)).toBeUndefined();
    expect(bestEnergy(angular(-1.5), "full", 3, 3)).toBeUndefined();
    expectCloseNumber(bestEnergy(angular(-1), "full", 3, 3)!, (-2 * Math.PI) / 3, { relative: 1e-14 });
  });
});

describe("arguments of another kind are told, and not taken for what isn't known", () => {
  const potential = { kind: "riesz", s: 2, distance: "chordal" } as const;
  it.each([
    [["half", 8, 16], /potential: expected .*, got "half"/],
    [[potential, "halb", 8, 16], /space: expected one of "full"\|"half", got "halb"/],
    [[potential, "half", 8], /got 8 and undefined/],
    [[], /potential: expected .*, got nothing/],
  ])("%j", (given, says) => {
    for (const of of [bestEnergy, uniformEnergy]) {
      expect(() => (of as (...all: readonly unknown[]) => unknown)(...given)).toThrow(says);
    }
  });
});
