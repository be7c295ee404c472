/** The energy of a sample of the rows estimates the energy of all without bias, and so does its gradient. */
import { describe, expect, it } from "vitest";
import {
  createEvaluator,
  createProgram,
  type EnergyConfig,
  energyAndGradient,
  estimateEnergy,
  type FloatArray,
  type PairSpec,
  referenceBackend,
} from "../../src/index.js";
import { expectClose, expectCloseNumber } from "../support/compare.js";
import { givenProjections, potentials, spaces } from "../support/energies.js";
import { normalArray } from "../support/random-rows.js";

const backend = referenceBackend();
const [count, dim] = [24, 9];
const data = normalArray(5, count * dim);
// Near rows, opposite ones, a dead one: what a sample meets now and then.
for (let k = 0; k < dim; k++) {
  data[dim + k] = data[k]! + 0.1 * data[dim + k]!;
  data[3 * dim + k] = -data[2 * dim + k]!;
  data[4 * dim + k] = 0;
}
const weights = { data, shape: [count, dim] };

describe("over all samples of 3 out of 6 rows, energies and gradients have the mean of all rows, to the last digits", () => {
  const all = Float64Array.from(data.subarray(0, 6 * dim));
  for (const potential of potentials) {
    for (const space of spaces) {
      for (const normEpsilon of [0, 0.5]) {
        const name = `${JSON.stringify(potential)}, ${space}, ε = ${normEpsilon}`;
        it(name, () => {
          const run = (rows: readonly number[], pair: PairSpec) => {
            const some = Float64Array.from(rows.flatMap((row) => [...all.subarray(row * dim, (row + 1) * dim)]));
            const shape = [1, rows.length, dim];
            return backend.pairwise(backend.directions(backend.upload(some, shape), normEpsilon), pair);
          };
          const pair: PairSpec = { potential, space, separationFloor: 0.01 };
          const exact = run([0, 1, 2, 3, 4, 5], pair);
          let energy = 0;
          const gradient = new Float64Array(6 * dim);
          for (let a = 0; a < 6; a++) {
            for (let b = a + 1; b < 6; b++) {
              for (let c = b + 1; c < 6; c++) {
                const sampled = run([a, b, c], { ...pair, population: 6 });
                energy += sampled.energy.data[0]! / 20;
                [a, b, c].forEach((row, n) => {
                  for (let k = 0; k < dim; k++) gradient[row * dim + k]! += sampled.gradient.data[n * dim + k]! / 20;
                });
              }
            }
          }
          expectCloseNumber(energy, exact.energy.data[0]!, { relative: 1e-12 }, "energy");
          expectClose(gradient, exact.gradient.data, { relative: 1e-10 }, "gradient");
        });
      }
    }
  }
});

/** Strategies that don't look at the sample, with one draw of their matrices throughout. */
const strategies = Object.entries(givenProjections(dim))
  .filter(([, projection]) => !("reduce" in projection && projection.reduce === "max"))
  .map(
    ([name, projection]) =>
      [
        name,
        "refresh" in projection || "count" in projection || "shuffle" in projection
          ? { ...projection, refresh: 0 }
          : projection,
      ] as const,
  );

describe.each(spaces)("drawn samples, %s space", (space) => {
  it.each([...strategies, ["pca", { kind: "pca", dimension: 4, refresh: 0 }] as const])("%s", async (_, projection) => {
    const config = { space, projection, potential: { kind: "riesz", s: 1 } } as EnergyConfig;
    const exact = await energyAndGradient(backend, config, weights, { seed: 2 });
    const evaluator = createEvaluator(backend, { ...config, sample: 8 }, { seed: 2 });
    const probes = Array.from({ length: 4 }, (_, n) => normalArray(60 + n, count * dim));
    const along = (gradient: FloatArray) => probes.map((probe) => dot(probe, gradient));
    const seen: number[][] = [];
    for (let step = 0; step < 200; step++) {
      const { energy, gradient, rows } = await evaluator.evaluate(weights);
      expect(rows).toHaveLength(8);
      seen.push([energy, ...along(gradient)]);
    }
    [exact.energy, ...along(exact.gradient)].forEach((expected, n) => {
      const { mean, error } = meanAndError(seen.map((values) => values[n]!));
      expect(Math.abs(mean - expected) / error, `${n}: ${mean} ± ${error}, expected ${expected}`).toBeLessThan(3);
    });
  });
});

it("only the rows that are drawn get a gradient", async () => {
  const evaluator = createEvaluator(backend, { space: "half", sample: 6 }, { seed: 4, name: "table" });
  const seen = new Set<string>();
  for (let step = 0; step < 5; step++) {
    const { gradient, rows } = await evaluator.evaluate(weights);
    for (let row = 0; row < count; row++) {
      const moved = gradient.subarray(row * dim, (row + 1) * dim).some((value) => value !== 0);
      // Row 4 is dead.
      expect(moved, `row ${row}`).toBe(rows!.includes(row) && row !== 4);
    }
    seen.add(rows!.join());
  }
  expect(seen.size).toBe(5);
});

it("kernels of other layouts are sampled as their rows are", async () => {
  const turned = new Float64Array(count * dim);
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < dim; k++) turned[k * count + row] = data[row * dim + k]!;
  }
  const byRows = await energyAndGradient(backend, { sample: 7 }, weights, { seed: 3 });
  const kernel = { data: turned, shape: [dim, count], layout: "neurons-last" } as const;
  const byColumns = await energyAndGradient(backend, { sample: 7 }, kernel, { seed: 3 });
  expect(byColumns.energy).toBe(byRows.energy);
  expect(byColumns.rows).toEqual(byRows.rows);
  expect(byColumns.gradient[2]).toBe(byRows.gradient[2 * dim]);
});

it("as many rows as there are, or more: all of them, as without", async () => {
  const all = await energyAndGradient(backend, { space: "half" }, weights);
  for (const sample of [count, count + 1, 1_000_000]) {
    expect(await energyAndGradient(backend, { space: "half", sample }, weights)).toEqual(all);
  }
  expect(all).not.toHaveProperty("rows");
});

it("a restored run draws the rows that the saved one would have drawn", async () => {
  const config = { sample: 5, projection: { kind: "random", dimension: 6, count: 2, refresh: 3 } } as const;
  const first = createEvaluator(backend, config, { seed: 8, name: "logits" });
  for (let step = 0; step < 4; step++) await first.evaluate(weights);
  const second = createEvaluator(backend, config);
  second.restore(JSON.parse(JSON.stringify(first.state())));
  for (let step = 0; step < 4; step++) expect(await second.evaluate(weights)).toEqual(await first.evaluate(weights));
});

it("seed, name and step fix the rows; projections are those of a run without a sample", () => {
  const rowsOf = (seed: number, name: string) => createProgram({ sample: 5 }, { seed, name }).sample(count)!.join();
  expect(rowsOf(1, "a")).toBe(rowsOf(1, "a"));
  expect(new Set([rowsOf(1, "a"), rowsOf(2, "a"), rowsOf(1, "b")]).size).toBe(3);
  const random: EnergyConfig = { projection: { kind: "random", dimension: 6, count: 2, share: "shape" } };
  const neurons = { count, dim, rows: () => data };
  const matrices = (config: EnergyConfig) => createProgram(config, { seed: 3 }).prepare(neurons).arrays.matrices!.data;
  expect(matrices({ ...random, sample: 5 })).toEqual(matrices(random));
});

it("what measures all rows does so whatever the energy is trained with", async () => {
  const { energy } = await energyAndGradient(backend, { space: "half" }, weights);
  const found = await estimateEnergy(backend, { space: "half", sample: 4 }, weights, { pairs: 1e6 });
  expect(found).toMatchObject({ energy, exact: true });
});

function dot(a: FloatArray, b: FloatArray): number {
  let sum = 0;
  for (let n = 0; n < a.length; n++) sum += a[n]! * b[n]!;
  return sum;
}

function meanAndError(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (values.length - 1) / values.length) };
}
