/** The mismatch of two sets' angles, with its gradient and its Hessian product on both sets. */

import type { MismatchSpec } from "@comhe/core";
import { overNorms, timesNorms } from "../compare/allowed.js";
import { assertFinite, assertWithin } from "../compare/assert.js";
import { type Operation, readBoth, readResults, uploadRows } from "../compare/operation.js";
import { maxNorm } from "../compare/vectors.js";
import { crowds } from "../inputs/crowds.js";
import { separationFloor } from "../inputs/energies.js";
import { normalRows, type Rows, rowNorms, withZeroRows } from "../inputs/rows.js";
import type { Case, CheckFamily } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

const one = normalRows(61, 6, 9);
const vector = normalRows(62, 6, 5, 3);

/** A reference set for all projected sets, or one for each; zero rows in both. */
const references: Readonly<Record<string, Rows>> = {
  "one reference set": one,
  "a reference set each": normalRows(63, 6, 9, 3),
  "a zero row in the reference set": withZeroRows(one, [4]),
};

export const mismatchKinds: readonly MismatchSpec[] = (["angle", "cosine"] as const).flatMap((measure) =>
  (["mean", "root"] as const).map((form) => ({ measure, form, separationFloor })),
);

interface Sets {
  readonly reference: Rows;
  readonly projected: Rows;
  readonly normEpsilon: number;
  readonly spec: MismatchSpec;
}

type Results = "loss" | "gradient" | "onRows" | "onReference";

function mismatch({ reference, projected, normEpsilon, spec }: Sets): Operation<Results> {
  return (on) => {
    const before = on.directions(uploadRows(on, reference), normEpsilon);
    const after = on.directions(uploadRows(on, projected), normEpsilon);
    const { loss, gradient, saved } = on.mismatch(before, after, spec);
    const product = on.mismatchProduct(saved, uploadRows(on, vector));
    return { loss, gradient, onRows: product.rows, onReference: product.reference };
  };
}

export function mismatchChecks(tolerances: Tolerances): readonly CheckFamily[] {
  return Object.entries(crowds).map(([closeness, projected]) => ({
    name: `mismatch and its Hessian products, ${closeness}`,
    cases: Object.entries(references).flatMap(([which, reference]) =>
      [0, 1e-4, 0.5].flatMap((normEpsilon) =>
        mismatchKinds.map(
          (spec): Case => ({
            name: `${spec.measure}, ${spec.form}, ${which}, ε = ${normEpsilon}`,
            async run(backend) {
              const sets = { reference, projected, normEpsilon, spec };
              const { actual, expected } = await readBoth(backend, mismatch(sets));
              compare(tolerances, sets, closeness === "apart", actual, expected);
            },
          }),
        ),
      ),
    ),
  }));
}

function compare(
  tolerances: Tolerances,
  { reference, projected, normEpsilon }: Sets,
  apart: boolean,
  actual: Record<Results, ArrayLike<number>>,
  expected: Record<Results, ArrayLike<number>>,
): void {
  const relative = (tolerance: number) => (apart ? tolerance : Math.max(tolerance, tolerances.near));
  const loss = maxNorm(expected.loss);
  assertWithin(actual.loss, expected.loss, relative(tolerances.energy) * loss, "loss");
  const norms = rowNorms(projected, normEpsilon);
  const turn = maxNorm(overNorms(vector.data, norms));
  const within = (name: Results, of: Float64Array, tolerance: number, least: number) => {
    const [got, wanted] = [timesNorms(actual[name], of, name), timesNorms(expected[name], of, name)];
    assertWithin(got, wanted, relative(tolerance) * Math.max(maxNorm(wanted), least), `‖w‖·${name}`);
  };
  within("gradient", norms, tolerances.gradient, loss);
  within("onRows", norms, tolerances.product, loss * turn);
  within("onReference", rowNorms(reference, normEpsilon), tolerances.product, loss * turn);
}

/** S = 0 is where the root has no derivative: finite, whatever rounding makes of it. */
export function undistortedChecks(): CheckFamily {
  const small = normalRows(64, 6, 5, 3);
  return {
    name: "mismatch of sets that agree",
    cases: mismatchKinds.map((spec) => ({
      name: `${spec.measure}, ${spec.form}: finite`,
      async run(backend) {
        const sets = { reference: small, projected: small, normEpsilon: 0, spec };
        const read = await readResults(backend, mismatch(sets));
        for (const [name, values] of Object.entries(read)) assertFinite(values, name);
        assertWithin(read.loss, [0, 0, 0], 1e-3, "loss");
      },
    })),
  };
}
