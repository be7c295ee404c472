/** Energies that take different paths through the kernels, for repeated calls. */
import type { EnergyConfig } from "@comhe/core";

export const energies: Readonly<Record<string, EnergyConfig>> = {
  "no projection": { space: "half" },
  "random, the largest": { space: "half", projection: { kind: "random", dimension: 12, count: 3, reduce: "max" } },
  "adversarial, unrolled": {
    projection: { kind: "adversarial", dimension: 6, count: 2, steps: 2, learningRate: 0.02, through: "unrolled" },
  },
};
