/** Every strategy × potential × space, two steps each, against the reference backend at the same seed. */
import type { PairSpec } from "@comhe/core";
import { compareEvaluations } from "../compare/evaluation.js";
import { fewPotentials, inverseSquare, pairs, separationFloor } from "../inputs/energies.js";
import { normalRows } from "../inputs/rows.js";
import { strategies, strategyCount, strategyDim } from "../inputs/strategies.js";
import type { CheckFamily } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

const steps = [81, 82].map((seed) => normalRows(seed, strategyCount, strategyDim));

/** Evaluations of four of the rows, which are others at the second step. */
export function sampledStrategyChecks(tolerances: Tolerances): CheckFamily {
  return {
    name: "strategies on a sample of the rows",
    cases: strategies
      .filter(({ projection }) => projection.kind !== "bilateral")
      .map(({ name, projection }) => ({
        name,
        run: (backend) =>
          compareEvaluations(backend, tolerances, { ...sampledPair, sample: 4, normEpsilon: 0, projection }, steps),
      })),
  };
}

const sampledPair: PairSpec = { potential: inverseSquare, space: "half", separationFloor };

export function strategyChecks(tolerances: Tolerances): readonly CheckFamily[] {
  return strategies.map((strategy) => ({
    name: `strategy ${strategy.name}`,
    cases: pairs(fewPotentials).map(({ name, pair }) => ({
      name,
      run: (backend) =>
        compareEvaluations(backend, tolerances, { ...pair, normEpsilon: 0, projection: strategy.projection }, steps),
    })),
  }));
}
