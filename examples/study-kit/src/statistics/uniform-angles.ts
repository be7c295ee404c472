import { gammaln } from "simple-statistics";

/**
 * Density, per radian, of the angle θ between two independent uniform directions in ℝᵈ:
 * p(θ) = Γ(d/2) / (√π·Γ((d−1)/2)) · sin^(d−2) θ, d ≥ 2.
 */
export function uniformAngleDensity(theta: number, dim: number): number {
  const logNormalization = gammaln(dim / 2) - gammaln((dim - 1) / 2) - Math.log(Math.PI) / 2;
  return Math.exp(logNormalization) * Math.sin(theta) ** (dim - 2);
}
