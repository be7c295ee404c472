/** A = VᵀΛV with orthonormal rows V, and a library's eigenvalues, on matrices of every kind that is hard for one reason. */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { randomStream } from "../random/random-stream.js";
import { symmetricEigen } from "./symmetric-eigen.js";

function gram(rows: number, columns: number, seed: number, scale = 1): Float64Array {
  const x = randomStream(seed, "eigen", 0).fillNormal(new Float32Array(rows * columns));
  const matrix = Matrix.from1DArray(
    rows,
    columns,
    Float64Array.from(x, (value) => value * scale),
  );
  return Float64Array.from(matrix.mmul(matrix.transpose()).to1DArray());
}

const diagonal = (values: readonly number[]) => Float64Array.from(Matrix.diag([...values]).to1DArray());
/** Wilkinson's W⁺: pairs of eigenvalues that agree to 15 digits. */
const wilkinson = Float64Array.from({ length: 21 * 21 }, (_, n) => {
  const [i, j] = [Math.floor(n / 21), n % 21];
  return i === j ? Math.abs(i - 10) : Math.abs(i - j) === 1 ? 1 : 0;
});
const hilbert = Float64Array.from({ length: 144 }, (_, n) => 1 / (Math.floor(n / 12) + (n % 12) + 1));

const matrices: Readonly<Record<string, readonly [Float64Array, number]>> = {
  "of size 1": [Float64Array.of(-3), 1],
  "of size 2": [Float64Array.of(1, 2, 2, -1), 2],
  zero: [new Float64Array(25), 5],
  diagonal: [diagonal([3, -1, 0, 7, 3]), 5],
  "one number everywhere": [new Float64Array(49).fill(1), 7],
  "a Gram matrix": [gram(60, 80, 1), 60],
  "of low rank": [gram(40, 3, 2), 40],
  huge: [gram(20, 30, 3, 1e120), 20],
  tiny: [gram(20, 30, 4, 1e-120), 20],
  "equal eigenvalues in pairs": [wilkinson, 21],
  "ill conditioned": [hilbert, 12],
  indefinite: [gram(31, 31, 5).map((value, n) => value - (n % 32 === 0 ? 30 : 0)), 31],
};

describe.each(Object.entries(matrices))("%s", (_name, [matrix, size]) => {
  const { values, vectors } = symmetricEigen(matrix, size);
  const scale = Math.max(...values.map(Math.abs), Number.MIN_VALUE);

  it("has orthonormal vectors", () => {
    const v = Matrix.from1DArray(size, size, vectors);
    const off = Matrix.sub(v.mmul(v.transpose()), Matrix.eye(size)).to1DArray();
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(1e-13);
  });

  it("is made of its values and vectors", () => {
    const v = Matrix.from1DArray(size, size, vectors);
    const made = v
      .transpose()
      .mmul(Matrix.diag([...values]))
      .mmul(v)
      .to1DArray();
    expect(Math.max(...made.map((value, n) => Math.abs(value - matrix[n]!)))).toBeLessThanOrEqual(1e-13 * scale);
  });

  it("has a library's eigenvalues", () => {
    // It can't take what is huge or tiny.
    const scaled = Matrix.from1DArray(size, size, matrix).div(scale);
    const library = new EigenvalueDecomposition(scaled, { assumeSymmetric: true });
    const expected = library.realEigenvalues.map((value) => value * scale).sort((a, b) => a - b);
    [...values]
      .sort((a, b) => a - b)
      .forEach((value, n) => {
        expect(Math.abs(value - expected[n]!)).toBeLessThanOrEqual(1e-13 * scale);
      });
  });
});

it("reads what is on and below the diagonal alone", () => {
  const whole = gram(9, 9, 6);
  const lower = whole.map((value, n) => (n % 9 > Math.floor(n / 9) ? Number.NaN : value));
  expect(symmetricEigen(lower, 9)).toEqual(symmetricEigen(whole, 9));
});

it("of nothing is nothing", () => {
  expect(symmetricEigen(new Float64Array(0), 0).values).toHaveLength(0);
});
