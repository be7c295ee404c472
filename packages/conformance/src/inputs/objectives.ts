/** The objectives of others, with every option that computes something else. */
import type { Objective, Space } from "@comhe/core";
import { spaces } from "./energies.js";

export interface NamedObjective {
  readonly name: string;
  readonly objective: Objective;
  readonly space: Space;
  readonly normEpsilon: number;
}

const power = { kind: "restricted-isometry", estimate: "power" } as const;
const exact = { kind: "restricted-isometry", estimate: "exact", iterations: 2 } as const;

/** They look at the raw rows, whatever the space and ε. */
const ofRows: readonly Objective[] = [
  { kind: "orthogonality", side: "rows" },
  { kind: "orthogonality", side: "columns" },
  { kind: "orthogonality", side: "double" },
  { kind: "coherence", norm: "max" },
  { kind: "coherence", norm: "row-sum" },
  { ...power, side: "rows", iterations: 2, squared: true },
  { ...power, side: "columns", iterations: 3, squared: false },
  { ...exact, side: "rows", squared: true },
  { ...exact, side: "columns", squared: false },
];

const ofDirections: readonly Objective[] = [
  { kind: "maximum-separation", distance: "chordal" },
  { kind: "maximum-separation", distance: "angular" },
  { kind: "gram-determinant", gamma: 1, ridge: 1e-4 },
  { kind: "uniformity", t: 2 },
];

const nameOf = ({ kind, ...options }: Objective) => [kind, ...Object.values(options)].join(" ");

export const objectives: readonly NamedObjective[] = [
  ...ofRows.map((objective) => ({ name: nameOf(objective), objective, space: "full" as const, normEpsilon: 0 })),
  ...[0, 0.25].flatMap((normEpsilon) => [
    ...ofDirections.flatMap((objective) =>
      spaces.map((space) => ({ name: `${nameOf(objective)}, ${space}`, objective, space, normEpsilon })),
    ),
    {
      name: "coherence cosine",
      objective: { kind: "coherence", norm: "cosine" } as const,
      space: "full" as const,
      normEpsilon,
    },
  ]),
];
