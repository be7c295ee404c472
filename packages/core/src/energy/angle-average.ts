/** Averages over the angle between two uniformly random directions. */

/**
 * The mean of f over θ with density ∝ sin^(d−2)θ, f given as a function of the squared chords u and v. By the double
 * exponential rule, which copes with a singularity at either end; directions in ℝ¹ are ±1.
 *
 * The density's peak is 1/√d wide, and its image in t 1/(2.47·√d): dθ/dt = π²/4 there. The rule's error falls as
 * exp(−2π²·(width/step)²), so steps of 0.6 widths leave nothing of it.
 */
export function angleAverage(dim: number, f: (u: number, v: number) => number): number {
  if (dim === 1) return 0.5 * (f(0, 4) + f(4, 0));
  const step = Math.min(1 / 64, 1 / (4 * Math.sqrt(dim)));
  let total = 0;
  let mass = 0;
  const most = Math.ceil(6 / step);
  for (let n = -most; n <= most; n++) {
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
