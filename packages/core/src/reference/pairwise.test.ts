/** `pairwise` and `pairwiseProduct` as operations of their own: batches, and the Hessian product against differences of the gradient. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose, expectCloseNumber, maxNorm } from "../../test/support/compare.js";
import { directionalDerivatives } from "../../test/support/differences.js";
import { potentialName, potentials, spaces } from "../../test/support/energies.js";
import { type Closeness, inner, normalArray, rowsWith } from "../../test/support/random-rows.js";
import type { PairSpec } from "../backend/backend.js";
import { referenceBackend } from "./reference-backend.js";

const backend = referenceBackend();
const count = 4;
const dim = 5;

function pairwise(rows: Float64Array, pair: PairSpec, normEpsilon: number, batch = 1) {
  const handle = backend.upload(rows, [batch, rows.length / dim / batch, dim]);
  return backend.pairwise(backend.directions(handle, normEpsilon), pair);
}

function product(rows: Float64Array, pair: PairSpec, normEpsilon: number, vector: Float64Array): Float64Array {
  const { saved } = pairwise(rows, pair, normEpsilon);
  return backend.pairwiseProduct(saved, backend.upload(vector, [1, count, dim])).data;
}

const steps: Record<Closeness, number> = {
  apart: 3e-4,
  near: 3e-5,
  "below the floor": 2e-6,
  "antipodal, below the floor": 2e-6,
};

describe.each(spaces)("Hessian product, %s space", (space) => {
  it.each(potentials.map((potential) => [potentialName(potential), potential] as const))("%s", (_, potential) => {
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(steps) as Closeness[])),
        // With ε > 0 even parallel rows keep their distance, so at 1 all pairs are far apart.
        fc.constantFrom(0, 1e-4, 1),
        fc.nat(1_000_000),
        (closeness, normEpsilon, seed) => {
          const pair = { potential, space, separationFloor: 0.01 };
          const rows = rowsWith(closeness, seed, count, dim);
          const vector = normalArray(seed + 3, rows.length);
          const expected = directionalDerivatives(
            (point) => pairwise(point, pair, normEpsilon).gradient.data,
            rows,
            vector,
            steps[closeness],
          );
          const actual = product(rows, pair, normEpsilon, vector);
          expectClose(actual, expected, { relative: 3e-6 }, `Hessian product (${closeness}, ε = ${normEpsilon})`);
        },
      ),
      { seed: 41, numRuns: 40 },
    );
  });

  it("is symmetric: ⟨U, H V⟩ = ⟨V, H U⟩", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...potentials),
        fc.constantFrom(...(Object.keys(steps) as Closeness[])),
        fc.constantFrom(0, 1e-4),
        fc.nat(1_000_000),
        (potential, closeness, normEpsilon, seed) => {
          const pair = { potential, space, separationFloor: 0.01 };
          const rows = rowsWith(closeness, seed, count, dim);
          const [u, v] = [normalArray(seed + 4, rows.length), normalArray(seed + 5, rows.length)];
          const hv = product(rows, pair, normEpsilon, v);
          const hu = product(rows, pair, normEpsilon, u);
          expectCloseNumber(inner(u, hv), inner(v, hu), { relative: 1e-9, scale: maxNorm(hv) + maxNorm(hu) });
        },
      ),
      { seed: 42, numRuns: 80 },
    );
  });

  it("scales as 1/‖w‖² and survives rows of norm 1e±100", () => {
    for (const scale of [1e-100, 1e100]) {
      for (const potential of potentials) {
        const pair = { potential, space, separationFloor: 0.01 };
        const rows = rowsWith("near", 7, count, dim);
        const vector = normalArray(8, rows.length);
        const unit = product(rows, pair, 0, vector);
        const grown = product(
          rows.map((value) => value * scale),
          pair,
          0,
          vector.map((value) => value * scale),
        );
        expectClose(
          grown.map((value) => value * scale),
          unit,
          { relative: 1e-10 },
          potentialName(potential),
        );
      }
    }
  });

  it("stays precise for long rows with ε > 0", () => {
    for (const potential of potentials) {
      const pair = { potential, space, separationFloor: 0.01 };
      const rows = rowsWith("apart", 9, count, dim);
      const vector = normalArray(10, rows.length);
      const unit = product(rows, pair, 0, vector);
      const grown = product(
        rows.map((value) => value * 1e12),
        pair,
        1e-4,
        vector.map((value) => value * 1e12),
      );
      expectClose(
        grown.map((value) => value * 1e12),
        unit,
        { relative: 1e-9 },
        potentialName(potential),
      );
    }
  });

  it("a zero row is left alone", () => {
    const rows = rowsWith("apart", 11, count, dim);
    rows.fill(0, 0, dim);
    const result = product(
      rows,
      { potential: potentials[2], space, separationFloor: 0.01 },
      0,
      normalArray(12, rows.length),
    );
    expect(Array.from(result.subarray(0, dim))).toEqual(new Array(dim).fill(0));
    expect(result.every(Number.isFinite)).toBe(true);
  });
});

it.each(spaces)("a batch is its entries one by one, %s space", (space) => {
  const pair: PairSpec = { potential: { kind: "riesz", s: 2, distance: "chordal" }, space, separationFloor: 0.01 };
  const sets = [
    rowsWith("apart", 1, count, dim),
    rowsWith("near", 2, count, dim),
    rowsWith("below the floor", 3, count, dim),
  ];
  const all = Float64Array.of(...sets.flatMap((set) => [...set]));
  const vector = normalArray(13, all.length);
  const together = pairwise(all, pair, 1e-4, sets.length);
  const products = backend.pairwiseProduct(together.saved, backend.upload(vector, [sets.length, count, dim])).data;
  expect(together.energy.shape).toEqual([sets.length]);
  expect(together.gradient.shape).toEqual([sets.length, count, dim]);
  sets.forEach((set, c) => {
    const alone = pairwise(set, pair, 1e-4);
    const part = (of: Float64Array) => of.subarray(c * count * dim, (c + 1) * count * dim);
    expect(together.energy.data[c]).toBe(alone.energy.data[0]);
    expect(part(together.gradient.data)).toEqual(alone.gradient.data);
    expect(part(products)).toEqual(product(set, pair, 1e-4, part(vector)));
  });
});

it("at floor 0 names the coincident rows within their batch entry", () => {
  const rows = rowsWith("apart", 5, 2 * count, dim);
  rows.set(
    rows.subarray(5 * dim, 6 * dim).map((value) => 2 * value),
    7 * dim,
  );
  const pair: PairSpec = { potential: { kind: "riesz", s: 2, distance: "chordal" }, space: "full", separationFloor: 0 };
  expect(() => pairwise(rows, pair, 0, 2)).toThrow(/Neurons 1 and 3 point the same way/);
});

// Below, at and above one tile of pairs and several.
it.each([1, 2, 47, 48, 49, 97])("sums over the pairs of %s neurons, batch by batch", (neurons) => {
  const batch = 2;
  const rows = normalArray(neurons, batch * neurons * dim);
  const { energy, gradient } = pairwise(
    rows,
    { potential: { kind: "gaussian", t: 1 }, space: "full", separationFloor: 0 },
    0,
    batch,
  );
  for (let b = 0; b < batch; b++) {
    const row = (i: number) => rows.subarray((b * neurons + i) * dim, (b * neurons + i + 1) * dim);
    const unit = Array.from({ length: neurons }, (_, i) => row(i).map((entry) => entry / Math.hypot(...row(i))));
    let sum = 0;
    const pulled = unit.map((x, i) => {
      const g = new Float64Array(dim);
      unit.forEach((y, j) => {
        if (i === j) return;
        const phi = Math.exp(2 * inner(x, y) - 2);
        sum += phi / 2;
        for (let k = 0; k < dim; k++) g[k]! += (4 / (neurons * (neurons - 1))) * phi * y[k]!;
      });
      const along = inner(x, g);
      return g.map((entry, k) => (entry - along * x[k]!) / Math.hypot(...row(i)));
    });
    expectCloseNumber(energy.data[b]!, neurons === 1 ? 0 : (2 * sum) / (neurons * (neurons - 1)), { relative: 1e-13 });
    const expected = Float64Array.from(pulled.flatMap((each) => [...each]));
    expectClose(gradient.data.subarray(b * neurons * dim, (b + 1) * neurons * dim), expected, { relative: 1e-12 });
  }
});
