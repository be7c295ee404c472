/** Every strategy there is, fit for 9 rows of 14 numbers. */
import type { ProjectionInput } from "@comhe/core";
import { normalArray } from "./numbers.js";

export const count = 9;
export const dim = 14;

export const random = { kind: "random", dimension: 8, count: 3 } as const;
const matrices = { data: normalArray(77, 2 * 6 * dim), shape: [2, 6, dim] } as const;
export const projections: Record<string, ProjectionInput> = {
  none: { kind: "none" },
  "fixed, mean": { kind: "fixed", matrices },
  "fixed, max": { kind: "fixed", matrices, reduce: "max" },
  "random gaussian, mean": random,
  "random orthogonal, max": { ...random, distribution: "orthogonal", reduce: "max" },
  "random rademacher": { ...random, distribution: "rademacher" },
  "random sparse": { ...random, distribution: "sparse" },
  "random hadamard": { ...random, distribution: "hadamard" },
  "random count-sketch, max": { ...random, distribution: "count-sketch", reduce: "max" },
  "angle-preserving, stopped": { kind: "angle-preserving", dimension: 8, through: "stopped" },
  "angle-preserving, unrolled": { kind: "angle-preserving", dimension: 8, steps: 2, through: "unrolled" },
  "adversarial, stopped": { kind: "adversarial", dimension: 8, steps: 2, through: "stopped" },
  "adversarial, unrolled": { kind: "adversarial", dimension: 8, count: 2, steps: 2, through: "unrolled" },
  bilateral: { kind: "bilateral", rank: 6 },
  pca: { kind: "pca", dimension: 6 },
  "group, uneven": { kind: "group", groups: 4 },
  "group, shuffled": { kind: "group", groups: 3, shuffle: true },
};
