/** Every strategy × potential × space, two steps each, against the reference backend at the same seed. */
import { compareEvaluations } from "../compare/evaluation.js";
import { fewPotentials, pairs } from "../inputs/energies.js";
import { normalRows } from "../inputs/rows.js";
import { strategies, strategyCount, strategyDim } from "../inputs/strategies.js";
import type { CheckFamily } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

const steps = [81, 82].map((seed) => normalRows(seed, strategyCount, strategyDim));

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
