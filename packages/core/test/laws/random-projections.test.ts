/**
 * The six distributions of random projections against what is known of them: how squared lengths vary, in closed form; how that
 * bounds the worst of many pairs (Johnson and Lindenstrauss); and the mean energy of orthogonal neurons.
 */
import { describe, expect, it } from "vitest";
import type { RandomDistribution } from "../../src/config/types.js";
import { energyAndGradient, referenceBackend } from "../../src/index.js";
import { type DenseDistribution, randomMatrices } from "../../src/random/random-matrices.js";
import { randomStream } from "../../src/random/random-stream.js";
import { applySketch, drawSketch } from "../../src/random/sketch.js";
import { inner, normalArray, timesTransposed } from "../support/random-rows.js";

type Shape = readonly [count: number, dimension: number, dim: number];

/** Rows under C matrices: `[C, N, k]`. */
function project(distribution: RandomDistribution, shape: Shape, rows: Float64Array, seed: number): Float64Array {
  const stream = randomStream(seed, distribution, 0);
  if (distribution === "hadamard" || distribution === "count-sketch") {
    return applySketch(drawSketch(distribution, shape, stream), rows) as Float64Array;
  }
  const [count, dimension, dim] = shape;
  const { data } = randomMatrices(distribution as DenseDistribution, shape, stream);
  const size = dimension * dim;
  const parts = Array.from({ length: count }, (_, c) =>
    timesTransposed(rows, data.subarray(c * size, (c + 1) * size), dim),
  );
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

interface Known {
  /** E‖Px‖² of a unit vector. */
  readonly length: (k: number, d: number) => number;
  /** Variance of ‖Px‖²/E‖Px‖², by q = Σx⁴. */
  readonly variance: (k: number, d: number, q: number) => number;
}

const known: Readonly<Record<RandomDistribution, Known>> = {
  gaussian: { length: (k) => k, variance: (k) => 2 / k },
  // A beta variable of k/2 and (d − k)/2.
  orthogonal: { length: (k, d) => k / d, variance: (k, d) => (2 * (d - k)) / (k * (d + 2)) },
  rademacher: { length: (k) => k, variance: (k, _, q) => (2 / k) * (1 - q) },
  // Its entries have the fourth moment of normal ones, 3.
  sparse: { length: (k) => k, variance: (k) => 2 / k },
  // Rows drawn without replacement: all d of them keep the length exactly.
  hadamard: { length: (k) => k, variance: (k, d, q) => ((2 / k) * (1 - q) * (d - k)) / (d - 1) },
  "count-sketch": { length: () => 1, variance: (k, _, q) => (2 / k) * (1 - q) },
};
const distributions = Object.entries(known) as [RandomDistribution, Known][];

describe("the squared length of a projected vector", () => {
  const [dim, draws] = [32, 4000];
  const vector = normalArray(5, dim);
  const size = Math.sqrt(inner(vector, vector));
  const unit = vector.map((value) => value / size);
  const q = unit.reduce((sum, value) => sum + value ** 4, 0);

  describe.each(distributions)("%s", (distribution, { length, variance }) => {
    it.each([3, 8, 24])("k = %i: mean and variance as known, within 4 standard errors", (k) => {
      const projected = project(distribution, [draws, k, dim], unit, 1);
      const lengths = Array.from({ length: draws }, (_, c) => {
        const one = projected.subarray(c * k, (c + 1) * k);
        return inner(one, one) / length(k, dim);
      });
      // Matrices that share a Hadamard transform depend on each other: so many are independent.
      const shared = distribution === "hadamard" ? Math.floor(dim / k) : 1;
      const mean = lengths.reduce((sum, value) => sum + value, 0) / draws;
      const moment = (power: number) => lengths.reduce((sum, value) => sum + (value - mean) ** power, 0) / draws;
      const wanted = variance(k, dim, q);
      expect(Math.abs(mean - 1)).toBeLessThan(4 * Math.sqrt((wanted * shared) / draws));
      const error = Math.sqrt(((moment(4) - moment(2) ** 2) * shared) / draws);
      expect(Math.abs(moment(2) - wanted), `variance ${moment(2)}, known ${wanted} ± ${error}`).toBeLessThan(4 * error);
    });
  });
});

describe("the worst of all pairs (Johnson and Lindenstrauss)", () => {
  const [dim, draws] = [512, 6];

  /** Largest error of a squared distance among N normal points, relative, mean and maximum over draws. */
  function worst(distribution: RandomDistribution, count: number, k: number) {
    const rows = normalArray(7, count * dim);
    const projected = project(distribution, [draws, k, dim], rows, 2);
    const scale = known[distribution].length(k, dim);
    const errors = Array.from({ length: draws }, (_, c) => {
      let largest = 0;
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < i; j++) {
          const distance = (of: Float64Array, at: number, width: number) => {
            let sum = 0;
            for (let n = 0; n < width; n++) sum += (of[at + i * width + n] - of[at + j * width + n]) ** 2;
            return sum;
          };
          const ratio = distance(projected, c * count * k, k) / scale / distance(rows, 0, dim);
          largest = Math.max(largest, Math.abs(ratio - 1));
        }
      }
      return largest;
    });
    return { mean: errors.reduce((sum, error) => sum + error, 0) / draws, largest: Math.max(...errors) };
  }

  /**
   * The ε that no pair of any draw goes beyond, but with probability 1e-3: a squared length is a mean of k squares, for gaussian
   * matrices P(> 1 + ε) ≤ exp(−k(ε − ln(1 + ε))/2), and less the other way. Proven for the dense distributions.
   */
  function bound(count: number, k: number): number {
    const cases = (draws * count * (count - 1)) / 2;
    let epsilon = 0;
    while (epsilon - Math.log1p(epsilon) < (2 * Math.log((2 * cases) / 1e-3)) / k) epsilon += 1e-4;
    return epsilon;
  }

  it.each(distributions.map(([distribution]) => distribution))(
    "%s: within the bound, as 1/√k in k and slowly in N",
    (distribution) => {
      const counts = [8, 32];
      const dimensions = [128, 256];
      const table = counts.map((count) => dimensions.map((k) => worst(distribution, count, k)));
      counts.forEach((count, n) => {
        dimensions.forEach((k, m) => {
          expect(table[n][m].largest, `N = ${count}, k = ${k}`).toBeLessThan(bound(count, k));
        });
        // √2 for twice the k; orthogonal rows, of which d keep everything, gain more: √((d − k)/k) goes by √3.
        const [gain, exact] = [table[n][0].mean / table[n][1].mean, ["orthogonal", "hadamard"].includes(distribution)];
        expect(gain, `N = ${count}`).toBeGreaterThan(exact ? 1.3 : 1.1);
        expect(gain, `N = ${count}`).toBeLessThan(exact ? 2.3 : 1.9);
      });
      // √(ln N) by the bound, √(2·ln(pairs)) by extreme values of normal errors: some 1.3 from 28 to 496 pairs.
      dimensions.forEach((_, m) => {
        const growth = table[1][m].mean / table[0][m].mean;
        expect(growth).toBeGreaterThan(1);
        expect(growth).toBeLessThan(2.2);
      });
    },
  );
});

describe("the expected energy of orthogonal neurons under gaussian projections", () => {
  it.each([
    [16, 12],
    [16, 40],
    [48, 20],
  ])("N = %i, k = %i: the closed form, within 3 standard errors", async (count, k) => {
    const data = Float64Array.from({ length: count * count }, (_, n) => (n % (count + 1) === 0 ? 1 : 0));
    const energies: number[] = [];
    for (let seed = 0; seed < 50; seed++) {
      const projection = { kind: "random", dimension: k, count: 20 } as const;
      const config = { potential: { kind: "riesz", s: 2 }, space: "half", projection, separationFloor: 0 } as const;
      energies.push(
        (await energyAndGradient(referenceBackend(), config, { data, shape: [count, count] }, { seed })).energy,
      );
    }
    const mean = energies.reduce((sum, energy) => sum + energy, 0) / energies.length;
    const variance = energies.reduce((sum, energy) => sum + (energy - mean) ** 2, 0) / (energies.length - 1);
    const error = Math.sqrt(variance / energies.length);
    const expected = ((count * (count - 1) * (k - 2)) / (k - 3) + count / 4) / (count * (2 * count - 1));
    expect(Math.abs(mean - expected), `${mean} ± ${error}, expected ${expected}`).toBeLessThan(3 * error);
    // The test would see an error of half a percent.
    expect(error / expected).toBeLessThan(0.002);
  });
});

describe("sketches", () => {
  it.each([
    ["hadamard", 2 ** 17, 2 ** 14],
    ["count-sketch", 2 ** 17, 2 ** 14],
  ] as const)("%s takes sizes whose dense matrices would hold 2³¹ numbers", (kind, dim, k) => {
    const sketch = drawSketch(kind, [1, k, dim], randomStream(3, "", 0));
    const row = normalArray(9, dim);
    const length = inner(row, row);
    const projected = applySketch(sketch, row) as Float64Array;
    expect(projected.length).toBe(k);
    const ratio = inner(projected, projected) / known[kind].length(k, dim) / length;
    expect(Math.abs(ratio - 1)).toBeLessThan(5 * Math.sqrt(2 / k));
  });
});
