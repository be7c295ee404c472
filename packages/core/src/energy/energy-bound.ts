/**
 * A lower bound of the energy for any number of directions, proven and often attained: what stands for the best possible
 * where the best isn't known.
 */
import type { Potential, Space } from "../config/types.js";
import { bestEnergy, energyOfMean, leastSquaredCosine } from "./known-values.js";
import { potentialFunction } from "./pair-function.js";

/**
 * A proven lower bound: no N directions in ℝᵈ have less energy than this. It equals `bestEnergy` where that is known; it is `undefined` for
 * the angular potentials of which the best isn't known, since the proofs don't apply to them.
 *
 * Full space, N > d + 1: the universal bound at the Levenshtein nodes of degree 2 or 3 (Boyvalenkov, Dragnev, Hardin, Saff,
 * Stoyanova 2016, "Universal lower bounds for potential energy of spherical codes"): attained by the cross-polytope, N = 2d,
 * and other sharp codes; weaker, but valid, for N beyond d(d + 3)/2. Half space, N > d: ψ is convex in c², whose mean over
 * pairs is at least (N/d − 1)/(N − 1) (Welch 1974): attained by equiangular tight frames. Frame potentials are convex in c², in both spaces.
 *
 * @param count N
 * @param dim d
 * @throws EnergyError `invalid-config`, `invalid-shape` for arguments of another kind
 */
export function energyBound(potential: Potential, space: Space, count: number, dim: number): number | undefined {
  const known = bestEnergy(potential, space, count, dim);
  if (known !== undefined) return known;
  if (potential.kind === "riesz" && potential.distance === "angular") return undefined;
  const phi = potentialFunction(potential);
  const at = (c: number) => phi(2 - 2 * c, 2 + 2 * c, { value: 0, slope: 0, curvature: 0 }).value;
  if (space === "half" || potential.kind === "frame") {
    const c = Math.sqrt(leastSquaredCosine(count, dim));
    return energyOfMean(potential, space, count, (at(c) + at(-c)) / 2);
  }
  return (
    (count / (count - 1)) * levenshteinNodes(count, dim).reduce((sum, [node, weight]) => sum + weight * at(node), 0)
  );
}

/**
 * Nodes α and weights ρ with f₀ = f(1)/N + Σ ρ f(α) for every polynomial of degree 2 (N < 2d) or 3, f₀ being its mean over
 * the sphere: moments 1, 0, 1/d, 0.
 */
function levenshteinNodes(count: number, dim: number): (readonly [node: number, weight: number])[] {
  // Moments of the mean over the sphere less the point at 1.
  const [m0, m1, m2, m3] = [1 - 1 / count, -1 / count, 1 / dim - 1 / count, -1 / count];
  if (count < 2 * dim) {
    // Nodes −1 and α: (t + 1)(t − α) is orthogonal to 1.
    const node = (m2 + m1) / (m1 + m0);
    const weight = (m1 + m0) / (node + 1);
    return [
      [-1, m0 - weight],
      [node, weight],
    ];
  }
  // Two free nodes: the zeros of t² + bt + c, orthogonal to 1 and t.
  const determinant = m0 * m2 - m1 * m1;
  const b = (m1 * m2 - m0 * m3) / determinant;
  const c = (m1 * m3 - m2 * m2) / determinant;
  const root = Math.sqrt(b * b - 4 * c);
  const [low, high] = [(-b - root) / 2, (-b + root) / 2];
  const weight = (m1 - low * m0) / (high - low);
  return [
    [low, m0 - weight],
    [high, weight],
  ];
}
