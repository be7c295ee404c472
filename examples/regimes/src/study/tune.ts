/**
 * Settings chosen on validation rows alone, on seeds that are not reported: learning rate and weight decay first, then each arm's strength on
 * top of them, then the size of the random projections. The least mean validation error wins.
 */

import type { Regime, Settings } from "../regimes/regime.js";
import type { Run } from "../regimes/run.js";
import type { ProjectionSize, SweptArm } from "./arms.js";
import { type ArmName, SWEPT, settingsOf } from "./arms.js";

export const FIRST_TUNING_SEED = 1001;

/** One point of a grid. */
export interface Trial {
  readonly arm: ArmName;
  readonly settings: Settings;
  /** In percent, by tuning seed. */
  readonly validationErrors: readonly number[];
}

export interface Tuned {
  readonly trials: readonly Trial[];
  readonly chosen: Readonly<Partial<Record<ArmName, Settings>>>;
}

/** Makes runs, or takes them from the log: one list for each of the settings, in the order of the seeds. */
export type MakeRuns = (arm: ArmName, settings: readonly Settings[], seeds: readonly number[]) => Promise<Run[][]>;

export async function tune(regime: Regime, makeRuns: MakeRuns): Promise<Tuned> {
  const { learningRates, weightDecays, orthogonality, weights, projections } = regime.grid;
  const seeds = Array.from({ length: regime.grid.seeds }, (_, n) => FIRST_TUNING_SEED + n);
  const trials: Trial[] = [];
  const attempt = async (arm: ArmName, settings: readonly Settings[]): Promise<Settings> => {
    const runs = await makeRuns(arm, settings, seeds);
    const tried = settings.map((each, n) => ({
      arm,
      settings: each,
      validationErrors: runs[n]!.map(({ validationError }) => validationError),
    }));
    trials.push(...tried);
    return best(tried).settings;
  };
  if (weightDecays.length === 0) {
    const base: Settings = { learningRate: 0, weightDecay: 0 };
    return { trials, chosen: { none: base, ...(await strengths(base)) } };
  }
  const plain = learningRates.flatMap((learningRate) =>
    weightDecays.map((weightDecay) => ({ learningRate, weightDecay })),
  );
  const base = await attempt("weight-decay", plain);
  const without = trials.filter(({ settings }) => settings.weightDecay === 0);
  const none = without.length === 0 ? {} : { none: best(without).settings };
  return { trials, chosen: { ...none, "weight-decay": base, ...(await strengths(base)) } };

  async function strengths(from: Settings): Promise<Partial<Record<ArmName, Settings>>> {
    const chosen: Partial<Record<SweptArm, Settings>> = {};
    const [first, ...others] = projections as readonly [ProjectionSize, ...ProjectionSize[]];
    for (const arm of SWEPT) {
      const grid = arm === "orthogonality" ? orthogonality : weights;
      const settings = grid.map((strength) => settingsOf(arm, from, strength, first));
      const picked = await attempt(arm, settings);
      chosen[arm] = picked;
      if (arm !== "random-comhe" || others.length === 0) continue;
      await attempt(
        arm,
        [first, ...others].map((size) => settingsOf(arm, from, picked.weight!, size)),
      );
      chosen[arm] = best(trials.filter((trial) => trial.arm === arm)).settings;
    }
    return chosen;
  }
}

/** The first of the best, so that equals don't depend on anything else. */
function best(trials: readonly Trial[]): Trial {
  return trials.reduce((least, trial) => (meanOf(trial) < meanOf(least) ? trial : least));
}

export function meanOf({ validationErrors }: Pick<Trial, "validationErrors">): number {
  return validationErrors.reduce((sum, error) => sum + error, 0) / validationErrors.length;
}
