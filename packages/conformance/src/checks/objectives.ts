/** The objectives of others, where they are offered: as operations, and under projections. */
import { type Backend, createEvaluator, EnergyError, type ObjectiveTask, referenceBackend } from "@comhe/core";
import { hostObjective } from "@comhe/core/host-functions";
import { assertWithin } from "../compare/assert.js";
import { seed, weightsFor } from "../compare/evaluation.js";
import { readBoth, uploadRows } from "../compare/operation.js";
import { maxNorm } from "../compare/vectors.js";
import { separationFloor } from "../inputs/energies.js";
import { type NamedObjective, objectives } from "../inputs/objectives.js";
import { normalRows } from "../inputs/rows.js";
import { type Case, type CheckFamily, NotOffered } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

/** Wide, square and tall: the smaller Gram matrix is another one. */
const batches = [normalRows(161, 4, 7, 3), normalRows(162, 5, 5, 2), normalRows(163, 8, 3, 2)];
const neurons = normalRows(164, 7, 9);

const projections = {
  none: { kind: "none" },
  random: { kind: "random", dimension: 8, count: 3 },
  "random, largest": { kind: "random", dimension: 8, count: 3, reduce: "max" },
  group: { kind: "group", groups: 2 },
} as const;

export function objectiveChecks(tolerances: Tolerances): CheckFamily {
  return {
    name: "objectives of others, where offered",
    cases: objectives.flatMap((named) => [
      operationCase(tolerances, named),
      ...Object.entries(projections).map(([name, projection]): Case => {
        const { objective, space, normEpsilon } = named;
        const config = { objective, space, normEpsilon, separationFloor, projection };
        return offered(named, `under ${name}`, async (backend) => {
          const oracle = referenceBackend();
          const expected = await createEvaluator(oracle, config, { seed }).evaluate(weightsFor(oracle, neurons));
          const actual = await createEvaluator(backend, config, { seed }).evaluate(weightsFor(backend, neurons));
          compare(tolerances, [actual.energy], [expected.energy], actual.gradient, expected.gradient);
        });
      }),
    ]),
  };
}

function operationCase(tolerances: Tolerances, named: NamedObjective): Case {
  const { objective, space, normEpsilon } = named;
  const start = (length: number) => normalRows(165, 1, length).data;
  const settings: ObjectiveTask = { objective, space, normEpsilon, separationFloor, start };
  const task: ObjectiveTask = { ...settings, host: (data, shape) => hostObjective(data, shape, settings) };
  return offered(named, "of batches", async (backend) => {
    for (const rows of batches) {
      const { actual, expected } = await readBoth(backend, (on) => ({ ...on.objective!(uploadRows(on, rows), task) }));
      compare(tolerances, actual.value, expected.value, actual.gradient, expected.gradient);
    }
  });
}

/** A refusal is what the contract asks for where a backend hasn't got an objective. */
function offered(
  { name, objective, normEpsilon }: NamedObjective,
  where: string,
  run: <A>(backend: Backend<A>) => Promise<void>,
): Case {
  return {
    name: `${name}, ε = ${normEpsilon}, ${where}`,
    async run(backend) {
      if (!backend.objective) throw new NotOffered("objectives of others");
      await run(backend).catch((error: unknown) => {
        const isRefused = EnergyError.isInstance(error) && error.code === "unsupported";
        throw isRefused ? new NotOffered(`objective ${objective.kind}`) : error;
      });
    },
  };
}

/** Of raw rows, so without the norms; the logarithms among the values can be near 0. */
function compare(
  { energy, gradient }: Tolerances,
  value: ArrayLike<number>,
  expectedValue: ArrayLike<number>,
  slope: ArrayLike<number>,
  expectedSlope: ArrayLike<number>,
): void {
  const size = Math.max(maxNorm(expectedValue), 1);
  assertWithin(value, expectedValue, energy * size, "value");
  assertWithin(slope, expectedSlope, gradient * Math.max(maxNorm(expectedSlope), size), "gradient");
}
