/** Sketches: the fast transforms are the dense matrices, their adjoints are, and entries are what the names promise. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose, expectCloseNumber } from "../../test/support/compare.js";
import { inner, normalArray } from "../../test/support/random-rows.js";
import { referenceBackend } from "../reference/reference-backend.js";
import { randomStream } from "./random-stream.js";
import { applySketch, applySketchBack, denseMatrices, drawSketch } from "./sketch.js";

const backend = referenceBackend();
const draw = (kind: "hadamard" | "count-sketch", shape: readonly [number, number, number], seed = 1) =>
  drawSketch(kind, shape, randomStream(seed, "", 0));

describe.each(["hadamard", "count-sketch"] as const)("%s", (kind) => {
  const shapes = fc.record({
    count: fc.integer({ min: 1, max: 5 }),
    dimension: fc.integer({ min: 1, max: 8 }),
    dim: fc.integer({ min: 8, max: 20 }),
    seed: fc.nat(1000),
  });

  it("is its dense matrices, forth and back", () => {
    fc.assert(
      fc.property(shapes, ({ count, dimension, dim, seed }) => {
        const sketch = draw(kind, [count, dimension, dim], seed);
        const { data, shape } = denseMatrices(sketch);
        expect(shape).toEqual([count, dimension, dim]);
        const matrices = backend.upload(data, shape);
        const rows = backend.upload(normalArray(seed, 3 * dim), [1, 3, dim]);
        const projected = backend.matmul(rows, matrices, { transposeB: true });
        expectClose(applySketch(sketch, rows.data), projected.data, { relative: 1e-12 }, "forth");
        const back = backend.matmul(projected, matrices, { sumBatch: true });
        expectClose(applySketchBack(sketch, projected.data), back.data, { relative: 1e-12 }, "back");
      }),
      { seed: 81, numRuns: 60 },
    );
  });

  it("back is the adjoint of forth", () => {
    const sketch = draw(kind, [3, 4, 10]);
    const [rows, vector] = [normalArray(1, 50), normalArray(2, 60)];
    const forth = inner(applySketch(sketch, rows), vector);
    expectCloseNumber(forth, inner(rows, applySketchBack(sketch, vector)), { relative: 1e-12, scale: 1 });
  });

  it("keeps the rows' type", () => {
    const sketch = draw(kind, [2, 4, 10]);
    expect(applySketch(sketch, new Float32Array(20))).toBeInstanceOf(Float32Array);
    expect(applySketch(sketch, new Float64Array(20))).toBeInstanceOf(Float64Array);
    expect(applySketchBack(sketch, new Float32Array(16))).toBeInstanceOf(Float32Array);
  });

  it("keeps inner products in the mean", () => {
    const [dimension, dim, draws] = [4, 6, 4000];
    const [a, b] = [normalArray(3, dim), normalArray(4, dim)];
    const products: number[] = [];
    for (let seed = 0; seed < draws; seed++) {
      const both = applySketch(draw(kind, [1, dimension, dim], seed), Float64Array.of(...a, ...b));
      // Rows of a transform have entries ±1, so that k rows hold k times the product; buckets hold it once.
      const scale = kind === "hadamard" ? dimension : 1;
      products.push(inner(both.subarray(0, dimension), both.subarray(dimension)) / scale);
    }
    const mean = products.reduce((sum, value) => sum + value, 0) / draws;
    const variance = products.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws;
    expect(Math.abs(mean - inner(a, b)) / Math.sqrt(variance / draws)).toBeLessThan(4);
  });
});

it("hadamard rows are orthogonal over the padded dimension, entries ±1", () => {
  const { data } = denseMatrices(draw("hadamard", [1, 8, 16]));
  expect(data.every((entry) => Math.abs(entry) === 1)).toBe(true);
  for (let i = 0; i < 8; i++) {
    for (let j = 0; j < i; j++) {
      expect(inner(data.subarray(16 * i, 16 * i + 16), data.subarray(16 * j, 16 * j + 16))).toBe(0);
    }
  }
});

it("hadamard takes no more rows than its transform has", () => {
  expect(() => draw("hadamard", [1, 16, 9])).not.toThrow();
  expect(() => draw("hadamard", [1, 17, 9])).toThrow(/projection\.dimension: expected at most 16.*got 17/);
});

it("count-sketch puts every coordinate into one bucket, with a sign", () => {
  const { data } = denseMatrices(draw("count-sketch", [2, 4, 30]));
  for (let c = 0; c < 2; c++) {
    for (let k = 0; k < 30; k++) {
      const column = [0, 1, 2, 3].map((row) => data[(c * 4 + row) * 30 + k]);
      expect(column.filter((entry) => entry !== 0).map(Math.abs)).toEqual([1]);
    }
  }
});
