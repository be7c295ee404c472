/** What is known of the energy: the best possible, and that of uniformly random directions. For audits and tests. */
import { configError } from "../config/config-error.js";
import { potentialAndSpace } from "../config/schema.js";
import type { Potential, Space } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import { angleAverage } from "./angle-average.js";
import { antipodalValue, potentialFunction } from "./potential.js";
import { pairWeights } from "./separation.js";

/**
 * The least energy N directions in ℝᵈ can have, where it is known in closed form; otherwise `undefined`.
 *
 * Full space, N ≤ d + 1: the regular simplex, every cosine −1/(N−1); with angular potentials only where φ lies nowhere below its
 * tangent at that cosine. Half space, N ≤ d: orthogonal rows.
 *
 * @param count N
 * @param dim d
 * @throws EnergyError `invalid-config`, `invalid-shape` for arguments of another kind
 */
export function bestEnergy(potential: Potential, space: Space, count: number, dim: number): number | undefined {
  checkArguments(potential, space, count, dim);
  const phi = potentialFunction(potential);
  const at = (c: number) => phi(2 - 2 * c, 2 + 2 * c, { value: 0, slope: 0, curvature: 0 }).value;
  if (space === "half") {
    if (count > dim) return undefined;
    const weights = pairWeights(count, "half");
    const pairs = (count * (count - 1)) / 2;
    return weights.pair * pairs * 2 * at(0) + weights.self * count * antipodalValue(potential);
  }
  if (count > dim + 1) return undefined;
  if (count === 1) return 0;
  if (count === 2) return antipodalValue(potential);
  return simplexIsBest(potential, count) ? at(-1 / (count - 1)) : undefined;
}

/**
 * The cosines of N directions have a mean of at least c₀ = −1/(N−1), so the simplex is best where φ lies nowhere below
 * its tangent at c₀. Chordal and gaussian potentials are convex in c. Angular ones are concave near c = −1, which leaves
 * that end to be checked: at s = 0, antipodal pairs at right angles to each other beat the tetrahedron. Three directions
 * have angles that sum to 2π at most, and φ is convex in the angle.
 */
function simplexIsBest(potential: Potential, count: number): boolean {
  if (count <= 3 || potential.kind === "gaussian" || potential.distance !== "angular") return true;
  const c = -1 / (count - 1);
  const { value, slope, curvature } = potentialFunction(potential)(2 - 2 * c, 2 + 2 * c, {
    value: 0,
    slope: 0,
    curvature: 0,
  });
  return curvature >= 0 && antipodalValue(potential) >= value - slope * (1 + c);
}

/**
 * The expected energy of N independent, uniformly random directions in ℝᵈ; `Infinity` where the mean diverges
 * (s ≥ d − 1). Angles have density ∝ sin^(d−2)θ; the integral is taken by the double exponential rule, which copes with
 * the singularity at θ = 0.
 *
 * For s = 2, chordal, full space it is (d−2)/(2(d−3)).
 *
 * @param count N
 * @param dim d
 * @throws EnergyError `invalid-config`, `invalid-shape` for arguments of another kind
 */
export function uniformEnergy(potential: Potential, space: Space, count: number, dim: number): number {
  checkArguments(potential, space, count, dim);
  const mean = meanPotential(potential, dim);
  if (space === "full") return count === 1 ? 0 : mean;
  const weights = pairWeights(count, "half");
  const pairs = (count * (count - 1)) / 2;
  const paired = pairs === 0 ? 0 : weights.pair * pairs * 2 * mean;
  return paired + weights.self * count * antipodalValue(potential);
}

/** E[φ] of two uniformly random directions. */
function meanPotential(potential: Potential, dim: number): number {
  if (potential.kind === "riesz" && potential.s >= dim - 1) return Number.POSITIVE_INFINITY;
  const phi = potentialFunction(potential);
  const terms = { value: 0, slope: 0, curvature: 0 };
  return angleAverage(dim, (u, v) => phi(u, v, terms).value);
}

/** These are called with four arguments by hand, where a slip would otherwise pass for "not known". */
function checkArguments(potential: Potential, space: Space, count: number, dim: number): void {
  const { error } = potentialAndSpace.safeParse({ potential, space });
  if (error) throw configError(error.issues, { potential, space });
  if (Number.isInteger(count) && count > 0 && Number.isInteger(dim) && dim >= 0) return;
  throw new EnergyError(
    "invalid-shape",
    `Expected the number of neurons and their dimension, whole numbers; got ${count} and ${dim}.`,
  );
}
