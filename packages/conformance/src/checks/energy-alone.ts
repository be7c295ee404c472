/** Energies without their gradient: what `pairwise` gives with it, on every potential, space, ε and closeness, and under every strategy. */
import { type Backend, createEvaluator, type PairSpec } from "@comhe/core";
import { judge, judgeStrategy } from "../compare/allowed.js";
import { assert } from "../compare/assert.js";
import { seed, weightsFor } from "../compare/evaluation.js";
import { type Operation, readBoth, uploadRows } from "../compare/operation.js";
import { crowds } from "../inputs/crowds.js";
import { inverseAngle, inverseSquare, pairs, separationFloor } from "../inputs/energies.js";
import { normalRows, type Rows, withZeroRows } from "../inputs/rows.js";
import { strategies, strategyCount, strategyDim } from "../inputs/strategies.js";
import type { Case, CheckFamily } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

const alone =
  (rows: Rows, normEpsilon: number, pair: PairSpec): Operation<"energy"> =>
  (on) => ({
    energy: on.pairwise(on.directions(uploadRows(on, rows), normEpsilon), pair, { gradient: false }).energy,
  });

function energyCase(tolerances: Tolerances, name: string, rows: Rows, normEpsilon: number, pair: PairSpec): Case {
  return {
    name,
    async run(backend) {
      const { actual, expected } = await readBoth(backend, alone(rows, normEpsilon, pair));
      judge(tolerances, backend, rows, pair, normEpsilon).energy(actual.energy, expected.energy);
    },
  };
}

/** Blocks of rows that are whole, one row more, and parts; batches that are cut entry by entry. */
const shapes: Readonly<Record<string, Rows>> = {
  "one row": normalRows(201, 1, 4),
  "two rows of one number": normalRows(202, 2, 1),
  "257 rows": normalRows(203, 257, 6),
  "three times 130 rows": normalRows(204, 130, 5, 3),
  "three times 300 rows, some of them zeros": withZeroRows(normalRows(205, 300, 6, 3), [0, 299, 450, 899]),
};

export function energyAloneChecks(tolerances: Tolerances): readonly CheckFamily[] {
  const sampled = pairs([inverseSquare, inverseAngle]).map(({ name, pair }) => ({
    name: `${name}, of a sample`,
    pair: { ...pair, population: 50 },
  }));
  return [
    ...Object.entries(crowds).map(([closeness, rows]) => ({
      name: `energy alone, ${closeness}`,
      cases: [0, 0.5].flatMap((normEpsilon) =>
        [...pairs(), ...(closeness === "apart" ? sampled : [])].map(({ name, pair }) =>
          energyCase(tolerances, `${name}, ε = ${normEpsilon}`, rows, normEpsilon, pair),
        ),
      ),
    })),
    {
      name: "energy alone, shapes",
      cases: Object.entries(shapes).flatMap(([shape, rows]) =>
        pairs([inverseSquare, inverseAngle]).map(({ name, pair }) =>
          energyCase(tolerances, `${shape}, ${name}`, rows, 0, pair),
        ),
      ),
    },
    { name: "energy alone, strategies", cases: strategies.map((each) => strategyCase(tolerances, each)) },
  ];
}

/** What `energy` gives is what `evaluate` then gives at the same step, and no step is ended by it. */
function strategyCase(tolerances: Tolerances, { name, projection }: (typeof strategies)[number]): Case {
  const rows = normalRows(206, strategyCount, strategyDim);
  const energy = { potential: inverseSquare, space: "half", separationFloor, projection } as const;
  return {
    name,
    async run<A>(backend: Backend<A>) {
      const evaluator = createEvaluator(backend, energy, { seed });
      const judged = judgeStrategy(tolerances, rows, energy, 0, "steps" in projection);
      for (let step = 0; step < 2; step++) {
        const found = await evaluator.energy(weightsFor(backend, rows));
        assert(evaluator.step === step, `energy moved the evaluator to step ${evaluator.step}`);
        judged.energy([found], [(await evaluator.evaluate(weightsFor(backend, rows))).energy]);
      }
    },
  };
}
