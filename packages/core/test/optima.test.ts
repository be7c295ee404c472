/** Known optima, found by descent with our own gradients. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { EnergyConfig } from "../src/index.js";
import { expectCloseNumber, maxNorm } from "./support/compare.js";
import { evaluate, potentials } from "./support/energies.js";
import { inner, normalArray } from "./support/random-rows.js";

interface Minimum {
  readonly N: number;
  readonly mean: number;
}
const minima: { thomson_s1: Minimum[]; whyte_s0: Minimum[]; riesz_s2: Minimum[] } = JSON.parse(
  readFileSync(new URL("../../../test/golden/thomson.json", import.meta.url), "utf8"),
);

/** Gradient descent with Barzilai and Borwein's step, rows kept at norm 1. */
async function descend(config: EnergyConfig, start: Float64Array, dim: number, steps = 400) {
  let rows = normalized(start, dim);
  let { energy, gradient } = await evaluate(config, rows, dim);
  let rate = 0.1;
  for (let step = 0; step < steps && maxNorm(gradient) > 1e-11; step++) {
    const next = normalized(
      rows.map((value, n) => value - rate * gradient[n]),
      dim,
    );
    const at = await evaluate(config, next, dim);
    const moved = next.map((value, n) => value - rows[n]);
    const turned = at.gradient.map((value, n) => value - gradient[n]);
    const along = Math.abs(inner(moved, turned));
    rate = along > 0 ? inner(moved, moved) / along : rate;
    [rows, energy, gradient] = [next, at.energy, at.gradient];
  }
  return { rows, energy, gradient };
}

function normalized(rows: Float64Array, dim: number): Float64Array {
  return rows.map((value, n) => {
    const row = rows.subarray(n - (n % dim), n - (n % dim) + dim);
    return value / Math.sqrt(inner(row, row));
  });
}

const problems = [
  ["Thomson, s = 1", 1, minima.thomson_s1],
  ["Whyte, s = 0", 0, minima.whyte_s0],
  ["s = 2", 2, minima.riesz_s2],
] as const;

describe.each(problems)("points on the sphere in ℝ³: %s", (_, s, table) => {
  it.each([4, 6, 12])("N = %i from three random starts", async (count) => {
    const known = table.find(({ N }) => N === count);
    expect(known, `N = ${count} is in thomson.json`).toBeDefined();
    for (const seed of [1, 2, 3]) {
      const { energy, gradient } = await descend({ potential: { kind: "riesz", s } }, normalArray(seed, 3 * count), 3);
      expectCloseNumber(energy, known!.mean, { relative: 1e-9 }, `energy from start ${seed}`);
      expect(maxNorm(gradient)).toBeLessThan(1e-7);
    }
  });
});

it("five points in ℝ⁴ settle in a regular simplex", async () => {
  for (const potential of potentials.filter(({ kind }) => kind === "riesz").slice(0, 5)) {
    const { rows } = await descend({ potential }, normalArray(4, 20), 4);
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < i; j++) {
        const cosine = inner(rows.subarray(4 * i, 4 * i + 4), rows.subarray(4 * j, 4 * j + 4));
        expectCloseNumber(cosine, -1 / 4, { relative: 1e-6, scale: 1 }, `cosine of ${i} and ${j}`);
      }
    }
  }
});

it("five lines in ℝ⁵ settle at right angles", async () => {
  for (const potential of potentials) {
    const { rows } = await descend({ potential, space: "half" }, normalArray(5, 25), 5);
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < i; j++) {
        const cosine = inner(rows.subarray(5 * i, 5 * i + 5), rows.subarray(5 * j, 5 * j + 5));
        // |c|^p with p > 2 is so flat at 0 that its gradient vanishes before c does.
        const relative = potential.kind === "frame" && potential.p > 2 ? 1e-3 : 1e-6;
        expectCloseNumber(cosine, 0, { relative, scale: 1 }, `cosine of ${i} and ${j}`);
      }
    }
  }
});

it("coincident starts stay finite, and near-coincident ones separate", async () => {
  const start = normalArray(6, 12);
  start.set(
    start.subarray(0, 3).map((value, k) => value + 1e-4 * k),
    3,
  );
  const { energy } = await descend({ potential: { kind: "riesz", s: 1 } }, start, 3);
  expectCloseNumber(energy, minima.thomson_s1.find(({ N }) => N === 4)!.mean, { relative: 1e-9 });
});
