/** The energies of the contract: every potential, in both spaces. */
import type { PairSpec, Potential } from "@comhe/core";

const riesz = (distance: "chordal" | "angular", s: number): Potential => ({ kind: "riesz", s, distance });

/** Exponents that backends tell apart (0, halves of small numbers) and one they don't. */
export const potentials: readonly Potential[] = [
  ...[0, 1, 2, 2.7, 3, 4, -1.6, -1, -0.3].map((s) => riesz("chordal", s)),
  ...[0, 1, 2, 2.7, -0.4].map((s) => riesz("angular", s)),
  { kind: "gaussian", t: 2 },
  ...[2, 2.5, 3, 4].map((p): Potential => ({ kind: "frame", p })),
];

/** One or two of each kind, for what takes many operations. */
export const fewPotentials: readonly Potential[] = [
  riesz("chordal", 0),
  riesz("chordal", 1),
  riesz("chordal", 2),
  riesz("chordal", 2.7),
  riesz("angular", 0),
  riesz("angular", 1),
  riesz("angular", 2),
  { kind: "gaussian", t: 2 },
  riesz("chordal", -1),
  { kind: "frame", p: 3 },
];

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
  if (potential.kind === "gaussian") return `gaussian t=${potential.t}`;
  return potential.kind === "frame" ? `frame p=${potential.p}` : `${potential.distance} s=${potential.s}`;
}
