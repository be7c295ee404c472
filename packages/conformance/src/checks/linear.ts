/** The linear operations: every option, every broadcast. */

import type { Backend, MatmulOptions } from "@comhe/core";
import { assertWithin } from "../compare/assert.js";
import { type Operation, readBoth, uploadRows } from "../compare/operation.js";
import { maxNorm } from "../compare/vectors.js";
import { normalRows } from "../inputs/rows.js";
import type { Case, CheckFamily } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

/** Rows, columns and inner length are all different, and none of them is a multiple of 4. */
const [rows, columns, inner] = [5, 7, 6];

const options: readonly MatmulOptions[] = [false, true].flatMap((transposeA) =>
  [false, true].flatMap((transposeB) => [false, true].map((sumBatch) => ({ transposeA, transposeB, sumBatch }))),
);

const batches = [
  [1, 1],
  [1, 3],
  [3, 1],
  [3, 3],
] as const;

const products = options.flatMap((how) =>
  batches.map(([batchA, batchB]) => ({
    name: `matmul ${namesOf(how)}, batches of ${batchA} and ${batchB}`,
    operation: <A>(on: Backend<A>) => {
      const a = how.transposeA ? normalRows(11, inner, rows, batchA) : normalRows(11, rows, inner, batchA);
      const b = how.transposeB ? normalRows(12, columns, inner, batchB) : normalRows(12, inner, columns, batchB);
      return { product: on.matmul(uploadRows(on, a), uploadRows(on, b), how) };
    },
  })),
);

function namesOf(how: MatmulOptions): string {
  const set = Object.entries(how).flatMap(([name, value]) => (value ? [name] : []));
  return set.length === 0 ? "plain" : set.join(" ");
}

const many = normalRows(13, 4, 5, 3);
const other = normalRows(14, 4, 5, 3);
const single = normalRows(15, 4, 5);
const weights = Float32Array.of(-2, 0, 0.5);

const others: readonly { readonly name: string; readonly operation: Operation<string> }[] = [
  {
    name: "matmul without options",
    operation: (on) => ({
      product: on.matmul(uploadRows(on, normalRows(11, 3, 2)), uploadRows(on, normalRows(12, 2, 4))),
    }),
  },
  {
    name: "matmul of a long inner axis",
    operation: (on) => ({
      product: on.matmul(uploadRows(on, normalRows(16, 3, 1000)), uploadRows(on, normalRows(17, 2, 1000)), {
        transposeB: true,
      }),
    }),
  },
  {
    name: "combine one, two and three terms",
    operation: (on) => {
      const [a, b, c] = [uploadRows(on, many), uploadRows(on, other), uploadRows(on, single)];
      return {
        one: on.combine([[-0.5, a]]),
        two: on.combine([
          [1, a],
          [-1, b],
        ]),
        three: on.combine([
          [2, c],
          [0.25, a],
          [-3, b],
        ]),
        twice: on.combine([
          [1, a],
          [1, a],
        ]),
      };
    },
  },
  {
    name: "combine a batch of 1 with many, and energies",
    operation: (on) => ({
      shared: on.combine([
        [2, uploadRows(on, single)],
        [1, uploadRows(on, many)],
      ]),
      energies: on.combine([
        [0.5, on.upload(Float32Array.of(1, -2, 3), [3])],
        [0.5, on.upload(Float32Array.of(5, 7, -9), [3])],
      ]),
    }),
  },
  {
    name: "scaleBatch",
    operation: (on) => {
      const scales = () => on.upload(weights, [3]);
      return {
        many: on.scaleBatch(uploadRows(on, many), scales()),
        shared: on.scaleBatch(uploadRows(on, single), scales()),
        single: on.scaleBatch(uploadRows(on, single), on.upload(Float32Array.of(-3), [1])),
      };
    },
  },
  {
    name: "operands stay as they are",
    operation: (on) => {
      const [a, b] = [uploadRows(on, many), uploadRows(on, other)];
      const scales = on.upload(weights, [3]);
      const sum = on.combine([
        [2, a],
        [3, b],
      ]);
      const scaled = on.scaleBatch(a, scales);
      const product = on.matmul(a, b, { transposeB: true });
      return { sum, scaled, product, a, b, scales };
    },
  },
];

/** Energies to reduce: ties, negative ones, one alone. */
const energies: Readonly<Record<string, readonly number[]>> = {
  "a tie of the largest": [1, 3, 3, 2],
  "all equal": [0.5, 0.5, 0.5],
  "the first": [4, 1, 2],
  "the last": [-1, -3, -0.5],
  "all negative": [-2, -1.5, -7],
  "one alone": [-0.25],
  twenty: Array.from({ length: 20 }, (_, n) => Math.sin(3 * n)),
};

const reductions = Object.entries(energies).flatMap(([which, values]) =>
  (["mean", "max"] as const).map((how) => ({
    name: `reduce ${how}, ${which}`,
    operation: <A>(on: Backend<A>) => ({ ...on.reduce(on.upload(Float32Array.from(values), [values.length]), how) }),
  })),
);

export function linearChecks(tolerances: Tolerances): CheckFamily {
  const toCase = ({ name, operation }: { name: string; operation: Operation<string> }): Case => ({
    name,
    async run(backend) {
      const { actual, expected } = await readBoth(backend, operation);
      for (const [result, wanted] of Object.entries(expected)) {
        assertWithin(actual[result]!, wanted, tolerances.linear(backend.precision) * maxNorm(wanted), result);
      }
    },
  });
  return { name: "linear operations", cases: [...products, ...others, ...reductions].map(toCase) };
}
