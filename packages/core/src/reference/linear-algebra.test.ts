/** The contract's linear operations against naive sums and their own adjoints. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose, expectCloseNumber } from "../../test/support/compare.js";
import { inner, normalArray } from "../../test/support/random-rows.js";
import { referenceBackend } from "./reference-backend.js";

const backend = referenceBackend();
const upload = (seed: number, shape: readonly number[]) =>
  backend.upload(
    normalArray(
      seed,
      shape.reduce((product, size) => product * size, 1),
    ),
    shape,
  );

describe("matmul", () => {
  const sides = fc.constantFrom(1, 3);
  it("with every option is the naive sum", () => {
    fc.assert(
      fc.property(
        fc.record({ transposeA: fc.boolean(), transposeB: fc.boolean(), sumBatch: fc.boolean() }),
        fc.record({ a: sides, b: sides }),
        fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 })),
        (options, batch, [rows, size, columns]) => {
          const a = upload(1, [batch.a, ...(options.transposeA ? [size, rows] : [rows, size])]);
          const b = upload(2, [batch.b, ...(options.transposeB ? [columns, size] : [size, columns])]);
          const entry = (of: typeof a, c: number, i: number, j: number) => {
            const [entries, height, width] = of.shape;
            return of.data[((entries === 1 ? 0 : c) * height + i) * width + j];
          };
          const total = Math.max(batch.a, batch.b);
          const expected = new Float64Array((options.sumBatch ? 1 : total) * rows * columns);
          for (let c = 0; c < total; c++) {
            for (let i = 0; i < rows; i++) {
              for (let j = 0; j < columns; j++) {
                let sum = 0;
                for (let k = 0; k < size; k++) {
                  const left = options.transposeA ? entry(a, c, k, i) : entry(a, c, i, k);
                  const right = options.transposeB ? entry(b, c, j, k) : entry(b, c, k, j);
                  sum += left * right;
                }
                expected[((options.sumBatch ? 0 : c) * rows + i) * columns + j] += sum;
              }
            }
          }
          const result = backend.matmul(a, b, options);
          expect(result.shape).toEqual([options.sumBatch ? 1 : total, rows, columns]);
          expectClose(result.data, expected, { relative: 1e-13 });
        },
      ),
      { seed: 61, numRuns: 200 },
    );
  });
});

describe("gatherColumns and scatterColumns", () => {
  const index = fc
    .array(fc.integer({ min: -1, max: 6 }), { minLength: 6, maxLength: 6 })
    .map((list) => Int32Array.from(list));

  it("gather picks columns, −1 is a column of zeros", () => {
    const array = backend.upload(Float64Array.of(1, 2, 3, 4, 5, 6), [1, 2, 3]);
    const picked = backend.gatherColumns(array, Int32Array.of(2, 0, 1, -1), 2);
    expect(picked.shape).toEqual([2, 2, 2]);
    expect([...picked.data]).toEqual([3, 1, 6, 4, 2, 0, 5, 0]);
  });

  it("scatter adds up columns that meet", () => {
    const array = backend.upload(Float64Array.of(1, 2, 3, 4, 10, 20, 30, 40), [2, 2, 2]);
    const placed = backend.scatterColumns(array, Int32Array.of(0, 2, 0, -1), 3);
    expect(placed.shape).toEqual([1, 2, 3]);
    expect([...placed.data]).toEqual([11, 0, 2, 33, 0, 4]);
  });

  it("are adjoint: ⟨gather(A), B⟩ = ⟨A, scatter(B)⟩", () => {
    fc.assert(
      fc.property(index, fc.constantFrom(1, 2, 3, 6), fc.nat(1000), (columns, width, seed) => {
        const a = upload(seed, [1, 4, 7]);
        const b = upload(seed + 1, [6 / width, 4, width]);
        expectCloseNumber(
          inner(backend.gatherColumns(a, columns, width).data, b.data),
          inner(a.data, backend.scatterColumns(b, columns, 7).data),
          { relative: 1e-12, scale: 1 },
        );
      }),
      { seed: 62, numRuns: 100 },
    );
  });
});

describe("reduce", () => {
  it.each(["mean", "max"] as const)("%s: weights are the gradient", (how) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(1000), (batch, seed) => {
        const energies = upload(seed, [batch]);
        const { energy, weights } = backend.reduce(energies, how);
        expect(energy.shape).toEqual([1]);
        expect(weights.shape).toEqual([batch]);
        for (let c = 0; c < batch; c++) {
          const at = (step: number) => {
            const data = energies.data.slice();
            data[c] += step;
            return backend.reduce({ data, shape: [batch] }, how).energy.data[0];
          };
          expectCloseNumber((at(1e-6) - at(-1e-6)) / 2e-6, weights.data[c], { relative: 1e-8, scale: 1 });
        }
        expectCloseNumber(inner(weights.data, energies.data), energy.data[0], { relative: 1e-14, scale: 1 });
      }),
      { seed: 63, numRuns: 40 },
    );
  });

  it("max takes the first maximum", () => {
    const { energy, weights } = backend.reduce(backend.upload(Float64Array.of(1, 3, 3, 2), [4]), "max");
    expect(energy.data[0]).toBe(3);
    expect([...weights.data]).toEqual([0, 1, 0, 0]);
  });
});

describe("combine and scaleBatch", () => {
  it("combine is a weighted sum, a batch of 1 broadcasting", () => {
    const [a, b] = [upload(1, [1, 2, 3]), upload(2, [4, 2, 3])];
    const result = backend.combine([
      [2, a],
      [-3, b],
    ]);
    expect(result.shape).toEqual([4, 2, 3]);
    expectClose(
      result.data,
      b.data.map((value, n) => 2 * a.data[n % 6] - 3 * value),
      { relative: 1e-14 },
    );
  });

  it.each([1, 3])("scaleBatch takes one weight for each entry, array of batch %i", (batch) => {
    const array = upload(3, [batch, 2, 2]);
    const weights = upload(4, [3]);
    const result = backend.scaleBatch(array, weights);
    expect(result.shape).toEqual([3, 2, 2]);
    const expected = Float64Array.from(
      { length: 12 },
      (_, n) => array.data[n % (4 * batch)] * weights.data[Math.floor(n / 4)],
    );
    expectClose(result.data, expected, { relative: 1e-15 });
  });
});

describe("directions", () => {
  it("ρ = √(‖w‖² + ε), a zero row stays zero", () => {
    const rows = backend.upload(Float64Array.of(3, 4, 0, 0, 0, 0), [1, 3, 2]);
    expect([...backend.directions(rows, 0).unit.data]).toEqual([0.6, 0.8, 0, 0, 0, 0]);
    expectClose(backend.directions(rows, 11).unit.data, [0.5, 4 / 6, 0, 0, 0, 0], { relative: 1e-15 });
    expect(backend.directions(rows, 11).normEpsilon).toBe(11);
  });
});
