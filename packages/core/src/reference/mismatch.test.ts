/** `mismatch` and `mismatchProduct` as operations of their own. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose, expectCloseNumber, maxNorm } from "../../test/support/compare.js";
import { directionalDerivative, directionalDerivatives } from "../../test/support/differences.js";
import { type Closeness, inner, normalArray, rowsWith, timesTransposed } from "../../test/support/random-rows.js";
import type { MismatchSpec } from "../backend/backend.js";
import { referenceBackend } from "./reference-backend.js";

const backend = referenceBackend();
const count = 4;
const dim = 6;
const small = 3;
const measures = ["angle", "cosine"] as const;
const forms = ["mean", "root"] as const;
const kinds = measures.flatMap((measure) => forms.map((form) => ({ measure, form })));

interface Sets {
  readonly reference: Float64Array;
  readonly projected: Float64Array;
  readonly normEpsilon: number;
  readonly batch?: number;
  readonly referenceBatch?: number;
}

function mismatch({ reference, projected, normEpsilon, batch = 1, referenceBatch = 1 }: Sets, spec: MismatchSpec) {
  const upload = (data: Float64Array, entries: number) =>
    backend.directions(backend.upload(data, [entries, count, data.length / entries / count]), normEpsilon);
  return backend.mismatch(upload(reference, referenceBatch), upload(projected, batch), spec);
}

function product(sets: Sets, spec: MismatchSpec, vector: Float64Array) {
  const { saved } = mismatch(sets, spec);
  return backend.mismatchProduct(saved, backend.upload(vector, [sets.batch ?? 1, count, small]));
}

const steps: Record<Closeness, number> = {
  apart: 1e-3,
  near: 1e-4,
  "below the floor": 2e-5,
  "antipodal, below the floor": 2e-5,
};

interface Case {
  readonly ofReference: Closeness;
  readonly ofProjected: Closeness;
  readonly normEpsilon: number;
  readonly seed: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  ofReference: fc.constantFrom(...(Object.keys(steps) as Closeness[])),
  ofProjected: fc.constantFrom(...(Object.keys(steps) as Closeness[])),
  normEpsilon: fc.constantFrom(0, 1e-4, 0.5),
  seed: fc.nat(1_000_000),
});

function draw({ ofReference, ofProjected, normEpsilon, seed }: Case) {
  const sets: Sets = {
    reference: rowsWith(ofReference, seed, count, dim),
    projected: rowsWith(ofProjected, seed + 50, count, small),
    normEpsilon,
  };
  return { sets, step: Math.min(steps[ofReference], steps[ofProjected]) };
}

describe.each(kinds)("$measure, $form", (kind) => {
  const spec: MismatchSpec = { ...kind, separationFloor: 0.01 };

  it("loss by its textbook formula", () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 0.5), fc.nat(1_000_000), (normEpsilon, seed) => {
        const sets = {
          reference: rowsWith("apart", seed, count, dim),
          projected: rowsWith("apart", seed + 50, count, small),
          normEpsilon,
        };
        const { loss } = mismatch(sets, spec);
        expectCloseNumber(loss.data[0], naive(sets, spec), { relative: 1e-12 }, "loss");
      }),
      { seed: 51, numRuns: 30 },
    );
  });

  it("gradient against differences of the loss", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (drawn) => {
        const { sets, step } = draw(drawn);
        const toward = normalArray(drawn.seed + 1, sets.projected.length);
        const { gradient } = mismatch(sets, spec);
        const slope = await directionalDerivative(
          (projected) => mismatch({ ...sets, projected }, spec).loss.data[0],
          sets.projected,
          toward,
          step,
        );
        expectCloseNumber(inner(gradient.data, toward), slope, { relative: 1e-7, scale: maxNorm(gradient.data) });
      }),
      { seed: 52, numRuns: 60 },
    );
  });

  it("Hessian product on the projected rows against differences of the gradient", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { sets, step } = draw(drawn);
        const vector = normalArray(drawn.seed + 2, sets.projected.length);
        const expected = directionalDerivatives(
          (projected) => mismatch({ ...sets, projected }, spec).gradient.data,
          sets.projected,
          vector,
          step,
        );
        expectClose(product(sets, spec, vector).rows.data, expected, { relative: 1e-6 }, "rows");
      }),
      { seed: 53, numRuns: 60 },
    );
  });

  it("its share through the reference set against differences of ⟨gradient, V⟩", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (drawn) => {
        const { sets, step } = draw(drawn);
        const vector = normalArray(drawn.seed + 2, sets.projected.length);
        const toward = normalArray(drawn.seed + 3, sets.reference.length);
        const share = product(sets, spec, vector).reference;
        const slope = await directionalDerivative(
          (reference) => inner(mismatch({ ...sets, reference }, spec).gradient.data, vector),
          sets.reference,
          toward,
          step,
        );
        const scale = Math.max(maxNorm(share.data), 1e-3 * maxNorm(mismatch(sets, spec).gradient.data));
        expectCloseNumber(inner(share.data, toward), slope, { relative: 1e-6, scale }, "reference share");
      }),
      { seed: 54, numRuns: 60 },
    );
  });

  it("compares one reference set with every projected set", () => {
    const batch = 3;
    const reference = rowsWith("apart", 61, count, dim);
    const projections = [1, 2, 3].map((seed) => timesTransposed(reference, normalArray(seed, small * dim), dim));
    const projected = Float64Array.of(...projections.flatMap((set) => [...set]));
    const vector = normalArray(62, projected.length);
    const sets = { reference, projected, normEpsilon: 1e-4, batch };
    const together = mismatch(sets, spec);
    const products = product(sets, spec, vector);
    expect(products.reference.shape).toEqual([1, count, dim]);
    const share = new Float64Array(reference.length);
    for (let c = 0; c < batch; c++) {
      const part = (of: Float64Array) => of.slice(c * count * small, (c + 1) * count * small);
      const alone = { reference, projected: part(projected), normEpsilon: 1e-4 };
      expect(together.loss.data[c]).toBe(mismatch(alone, spec).loss.data[0]);
      expectClose(part(together.gradient.data), mismatch(alone, spec).gradient.data, { relative: 1e-14 });
      const single = product(alone, spec, part(vector));
      expectClose(part(products.rows.data), single.rows.data, { relative: 1e-14 }, "rows");
      single.reference.data.forEach((value, n) => {
        share[n] += value;
      });
    }
    expectClose(products.reference.data, share, { relative: 1e-12 }, "reference share");
    // And many with many.
    const references = Float64Array.of(...reference, ...reference, ...reference);
    const paired = product({ ...sets, reference: references, referenceBatch: batch }, spec, vector);
    expect(paired.reference.shape).toEqual([batch, count, dim]);
    expectClose(paired.rows.data, products.rows.data, { relative: 1e-14 }, "rows, paired");
  });

  it("is 0 with gradient 0 where nothing is distorted", () => {
    const rows = rowsWith("apart", 63, count, small);
    const turned = rows.map((value) => 2 * value);
    const sets = { reference: rows, projected: turned, normEpsilon: 0 };
    const { loss, gradient } = mismatch(sets, spec);
    // The measures agree to rounding, and the root of a rounding error is its square root no more: S sums squares.
    expectCloseNumber(loss.data[0], 0, { relative: 1e-14, scale: 1 }, "loss");
    expect(gradient.data.every(Number.isFinite)).toBe(true);
    const { rows: onRows, reference } = product(sets, spec, normalArray(64, rows.length));
    expect(onRows.data.every(Number.isFinite)).toBe(true);
    expect(reference.data.every(Number.isFinite)).toBe(true);
  });
});

it("the guard at S = 0: exactly equal sets have no root gradient", () => {
  const rows = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 2);
  const sets = { reference: rows, projected: rows, normEpsilon: 0 };
  const spec = { measure: "cosine", form: "root", separationFloor: 0.01 } as const;
  const { loss, gradient } = mismatch(sets, spec);
  expect(loss.data[0]).toBe(0);
  expect(maxNorm(gradient.data)).toBe(0);
  const products = product(sets, spec, normalArray(65, rows.length));
  expect(maxNorm(products.rows.data)).toBe(0);
  expect(maxNorm(products.reference.data)).toBe(0);
});

function naive({ reference, projected, normEpsilon }: Sets, { measure, form }: MismatchSpec): number {
  const measured = (set: Float64Array, i: number, j: number) => {
    const width = set.length / count;
    const row = (n: number) => set.subarray(n * width, (n + 1) * width);
    const rho = (n: number) => Math.sqrt(inner(row(n), row(n)) + normEpsilon);
    const cosine = inner(row(i), row(j)) / rho(i) / rho(j);
    return measure === "cosine" ? cosine : Math.acos(Math.max(-1, Math.min(1, cosine)));
  };
  let sum = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      if (i === j && (form === "mean" || normEpsilon === 0)) continue;
      sum += (measured(reference, i, j) - measured(projected, i, j)) ** 2;
    }
  }
  return form === "mean" ? sum / (count * (count - 1)) : Math.sqrt(sum);
}
