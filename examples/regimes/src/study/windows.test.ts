import { expect, it } from "vitest";
import type { RegimeRecord } from "./record.js";
import { isWithin, windowOf } from "./windows.js";

const base = { learningRate: 0.1, weightDecay: 0 };
const energy = { space: "half" };
const trial = (weight: number, error: number) => ({
  arm: "half-space-mhe" as const,
  settings: { ...base, weight, energy },
  validationErrors: [error, error + 1],
});

const record: RegimeRecord = {
  name: "shallow",
  seeds: 2,
  tuningSeeds: 2,
  hours: 0,
  trials: [
    { arm: "weight-decay", settings: base, validationErrors: [10, 11] },
    trial(1, 12),
    trial(10, 9),
    trial(100, 10),
    trial(1000, 30),
  ],
  arms: [{ arm: "weight-decay", settings: base, testErrors: [1, 2], diverged: 0, energyBefore: 1, energyAfter: 1 }],
};

it("holds the swept weights whose validation error isn't above the baseline's", () => {
  expect(windowOf(record, "half-space-mhe")).toEqual({ swept: [1, 10, 100, 1000], working: [10, 100] });
  expect(windowOf(record, "mhe")).toEqual({ swept: [], working: [] });
});

it("is that of the sweep's own seeds where there is one", () => {
  const trials = [{ ...record.trials[0]!, validationErrors: [13, 13] }, trial(1, 12), trial(10, 14)];
  const swept = { ...record, sweep: { seeds: 2, trials } };
  expect(windowOf(swept, "half-space-mhe")).toEqual({ swept: [1, 10], working: [1] });
});

it.each([
  [5, false],
  [6, true],
  [170, true],
  [180, false],
])("%i is within it: %s", (weight, expected) => {
  expect(isWithin(weight, windowOf(record, "half-space-mhe"))).toBe(expected);
});

it("holds nothing where nothing worked", () => {
  expect(isWithin(10, { swept: [10], working: [] })).toBe(false);
});
