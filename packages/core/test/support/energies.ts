/** The energies that laws are checked for, by name. */
import {
  type EnergyConfig,
  type EnergyResult,
  energyAndGradient,
  type Potential,
  type ProjectionInput,
  referenceBackend,
} from "../../src/index.js";
import type { PotentialsByKind } from "./potentials-by-kind.js";
import { normalArray } from "./random-rows.js";

const riesz = (s: number, distance: "chordal" | "angular" = "chordal") => ({ kind: "riesz", s, distance }) as const;

/** By kind, so that the compiler asks for those of a new one. */
const potentialsOf: PotentialsByKind = {
  riesz: [
    riesz(0),
    riesz(1),
    riesz(2),
    riesz(2.5),
    riesz(3),
    riesz(0, "angular"),
    riesz(1, "angular"),
    riesz(2, "angular"),
    riesz(-1),
    riesz(-1.5),
    riesz(-0.5, "angular"),
  ],
  gaussian: [{ kind: "gaussian", t: 2 }],
  frame: [
    { kind: "frame", p: 2 },
    { kind: "frame", p: 3.5 },
  ],
};

export const potentials: readonly Potential[] = Object.values(potentialsOf).flat();

export const spaces = ["full", "half"] as const;

type Strategies = Readonly<Record<string, ProjectionInput>>;

const learned = { dimension: 6, count: 2, steps: 2, learningRate: 0.01 } as const;

/** Strategies whose matrices don't depend on the weights, for neurons of dimension `dim` ≥ 9. */
export function givenProjections(dim: number): Strategies {
  const matrices = { data: Array.from(normalArray(99, 3 * 5 * dim)), shape: [3, 5, dim] as const };
  const random = { kind: "random", dimension: 8, count: 2 } as const;
  return {
    none: { kind: "none" },
    "fixed, mean": { kind: "fixed", matrices },
    "fixed, max": { kind: "fixed", matrices, reduce: "max" },
    "random gaussian": random,
    "random orthogonal, max": { ...random, distribution: "orthogonal", reduce: "max" },
    "random rademacher": { ...random, distribution: "rademacher" },
    "random sparse": { ...random, distribution: "sparse" },
    "random hadamard": { ...random, distribution: "hadamard" },
    "random count-sketch": { ...random, distribution: "count-sketch" },
    group: { kind: "group", groups: 2 },
    "group, shuffled": { kind: "group", groups: 3, shuffle: true },
  };
}

/** Strategies whose gradient flows through the steps that make their matrices. */
export const unrolledProjections: Strategies = {
  "adversarial, unrolled": { kind: "adversarial", ...learned, through: "unrolled" },
  "adversarial in full space, unrolled": { kind: "adversarial", ...learned, through: "unrolled", ascentSpace: "full" },
  "angle-preserving, unrolled": { kind: "angle-preserving", ...learned, through: "unrolled" },
  "angle-preserving, cosine, root, unrolled": {
    ...{ kind: "angle-preserving", ...learned, through: "unrolled" },
    ...{ measure: "cosine", form: "root" },
  },
};

/** Strategies whose gradient takes matrices that depend on the weights as given: not the energy's whole derivative. */
export const stoppedProjections: Strategies = {
  "adversarial, stopped": { kind: "adversarial", ...learned },
  "angle-preserving, stopped": { kind: "angle-preserving", ...learned },
  pca: { kind: "pca", dimension: 2 },
};

/** Mixes the neurons, so that what holds for single rows doesn't hold for it. */
export const bilateral: ProjectionInput = { kind: "bilateral", rank: 6 };

export function potentialName(potential: Potential): string {
  switch (potential.kind) {
    case "riesz":
      return `${potential.distance} s=${potential.s}`;
    case "gaussian":
      return `gaussian t=${potential.t}`;
    case "frame":
      return `frame p=${potential.p}`;
  }
}

/** φ of an angle by its textbook formula, which shares nothing with the package's. */
export function textbookPotential(potential: Potential, theta: number): number {
  const chord = 2 * Math.sin(theta / 2);
  switch (potential.kind) {
    case "riesz": {
      const distance = potential.distance === "angular" ? theta : chord;
      if (potential.s < 0) return -(distance ** -potential.s);
      return potential.s === 0 ? -Math.log(distance) : distance ** -potential.s;
    }
    case "gaussian":
      return Math.exp(-potential.t * chord ** 2);
    case "frame":
      return Math.abs(Math.cos(theta)) ** potential.p;
  }
}

const backend = referenceBackend();

/** On the reference backend, with seed 5. */
export function evaluate(config: EnergyConfig, data: Float64Array, dim: number): Promise<EnergyResult> {
  return energyAndGradient(backend, config, { data, shape: [data.length / dim, dim] }, { seed: 5 });
}
