/** One regime, whole: tuning, then every arm on the reported seeds. */
import type { Regime } from "../regimes/regime.js";
import type { Run } from "../regimes/run.js";
import { ARMS } from "./arms.js";
import { type Candidate, runMaker, type StudyOptions } from "./make-runs.js";
import { plainTrial, type RegimeRecord } from "./record.js";
import { tune } from "./tune.js";

export async function runRegime(regime: Regime, options: StudyOptions): Promise<RegimeRecord> {
  const { makeRuns, hours } = runMaker(regime, options);
  const { trials, chosen } = await tune(regime, (arm, settings, seeds) =>
    makeRuns(
      settings.map((each) => ({ arm, settings: each })),
      seeds,
    ),
  );
  const seeds = options.seeds ?? regime.seeds;
  const arms = ARMS.flatMap((arm) => (chosen[arm] ? [{ arm, settings: chosen[arm] }] : []));
  const runs = await makeRuns(
    arms,
    Array.from({ length: seeds }, (_, n) => n + 1),
  );
  return {
    name: regime.name,
    seeds,
    tuningSeeds: regime.grid.seeds,
    hours: hours(),
    trials: trials.map(plainTrial),
    arms: arms.map((arm, n) => summaryOf(arm, runs[n]!)),
  };
}

function summaryOf({ arm, settings }: Candidate, runs: readonly Run[]): RegimeRecord["arms"][number] {
  const meanOf = (key: "energyBefore" | "energyAfter") => {
    const values = runs.map((run) => run[key]).filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    arm,
    settings: JSON.parse(JSON.stringify(settings)),
    testErrors: runs.map(({ testError }) => testError),
    diverged: runs.filter(({ diverged }) => diverged).length,
    energyBefore: meanOf("energyBefore"),
    energyAfter: meanOf("energyAfter"),
  };
}
