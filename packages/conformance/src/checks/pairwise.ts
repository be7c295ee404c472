/** The pairwise energy with its gradient and its Hessian product: every potential, space, ε and closeness. */
import type { Backend, PairSpec } from "@comhe/core";
import { judge } from "../compare/allowed.js";
import { assertIdentical } from "../compare/assert.js";
import { type Operation, readBoth, readResults, uploadRows } from "../compare/operation.js";
import { crowds } from "../inputs/crowds.js";
import { inverseAngle, inverseSquare, pairs, separationFloor } from "../inputs/energies.js";
import { normalRows, type Rows } from "../inputs/rows.js";
import type { Case, CheckFamily } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

const vector = normalRows(52, 6, 5, 3);

function pairwise(rows: Rows, normEpsilon: number, pair: PairSpec): Operation<"energy" | "gradient" | "product"> {
  return (on) => {
    const { energy, gradient, saved } = on.pairwise(on.directions(uploadRows(on, rows), normEpsilon), pair);
    return { energy, gradient, product: on.pairwiseProduct(saved, uploadRows(on, vector)) };
  };
}

export function pairwiseChecks(tolerances: Tolerances): readonly CheckFamily[] {
  return Object.entries(crowds).map(([closeness, rows]) => ({
    name: `pairwise and its Hessian product, ${closeness}`,
    cases: [0, 1e-4, 0.5].flatMap((normEpsilon) =>
      pairs().map(
        ({ name, pair }): Case => ({
          name: `${name}, ε = ${normEpsilon}`,
          async run(backend) {
            const { actual, expected } = await readBoth(backend, pairwise(rows, normEpsilon, pair));
            const judged = judge(tolerances, backend, rows, pair, normEpsilon);
            judged.energy(actual.energy, expected.energy);
            judged.gradient(actual.gradient, expected.gradient, expected.energy);
            judged.product(actual.product, expected.product, expected.energy, vector.data);
          },
        }),
      ),
    ),
  }));
}

/** Rows that are a sample of more: in half space pairs and self terms then stand for different numbers of others. */
export function sampleChecks(tolerances: Tolerances): CheckFamily {
  const rows = crowds.apart!;
  return {
    name: "a sample of the rows",
    cases: [0, 0.5].flatMap((normEpsilon) =>
      pairs([inverseSquare, inverseAngle]).map(({ name, pair }): Case => {
        const sampled: PairSpec = { ...pair, population: 50 };
        return {
          name: `pairwise and its Hessian product, ${name}, ε = ${normEpsilon}`,
          async run(backend) {
            const { actual, expected } = await readBoth(backend, pairwise(rows, normEpsilon, sampled));
            const judged = judge(tolerances, backend, rows, sampled, normEpsilon);
            judged.energy(actual.energy, expected.energy);
            judged.gradient(actual.gradient, expected.gradient, expected.energy);
            judged.product(actual.product, expected.product, expected.energy, vector.data);
          },
        };
      }),
    ),
  };
}

const pair: PairSpec = { potential: inverseSquare, space: "half", separationFloor };

/** What earlier calls saved must survive later ones: unrolled strategies use it in reverse order. */
export function savedChecks(): CheckFamily {
  return {
    name: "what pairwise saves",
    cases: [
      {
        name: "two alive at once, used in reverse order and twice",
        async run(backend) {
          const [first, second] = [crowds.apart!, crowds.near!];
          const alone = {
            first: await readResults(backend, pairwise(first, 0, pair)),
            second: await readResults(backend, pairwise(second, 0, pair)),
          };
          const together = await readResults(backend, <A>(on: Backend<A>) => {
            const savedOf = (rows: Rows) => on.pairwise(on.directions(uploadRows(on, rows), 0), pair).saved;
            const [one, two] = [savedOf(first), savedOf(second)];
            const product = (saved: unknown) => on.pairwiseProduct(saved, uploadRows(on, vector));
            return { second: product(two), first: product(one), again: product(two) };
          });
          assertIdentical(together.first, alone.first.product, "first");
          assertIdentical(together.second, alone.second.product, "second");
          assertIdentical(together.again, alone.second.product, "second again");
        },
      },
    ],
  };
}
