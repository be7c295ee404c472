/** Directions of rows of any length, zero rows among them, with and without ε. */
import type { Backend } from "@comhe/core";
import { assert, assertIdentical, assertWithin } from "../compare/assert.js";
import { readBoth, uploadRows } from "../compare/operation.js";
import { normalRows, type Rows, scaledRows, withZeroRows } from "../inputs/rows.js";
import type { CheckFamily } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

const plain = normalRows(31, 4, 5, 2);

const sets: Readonly<Record<string, Rows>> = {
  plain,
  "rows of norm 1e30": scaledRows(plain, () => 1e30),
  "rows of norm 1e-30": scaledRows(plain, () => 1e-30),
  "rows of norm 1e-30 … 1e30": scaledRows(plain, (row) => 10 ** (10 * (row % 7) - 30)),
  "zero rows": withZeroRows(plain, [0, 5]),
  "zero rows alone": withZeroRows(plain, [0, 1, 2, 3, 4, 5, 6, 7]),
  "one dimension": normalRows(32, 5, 1),
  "300 dimensions": normalRows(33, 3, 300),
};

export function directionChecks(tolerances: Tolerances): CheckFamily {
  const cases = Object.entries(sets).flatMap(([name, rows]) =>
    [0, 1e-4, 0.5].map((normEpsilon) => ({
      name: `${name}, ε = ${normEpsilon}`,
      async run<A>(backend: Backend<A>) {
        const { actual, expected } = await readBoth(backend, (on) => {
          const directions = on.directions(uploadRows(on, rows), normEpsilon);
          assert(directions.normEpsilon === normEpsilon, `normEpsilon: got ${directions.normEpsilon}`);
          return { unit: directions.unit };
        });
        assertWithin(actual.unit, expected.unit, tolerances.linear(backend.precision), "unit rows");
        const zeros = (of: ArrayLike<number>) => Array.from(of, (value, n) => (expected.unit[n] === 0 ? value : 0));
        assertIdentical(zeros(actual.unit), zeros(expected.unit), "rows without direction");
      },
    })),
  );
  return { name: "directions", cases };
}
