/** Gathering and scattering columns. Numbers are moved and added, so that results are exact but for the sums. */

import type { Backend } from "@comhe/core";
import { assertWithin } from "../compare/assert.js";
import { readBoth, uploadRows } from "../compare/operation.js";
import { maxNorm } from "../compare/vectors.js";
import { normalRows } from "../inputs/rows.js";
import type { Case, CheckFamily } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

const dim = 7;
const count = 3;

interface Columns {
  readonly index: readonly number[];
  readonly columns: number;
}

const cases: Readonly<Record<string, Columns>> = {
  "one group, reversed": { index: [6, 5, 4, 3, 2, 1, 0], columns: 7 },
  "a partition, padded": { index: [0, 1, 2, 3, 4, -1, 5, 6, -1], columns: 3 },
  "a shuffled partition, padded": { index: [4, 0, 6, 2, 1, -1, 3, 5, -1], columns: 3 },
  "columns left out": { index: [2, 5], columns: 1 },
  "one column in many groups": { index: [1, 3, 3, 1, 3, -1], columns: 2 },
  "one column twice in a group": { index: [3, 3, 0, 0, -1, 3], columns: 3 },
  "a group of padding alone": { index: [-1, -1, 6, 0], columns: 2 },
  "padding alone": { index: [-1, -1], columns: 2 },
};

export function columnChecks(tolerances: Tolerances): CheckFamily {
  const toCase = ([name, { index, columns }]: [string, Columns]): Case => ({
    name,
    async run(backend) {
      const at = Int32Array.from(index);
      const batch = index.length / columns;
      const { actual, expected } = await readBoth(backend, <A>(on: Backend<A>) => ({
        gathered: on.gatherColumns(uploadRows(on, normalRows(21, count, dim)), at, columns),
        scattered: on.scatterColumns(uploadRows(on, normalRows(22, count, columns, batch)), at, dim),
      }));
      assertWithin(actual.gathered, expected.gathered, 0, "gathered");
      const allowed = tolerances.linear(backend.precision) * maxNorm(expected.scattered);
      assertWithin(actual.scattered, expected.scattered, allowed, "scattered");
    },
  });
  return { name: "gatherColumns and scatterColumns", cases: Object.entries(cases).map(toCase) };
}
