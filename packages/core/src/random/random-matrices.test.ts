/** The matrices of `random` projections. */
import { describe, expect, it } from "vitest";
import { maxNorm } from "../../test/support/compare.js";
import { inner } from "../../test/support/random-rows.js";
import { EnergyError } from "../errors/energy-error.js";
import { randomMatrices } from "./random-matrices.js";
import { randomStream } from "./random-stream.js";

const draw = (distribution: "gaussian" | "orthogonal" | "rademacher", shape: [number, number, number], seed = 1) =>
  randomMatrices(distribution, shape, randomStream(seed, "", 0));

it("have the shape asked for, as float32", () => {
  for (const distribution of ["gaussian", "orthogonal", "rademacher"] as const) {
    const { data, shape } = draw(distribution, [3, 4, 7]);
    expect(data).toBeInstanceOf(Float32Array);
    expect(shape).toEqual([3, 4, 7]);
    expect(data.length).toBe(84);
  }
});

it("gaussian is the stream itself, row major", () => {
  const expected = randomStream(1, "", 0).fillNormal(new Float32Array(84));
  expect(draw("gaussian", [3, 4, 7]).data).toEqual(expected);
});

describe("orthogonal", () => {
  it.each([
    [1, 1],
    [4, 9],
    [8, 8],
    [30, 576],
  ])("%i rows in ℝ^%i are orthonormal", (rows, dim) => {
    const { data } = draw("orthogonal", [2, rows, dim]);
    const row = (i: number) => data.subarray(i * dim, (i + 1) * dim);
    for (let c = 0; c < 2; c++) {
      for (let i = c * rows; i < (c + 1) * rows; i++) {
        for (let j = c * rows; j <= i; j++) {
          expect(Math.abs(inner(row(i), row(j)) - (i === j ? 1 : 0)), `rows ${i} and ${j}`).toBeLessThan(1e-6);
        }
      }
    }
  });

  it("is Haar distributed: entries have mean 0, variance 1/d, fourth moment 3/(d(d + 2)), in every row", () => {
    const [count, rows, dim] = [4000, 4, 4];
    const { data } = draw("orthogonal", [count, rows, dim]);
    for (let i = 0; i < rows; i++) {
      const moment = (power: number) => {
        let sum = 0;
        for (let c = 0; c < count; c++) {
          for (let k = 0; k < dim; k++) sum += data[(c * rows + i) * dim + k] ** power;
        }
        return sum / (count * dim);
      };
      // Entries of one row depend on each other; √(1/count) of one entry bounds the error of the mean.
      expect(Math.abs(moment(1)), `mean, row ${i}`).toBeLessThan((4 * 0.5) / Math.sqrt(count));
      expect(moment(2)).toBeCloseTo(1 / dim, 6);
      expect(Math.abs(moment(4) - 3 / (dim * (dim + 2))), `fourth moment, row ${i}`).toBeLessThan(0.01);
    }
    // Square Haar matrices are reflections as often as rotations, and their trace has mean 0 and variance 1.
    let trace = 0;
    let square = 0;
    for (let c = 0; c < count; c++) {
      const diagonal = [0, 5, 10, 15].reduce((sum, n) => sum + data[16 * c + n], 0);
      trace += diagonal / count;
      square += diagonal ** 2 / count;
    }
    expect(Math.abs(trace)).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(square - 1)).toBeLessThan((4 * Math.sqrt(2)) / Math.sqrt(count));
  });

  it("needs k ≤ d", () => {
    expect(() => draw("orthogonal", [1, 5, 4])).toThrow(EnergyError);
    expect(() => draw("orthogonal", [1, 5, 4])).toThrow(/projection\.dimension: expected at most 4.*got 5/);
  });
});

it("rademacher is ±1 in balance", () => {
  const { data } = draw("rademacher", [10, 30, 100]);
  expect(maxNorm(data.map((value) => Math.abs(value) - 1))).toBe(0);
  expect(Math.abs(Float64Array.from(data).reduce((sum, value) => sum + value, 0))).toBeLessThan(
    4 * Math.sqrt(data.length),
  );
});
