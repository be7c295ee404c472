/**
 * Few dimensions: on a sphere in ℝᵏ the chord of two random points has density r^(k−2) near 0, so that the variance of r^(−s) is finite
 * only where 2s < k − 1. Below that an energy of random points, and of a batch of embeddings above all, is mostly its closest pair's,
 * and its gradient noise. The mean is infinite already for k ≤ s + 1.
 */
import type { EnergySpec } from "./types.js";

/**
 * In how many dimensions the points of the energy lie, at most: those of the rows, or of what a projection makes of them.
 *
 * @param dim d of the rows
 */
export function pointDimension({ projection }: Pick<EnergySpec, "projection">, dim: number): number {
  if ("compose" in projection) return dim;
  switch (projection.kind) {
    case "none":
      return dim;
    case "fixed":
      return Math.min(dim, projection.matrices.shape.at(-2)!);
    case "group":
      return Math.floor(dim / projection.groups);
    case "bilateral":
      return Math.min(dim, projection.rank);
    default:
      return Math.min(dim, projection.dimension);
  }
}

/**
 * A warning, in words, where an energy has too few dimensions: over random rows its variance is infinite, so that its gradient is mostly
 * noise. That is so for a Riesz potential with s > 0 and 2s ≥ k − 1, k being the dimension in which the points lie, after the projection.
 *
 * @param dim d, the length of a row
 * @returns the warning, or `undefined` where there is nothing to warn of
 */
export function fewDimensions(spec: EnergySpec, dim: number): string | undefined {
  const { potential } = spec;
  if (potential?.kind !== "riesz") return undefined;
  const { s } = potential;
  const dimension = pointDimension(spec, dim);
  if (dimension > 2 * s + 1 || s <= 0) return undefined;
  return (
    `potential.s: the energy of random points in ${dimension} dimensions has infinite variance at s = ${s}: 2s < k − 1 wants ` +
    `s < ${(dimension - 1) / 2}. Its gradient is mostly the closest pair's, and noisy. Lower potential.s (s = 0 is the logarithm), take a bounded ` +
    'potential ({ kind: "gaussian" }), or more dimensions.'
  );
}
