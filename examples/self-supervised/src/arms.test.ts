import { defineEnergy, fewDimensions } from "@comhe/core";
import { describe, expect, it } from "vitest";
import { loadArms, weightsToTry } from "./arms.js";
import { ARMS_FILE, TUNING_FILE } from "./paths.js";
import { DIMENSIONS } from "./regime.js";

describe.each(DIMENSIONS)("arms of %d dimensions", (dimension) => {
  it("are all there, with weights from the grid, and energies that core takes", () => {
    const arms = loadArms(ARMS_FILE, TUNING_FILE, dimension);
    expect(arms.map(({ name }) => name)).toEqual([
      "none",
      "mhe-2",
      "mhe-1",
      "mhe-0",
      "uniformity",
      "half-space-mhe",
      "mean-square",
      "covariance",
      "random",
    ]);
    expect(arms.filter(({ role }) => role === "baseline")).toHaveLength(1);
    for (const { spreading, weight } of arms) {
      expect([...weightsToTry(ARMS_FILE), 1]).toContain(weight);
      if (spreading && spreading !== "covariance") defineEnergy(spreading.energy, { warn: () => undefined });
    }
  });

  it("s = 2 has a finite variance, but with 4 dimensions", () => {
    const energy = loadArms(ARMS_FILE, TUNING_FILE, dimension)[1]!.spreading as { energy: object };
    expect(fewDimensions(defineEnergy(energy.energy), dimension) === undefined).toBe(dimension > 4);
  });
});
