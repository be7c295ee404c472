/** Sets read and written where they lie, where the backend offers it: the numbers of the same sets as handles, to the last bit. */
import type { KernelSet, PairSpec } from "@comhe/core";
import { assertIdentical } from "../compare/assert.js";
import { readResults, uploadRows } from "../compare/operation.js";
import { crowds } from "../inputs/crowds.js";
import { inverseAngle, inverseSquare, pairs } from "../inputs/energies.js";
import { normalRows, type Rows } from "../inputs/rows.js";
import { type Case, type CheckFamily, NotOffered } from "../suite/check.js";

/** Of a batch the first set. */
function single({ data, count, dim }: Rows): Rows {
  return { data: data.slice(0, count * dim), batch: 1, count, dim };
}

const sets: Readonly<Record<string, Rows>> = {
  ...Object.fromEntries(Object.entries(crowds).map(([name, rows]) => [name, single(rows)])),
  "48×48": normalRows(53, 48, 48),
  "37×21": normalRows(54, 37, 21),
  "one row": normalRows(55, 1, 5),
};

/** `[rows, columns]` as `[columns, rows]`. */
function turned(data: Float32Array, rows: number, columns: number): Float32Array {
  return data.map((_, n) => data[(n % rows) * columns + Math.floor(n / rows)]!);
}

export function kernelChecks(): CheckFamily {
  const toCase = (name: string, rows: Rows, energy: { name: string; pair: PairSpec }, normEpsilon: number): Case => ({
    name: `${name}, ${energy.name}, ε = ${normEpsilon}`,
    async run(backend) {
      if (!backend.pairwiseOfKernel) throw new NotOffered("sets where they lie: they are uploaded");
      const { pair } = energy;
      const { data, count, dim } = rows;
      const expected = await readResults(backend, (on) => {
        const { energy, gradient } = on.pairwise(on.directions(uploadRows(on, rows), normEpsilon), pair);
        return { energy, gradient };
      });
      const gradient = Float32Array.from(expected.gradient);
      for (const neurons of ["rows", "columns"] satisfies KernelSet["neurons"][]) {
        const lying = neurons === "rows" ? data : turned(data, count, dim);
        const evaluate = backend.pairwiseOfKernel({ count, dim, neurons, normEpsilon }, pair);
        // Nothing is left of what was there, or of the call before.
        for (const times of [1, 2.7]) {
          const into = new Float32Array(count * dim).fill(Number.NaN);
          assertIdentical([evaluate(lying, times, into)], expected.energy, `${neurons}: energy`);
          const scaled = gradient.map((x) => times * x);
          assertIdentical(into, neurons === "rows" ? scaled : turned(scaled, count, dim), `${neurons}: gradient`);
        }
      }
    },
  });
  return {
    name: "pairwise of kernels where they lie, where offered",
    cases: Object.entries(sets).flatMap(([name, rows]) =>
      pairs([inverseSquare, inverseAngle]).flatMap((energy) =>
        [0, 0.5].map((normEpsilon) => toCase(name, rows, energy, normEpsilon)),
      ),
    ),
  };
}
