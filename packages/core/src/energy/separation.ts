/**
 * What a pair contributes, ψ with its first two derivatives in c, for every (u, v): *clamp, then continue along the
 * tangent*. Below the floor u₀ = δ² the potential is replaced by its tangent at the floor, in u and in v, so that energy
 * and gradient stay finite, monotone and consistent at a coincidence. In half space ψ = φ(c) + φ(−c), the folding of the
 * four pairs of {±x_i, ±x_j}.
 *
 * The v side counts in half space, and for angular potentials (they diverge at π as well); chordal and gaussian
 * potentials in full space clamp u only.
 */
import type { PairSpec } from "../backend/backend.js";
import { dependsOnAntipode, type PotentialTerms, potentialFunction } from "./potential.js";

/** Writes ψ, ψ′ and ψ″ at the squared chords u = ‖x_i − x_j‖² and v = ‖x_i + x_j‖² into `out`, and returns it. */
export type PairFunction = (u: number, v: number, out: PotentialTerms) => PotentialTerms;

/**
 * What a pair adds to the energy: ψ = φ(c), in half space φ(c) + φ(−c), continued along its tangent below the separation floor.
 */
export function pairFunction({ potential, space, separationFloor }: PairSpec): PairFunction {
  const phi = potentialFunction(potential);
  const half = space === "half";
  const twoSided = half || dependsOnAntipode(potential);
  const floor = separationFloor * separationFloor;
  const ceiling = 4 - floor;
  const mirrored: PotentialTerms = { value: 0, slope: 0, curvature: 0 };

  return (u, v, out) => {
    const uRaised = Math.max(u, floor);
    const vRaised = twoSided ? Math.max(v, floor) : v;
    const uHat = twoSided ? Math.min(uRaised, ceiling) : uRaised;
    const vHat = twoSided ? Math.min(vRaised, ceiling) : vRaised;
    phi(uHat, vHat, out);
    if (half) {
      phi(vHat, uHat, mirrored);
      out.value += mirrored.value;
      out.slope -= mirrored.slope;
      out.curvature += mirrored.curvature;
    }
    if (uRaised !== u || vRaised !== v) {
      // c − ĉ = ½[(û′ − u) − (v̂′ − v)]
      out.value += out.slope * 0.5 * (uRaised - u - (vRaised - v));
      out.curvature = 0;
    }
    return out;
  };
}

/** Rows that are multiples of each other differ by this much in float64 after normalization: (1e-14)². */
const coincidentChordSquared = 1e-28;

/** Whether a pair sits on a singularity of the bare formula (δ = 0), up to rounding in float64. */
export function coincidenceFunction({ potential, space }: PairSpec): (u: number, v: number) => boolean {
  if (potential.kind === "gaussian") return () => false;
  const twoSided = space === "half" || dependsOnAntipode(potential);
  return twoSided ? (u, v) => Math.min(u, v) <= coincidentChordSquared : (u) => u <= coincidentChordSquared;
}

/**
 * What multiplies the sums: E = pair·Σ_{i<j} ψ_ij + self·Σ_i φ(−x_iᵀx_i). Then ∂E/∂X = pair·K X, and where ε > 0 gives self
 * terms a slope, −2·self·κ(−x_iᵀx_i) x_i beside it. Full space averages over N(N−1)/2 pairs; half space over the N(2N−1) pairs
 * of {x_i, −x_i}, each ψ standing for two of them: 2·self = pair. N = 1 has no pair in full space: all weights are 0.
 *
 * Where m rows are a uniform sample of a population of N, a pair of them stands for N(N−1)/(m(m−1)) pairs and a row for N/m
 * rows (Horvitz & Thompson 1952), so that the sums estimate the population's energy without bias. In full space that is the
 * mean over the sample's own pairs; in half space it isn't, since self terms are rarer among more rows, and pair > 2·self.
 *
 * @param count rows at hand, m
 * @param population N; left out: the rows at hand are all
 */
export function pairWeights(
  count: number,
  space: PairSpec["space"],
  population: number = count,
): { pair: number; self: number } {
  if (space === "full") return { pair: count < 2 ? 0 : 2 / (count * (count - 1)), self: 0 };
  const self = 1 / (count * (2 * population - 1));
  if (population === count) return { pair: 2 * self, self };
  return { pair: count < 2 ? 0 : (2 * self * (population - 1)) / (count - 1), self };
}
