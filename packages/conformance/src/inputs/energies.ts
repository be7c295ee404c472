/** The energies of the contract: every potential, in both spaces. */
import type { PairSpec, Potential } from "@comhe/core";

const riesz = (distance: "chordal" | "angular", s: number) => ({ kind: "riesz", s, distance }) as const;

/** By kind, so that the compiler asks for those of a new one. */
type PotentialsByKind = { readonly [K in Potential["kind"]]: readonly Extract<Potential, { kind: K }>[] };

/** Exponents that backends tell apart (0, halves of small numbers) and one they don't. */
const potentialsOf: PotentialsByKind = {
  riesz: [
    ...[0, 1, 2, 2.7, 3, 4, -1.6, -1, -0.3].map((s) => riesz("chordal", s)),
    ...[0, 1, 2, 2.7, -0.4].map((s) => riesz("angular", s)),
  ],
  gaussian: [{ kind: "gaussian", t: 2 }],
  frame: [2, 2.5, 3, 4].map((p) => ({ kind: "frame", p })),
};
export const potentials: readonly Potential[] = Object.values(potentialsOf).flat();

/** One or two of each kind, for what takes many operations. */
const fewPotentialsOf: PotentialsByKind = {
  riesz: [...[0, 1, 2, 2.7, -1].map((s) => riesz("chordal", s)), ...[0, 1, 2].map((s) => riesz("angular", s))],
  gaussian: [{ kind: "gaussian", t: 2 }],
  frame: [{ kind: "frame", p: 3 }],
};
export const fewPotentials: readonly Potential[] = Object.values(fewPotentialsOf).flat();

export const inverseSquare = riesz("chordal", 2);
export const inverseAngle = riesz("angular", 1);

export const spaces = ["full", "half"] as const;

/** δ of the tests. */
export const separationFloor = 0.01;

export interface NamedPair {
  readonly name: string;
  readonly pair: PairSpec;
}

/** Every one of `of` in both spaces. */
export function pairs(of: readonly Potential[] = potentials): readonly NamedPair[] {
  return of.flatMap((potential) =>
    spaces.map((space) => ({
      name: `${potentialName(potential)}, ${space}`,
      pair: { potential, space, separationFloor },
    })),
  );
}

function potentialName(potential: Potential): string {
  switch (potential.kind) {
    case "riesz":
      return `${potential.distance} s=${potential.s}`;
    case "gaussian":
      return `gaussian t=${potential.t}`;
    case "frame":
      return `frame p=${potential.p}`;
  }
}
