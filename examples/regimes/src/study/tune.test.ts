import { describe, expect, it } from "vitest";
import type { Regime, Settings } from "../regimes/regime.js";
import type { ArmName } from "./arms.js";
import { FIRST_TUNING_SEED, type MakeRuns, tune } from "./tune.js";

const regime: Regime = {
  name: "made-up",
  label: "made up",
  about: "",
  needsFashion: false,
  seeds: 3,
  grid: {
    learningRates: [0.1, 0.2],
    weightDecays: [0, 0.5],
    orthogonality: [1, 2],
    weights: [10, 100],
    projections: [
      [4, 2],
      [8, 2],
    ],
    seeds: 2,
  },
  open: () => Promise.reject(new Error("not opened")),
};

/** Least where the rate is 0.2, the decay 0.5, strengths are 2 or 100 and k is 8. */
function errorOf({ learningRate, weightDecay, orthogonality = 0, weight = 0, energy }: Settings): number {
  const projection = energy?.projection as { readonly dimension?: number } | undefined;
  return 50 - 10 * learningRate - 10 * weightDecay - orthogonality - weight / 100 - (projection?.dimension ?? 0) / 8;
}

function recorder() {
  const asked: { arm: ArmName; settings: readonly Settings[]; seeds: readonly number[] }[] = [];
  const makeRuns: MakeRuns = async (arm, settings, seeds) => {
    asked.push({ arm, settings, seeds });
    return settings.map((each) =>
      seeds.map(() => ({
        testError: Number.NaN,
        validationError: errorOf(each),
        diverged: false,
        seconds: 1,
        energyBefore: null,
        energyAfter: null,
      })),
    );
  };
  return { asked, makeRuns };
}

describe("tune", () => {
  it("chooses rate and decay, each strength on top of them, then the projection's size", async () => {
    const { asked, makeRuns } = recorder();
    const { chosen, trials } = await tune(regime, makeRuns);
    expect(chosen.none).toEqual({ learningRate: 0.2, weightDecay: 0 });
    expect(chosen["weight-decay"]).toEqual({ learningRate: 0.2, weightDecay: 0.5 });
    expect(chosen.orthogonality).toEqual({ learningRate: 0.2, weightDecay: 0.5, orthogonality: 2 });
    expect(chosen["random-comhe"]).toEqual({
      learningRate: 0.2,
      weightDecay: 0.5,
      weight: 100,
      energy: { space: "half", projection: { kind: "random", dimension: 8, count: 2 } },
    });
    expect(trials).toHaveLength(4 + 2 + 2 + 2 + 2 + 2);
    for (const { seeds } of asked) expect(seeds).toEqual([FIRST_TUNING_SEED, FIRST_TUNING_SEED + 1]);
  });

  it("leaves rate and decay to a regime that has its own", async () => {
    const { makeRuns } = recorder();
    const own = { ...regime, grid: { ...regime.grid, learningRates: [], weightDecays: [] } };
    const { chosen } = await tune(own, makeRuns);
    expect(chosen.none).toEqual({ learningRate: 0, weightDecay: 0 });
    expect(chosen["weight-decay"]).toBeUndefined();
    expect(chosen.mhe).toEqual({ learningRate: 0, weightDecay: 0, weight: 100, energy: { space: "full" } });
  });
});
