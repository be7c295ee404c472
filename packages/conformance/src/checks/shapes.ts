/** Awkward shapes: one row, two, primes, one dimension, many; as many projected dimensions as there are; twenty at once. */
import type { ProjectionInput } from "@comhe/core";
import { compareEvaluations } from "../compare/evaluation.js";
import { inverseAngle, inverseSquare, pairs } from "../inputs/energies.js";
import { normalRows, type Rows } from "../inputs/rows.js";
import type { Case, CheckFamily } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

const plain: readonly (readonly [count: number, dim: number])[] = [
  [1, 1],
  [1, 5],
  [2, 1],
  [2, 2],
  [2, 300],
  [3, 1],
  [3, 2],
  [5, 300],
  [7, 1],
  [13, 2],
  [17, 31],
  [31, 4],
  [64, 8],
  [67, 3],
  [131, 16],
];

interface Projected {
  readonly name: string;
  readonly count: number;
  readonly dim: number;
  readonly projection: ProjectionInput;
}

const twenty = { kind: "random", dimension: 8, count: 20 } as const;
const learned = { dimension: 4, count: 2, steps: 2, learningRate: 0.02, through: "unrolled" } as const;

const few = [1, 2, 3].flatMap((count): readonly Projected[] => {
  const named = (name: string, projection: ProjectionInput) => ({
    name: `${name} of ${count} rows`,
    count,
    dim: 6,
    projection,
  });
  return [
    named("random", { kind: "random", dimension: 6, count: 2 }),
    named("hadamard", { kind: "random", dimension: 6, count: 2, distribution: "hadamard", reduce: "max" }),
    named("group", { kind: "group", groups: 2 }),
    named("angle-preserving", { kind: "angle-preserving", ...learned }),
    named("angle-preserving root", { kind: "angle-preserving", ...learned, measure: "cosine", form: "root" }),
    named("adversarial", { kind: "adversarial", ...learned }),
    named("bilateral", { kind: "bilateral", rank: Math.min(count, 2) }),
    named("pca", { kind: "pca", dimension: count }),
  ];
});

const projected: readonly Projected[] = [
  ...few,
  { name: "k = d", count: 11, dim: 8, projection: { ...twenty, count: 2, distribution: "orthogonal" } },
  { name: "k = d = 1", count: 3, dim: 1, projection: { kind: "fixed", matrices: { data: [-2], shape: [1, 1] } } },
  { name: "k > d", count: 7, dim: 3, projection: { ...twenty, count: 2 } },
  { name: "batch 20", count: 31, dim: 12, projection: twenty },
  { name: "batch 20, largest", count: 13, dim: 12, projection: { ...twenty, reduce: "max" } },
  { name: "batch 20, hadamard", count: 13, dim: 12, projection: { ...twenty, distribution: "hadamard" } },
  { name: "batch 20, count-sketch", count: 13, dim: 19, projection: { ...twenty, distribution: "count-sketch" } },
  {
    name: "batch 20, unrolled",
    count: 7,
    dim: 11,
    projection: { kind: "adversarial", ...learned, dimension: 8, count: 20 },
  },
  { name: "300 to 30", count: 17, dim: 300, projection: { ...twenty, dimension: 30, count: 5 } },
  { name: "20 groups of 300", count: 13, dim: 300, projection: { kind: "group", groups: 20 } },
  { name: "7 shuffled groups of 60", count: 13, dim: 60, projection: { kind: "group", groups: 7, shuffle: true } },
  { name: "one group", count: 5, dim: 6, projection: { kind: "group", groups: 1 } },
];

export function shapeChecks(tolerances: Tolerances): CheckFamily {
  const cases = (name: string, rows: Rows, projection: ProjectionInput): readonly Case[] =>
    pairs([inverseSquare, inverseAngle]).map(({ name: energy, pair }) => ({
      name: `${name}, ${energy}`,
      run: (backend) => compareEvaluations(backend, tolerances, { ...pair, normEpsilon: 0, projection }, [rows]),
    }));
  return {
    name: "awkward shapes",
    cases: [
      ...plain.flatMap(([count, dim]) => cases(`${count}×${dim}`, normalRows(101, count, dim), { kind: "none" })),
      ...projected.flatMap(({ name, count, dim, projection }) => cases(name, normalRows(102, count, dim), projection)),
    ],
  };
}
