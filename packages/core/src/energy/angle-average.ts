/** Averages over the angle between two uniformly random directions. */

/**
 * The mean of f over θ with density ∝ sin^(d−2)θ, f given as a function of the squared chords u and v. By the double
 * exponential rule, which copes with a singularity at either end; directions in ℝ¹ are ±1.
 */
export function angleAverage(dim: number, f: (u: number, v: number) => number): number {
  if (dim === 1) return 0.5 * (f(0, 4) + f(4, 0));
  const step = 1 / 64;
  let total = 0;
  let mass = 0;
  for (let n = -6 / step; n <= 6 / step; n++) {
    const t = n * step;
    // θ = π/(1 + e^(π sinh t)) reaches 0 and π doubly exponentially, keeping its digits near 0.
    const grow = Math.exp(Math.PI * Math.sinh(t));
    const theta = Math.PI / (1 + grow);
    const density = Math.cosh(t) / (2 + grow + 1 / grow);
    const weight = density * Math.sin(theta) ** (dim - 2);
    if (weight === 0 || !Number.isFinite(weight)) continue;
    const value = f(4 * Math.sin(theta / 2) ** 2, 4 * Math.cos(theta / 2) ** 2);
    if (!Number.isFinite(value)) continue;
    total += weight * value;
    mass += weight;
  }
  return total / mass;
}
