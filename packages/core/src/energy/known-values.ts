/** What is known of the energy: the best possible, and that of uniformly random directions. For audits and tests. */
import { safeParse } from "valibot";
import { configError } from "../config/config-error.js";
import { potentialAndSpace } from "../config/schema.js";
import type { Potential, Space } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import { angleAverage } from "./angle-average.js";
import { gammaRatio } from "./gamma.js";
import { antipodalValue, potentialFunction } from "./pair-function.js";
import { pairWeights } from "./pair-weights.js";

/**
 * The least energy N directions in ℝᵈ can have, where it is known in closed form; otherwise `undefined`.
 *
 * Full space, N ≤ d + 1: the regular simplex, every cosine −1/(N−1); with angular potentials only where φ lies nowhere below its
 * tangent at that cosine. Half space, N ≤ d: orthogonal rows; not with angular potentials of s < −1, which neurons on one line lessen.
 *
 * Frame potentials, in both spaces: orthogonal rows for N ≤ d. For N > d and p = 2 the squared cosines have a mean of at least
 * (N/d − 1)/(N − 1) (Welch 1974), which the tight frames attain, and there are such for every N and d (Benedetto & Fickus 2003).
 *
 * @param count N
 * @param dim d
 * @throws EnergyError `invalid-config`, `invalid-shape` for arguments of another kind
 */
export function bestEnergy(potential: Potential, space: Space, count: number, dim: number): number | undefined {
  checkArguments(potential, space, count, dim);
  const phi = potentialFunction(potential);
  const at = (c: number) => phi(2 - 2 * c, 2 + 2 * c, { value: 0, slope: 0, curvature: 0 }).value;
  if (potential.kind === "frame") {
    if (dim === 0 || (count > dim && potential.p !== 2)) return undefined;
    return energyOfMean(potential, space, count, at(Math.sqrt(leastSquaredCosine(count, dim))));
  }
  if (space === "half") {
    if (count > dim || (count > 1 && likesOneLine(potential))) return undefined;
    return energyOfMean(potential, space, count, at(0));
  }
  if (count > dim + 1) return undefined;
  if (count === 1) return 0;
  if (count === 2) return antipodalValue(potential);
  return simplexIsBest(potential, count) ? at(-1 / (count - 1)) : undefined;
}

/** The least mean of the squared cosines of N directions in ℝᵈ. Welch 1974, "Lower bounds on the maximum cross correlation of signals". */
export function leastSquaredCosine(count: number, dim: number): number {
  return count <= dim ? 0 : (count / dim - 1) / (count - 1);
}

/** The energy of neurons whose pairs have a mean φ, in half space the mean of φ(c) and φ(−c). */
export function energyOfMean(potential: Potential, space: Space, count: number, mean: number): number {
  if (space === "full") return count === 1 ? 0 : mean;
  const weights = pairWeights(count, "half");
  const pairs = (count * (count - 1)) / 2;
  return (pairs === 0 ? 0 : weights.pair * pairs * 2 * mean) + weights.self * count * antipodalValue(potential);
}

/** −θ^|s| is concave in the angle for s < −1, so that in half space orthogonal neurons have the most energy, not the least. */
function likesOneLine(potential: Potential): boolean {
  return potential.kind === "riesz" && potential.distance === "angular" && potential.s < -1;
}

/**
 * The cosines of N directions have a mean of at least c₀ = −1/(N−1), so the simplex is best where φ lies nowhere below
 * its tangent at c₀. Chordal and gaussian potentials are convex in c. Angular ones are concave near c = −1, which leaves
 * that end to be checked: at s = 0, antipodal pairs at right angles to each other beat the tetrahedron. Three directions
 * have angles that sum to 2π at most, and φ is convex in the angle for s ≥ −1.
 */
function simplexIsBest(potential: Potential, count: number): boolean {
  if (potential.kind !== "riesz" || potential.distance !== "angular") return true;
  if (count <= 3 && potential.s >= -1) return true;
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
 * (s ≥ d − 1). In closed form for chordal riesz potentials, s ≠ 0, and frame potentials:
 *
 * E[r^(−s)] = 2^(−s)·Γ((d−1−s)/2)·Γ(d−1) / (Γ((d−1)/2)·Γ(d−1−s/2)), (d−2)/(2(d−3)) at s = 2;
 * E|c|^p = Γ(d/2)·Γ((p+1)/2) / (√π·Γ((d+p)/2)), 1/d at p = 2.
 *
 * For the others angles have density ∝ sin^(d−2)θ; the integral is taken by the double exponential rule, which copes with the
 * singularity at θ = 0.
 *
 * @param count N
 * @param dim d
 * @throws EnergyError `invalid-config`, `invalid-shape` for arguments of another kind
 */
export function uniformEnergy(potential: Potential, space: Space, count: number, dim: number): number {
  checkArguments(potential, space, count, dim);
  return energyOfMean(potential, space, count, meanPotential(potential, dim));
}

/** E[φ] of two uniformly random directions. */
export function meanPotential(potential: Potential, dim: number): number {
  if (potential.kind === "riesz" && potential.s >= dim - 1) return Number.POSITIVE_INFINITY;
  if (dim > 1 && potential.kind === "riesz" && potential.distance === "chordal" && potential.s !== 0) {
    const { s } = potential;
    const mean = 2 ** -s * gammaRatio((dim - 1 - s) / 2, (dim - 1) / 2) * gammaRatio(dim - 1, dim - 1 - s / 2);
    return Math.sign(s) * mean;
  }
  if (dim > 1 && potential.kind === "frame") {
    const { p } = potential;
    return gammaRatio(dim / 2, (dim + p) / 2) * gammaRatio((p + 1) / 2, 0.5);
  }
  const phi = potentialFunction(potential);
  const terms = { value: 0, slope: 0, curvature: 0 };
  return angleAverage(dim, (u, v) => phi(u, v, terms).value);
}

/** These are called with four arguments by hand, where a slip would otherwise pass for "not known". */
function checkArguments(potential: Potential, space: Space, count: number, dim: number): void {
  const { issues } = safeParse(potentialAndSpace, { potential, space }, { abortPipeEarly: true });
  if (issues) throw configError(issues);
  if (Number.isInteger(count) && count > 0 && Number.isInteger(dim) && dim >= 0) return;
  throw new EnergyError(
    "invalid-shape",
    `Expected the number of neurons and their dimension, whole numbers; got ${count} and ${dim}.`,
  );
}
