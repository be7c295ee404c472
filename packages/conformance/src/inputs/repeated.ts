/** Energies for repeated calls: each of them keeps something else from call to call. */
import type { EnergyConfig } from "@comhe/core";

const learned = { dimension: 4, count: 2, steps: 2, learningRate: 0.02, through: "unrolled" } as const;
const random = { kind: "random", dimension: 8, count: 3 } as const;

export const repeated: Readonly<Record<string, EnergyConfig>> = {
  none: { space: "half" },
  "random, refreshed": { projection: random },
  "random, never refreshed": { space: "half", projection: { ...random, refresh: 0, reduce: "max" } },
  hadamard: { space: "half", projection: { ...random, distribution: "hadamard" } },
  "group, shuffled": { projection: { kind: "group", groups: 4, shuffle: true } },
  "angle-preserving": { space: "half", projection: { kind: "angle-preserving", ...learned } },
  "angle-preserving, root": { projection: { kind: "angle-preserving", ...learned, measure: "cosine", form: "root" } },
  adversarial: { space: "half", projection: { kind: "adversarial", ...learned } },
  bilateral: { projection: { kind: "bilateral", rank: 6 } },
  pca: { space: "half", projection: { kind: "pca", dimension: 4, refresh: 2 } },
};
