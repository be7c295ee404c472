/** How far the energy of uniformly random directions strays from its mean: what "random" means for one layer. */
import type { FramePotential, Potential, Space } from "../config/types.js";
import { angleAverage } from "./angle-average.js";
import { meanPotential } from "./known-values.js";
import { antipodalValue, pairFunction } from "./pair-function.js";
import { pairWeights } from "./pair-weights.js";

/** Mean and spread of the energy of random directions. */
export interface UniformSpread {
  /** Mean of the energy; finite for every potential and dimension as long as the separation floor is above 0. */
  readonly mean: number;
  /** Standard deviation of the energy. */
  readonly deviation: number;
}

/**
 * Mean and standard deviation of the energy of N independent, uniformly random directions in ℝᵈ, with the potential
 * continued below the separation floor as energies are.
 *
 * The deviation is exact: two pairs that share a neuron have independent cosines, since a uniform direction looks the same
 * from every other one. So all pairs are uncorrelated, and Var(E) = weight²·(number of pairs)·Var(ψ). Both moments of ψ
 * are one-dimensional integrals over the angle's density ∝ sin^(d−2)θ. The floor keeps the second one finite, also where
 * it isn't for the bare potential (d ≤ 2s + 1); there the distribution is skewed, and most sets of directions lie within a
 * smaller distance of the mean.
 *
 * @param count N
 * @param dim d
 * @param separationFloor δ, a chord; default 0.01, as energies have it
 */
export function uniformSpread(
  potential: Potential,
  space: Space,
  count: number,
  dim: number,
  separationFloor = 0.01,
): UniformSpread {
  const psi = pairFunction({ potential, space, separationFloor });
  const terms = { value: 0, slope: 0, curvature: 0 };
  const at = (u: number, v: number) => psi(u, v, terms).value;
  const { mean, square } = potential.kind === "frame" ? frameMoments(potential, space, dim) : moments(dim, at);
  const weights = pairWeights(count, space);
  const pairs = (count * (count - 1)) / 2;
  const alone = space === "half" ? weights.self * count * antipodalValue(potential) : 0;
  return { mean: weights.pair * pairs * mean + alone, deviation: weights.pair * Math.sqrt(pairs * square) };
}

/** Mean and variance of ψ. */
interface Moments {
  readonly mean: number;
  readonly square: number;
}

function moments(dim: number, psi: (u: number, v: number) => number): Moments {
  const mean = angleAverage(dim, psi);
  return { mean, square: angleAverage(dim, (u, v) => (psi(u, v) - mean) ** 2) };
}

/** In closed form: |c|^p has a kink at c = 0, amid the integral. */
function frameMoments(potential: FramePotential, space: Space, dim: number): Moments {
  const times = space === "half" ? 2 : 1;
  const mean = times * meanPotential(potential, dim);
  return { mean, square: times ** 2 * meanPotential({ kind: "frame", p: 2 * potential.p }, dim) - mean ** 2 };
}
