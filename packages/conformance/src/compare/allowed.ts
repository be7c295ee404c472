/** How far a backend may be off: the one rule for energies, gradients and Hessian products. See `Tolerance`. */

import type { Backend, PairSpec } from "@comhe/core";
import { pairWeights, potentialFunction } from "@comhe/core/host-functions";
import { type Rows, rowNorms, shortestChord } from "../inputs/rows.js";
import type { Tolerances } from "../suite/options.js";
import { assert, assertWithin } from "./assert.js";
import { maxNorm } from "./vectors.js";

/** Below this chord, two rows are near. */
const nearChord = 0.1;

export interface Judge {
  energy(actual: ArrayLike<number>, expected: ArrayLike<number>): void;
  /** `energy` is what the gradient is of. */
  gradient(actual: ArrayLike<number>, expected: ArrayLike<number>, energy: ArrayLike<number>): void;
  /** The Hessian product with `vector`. */
  product(
    actual: ArrayLike<number>,
    expected: ArrayLike<number>,
    energy: ArrayLike<number>,
    vector: ArrayLike<number>,
  ): void;
}

/** Judges what comes of `rows`, a matrix the energy is taken of directly. */
export function judge(
  tolerances: Tolerances,
  { precision }: Pick<Backend<unknown>, "precision">,
  rows: Rows,
  pair: PairSpec,
  normEpsilon: number,
): Judge {
  const chord = shortestChord(rows);
  const floorNoise = chord < 2 * pair.separationFloor ? tolerances.coincident(precision) * slopeAtFloor(pair, rows) : 0;
  const relative = (apart: number) => (chord < nearChord ? Math.max(apart, tolerances.near) : apart);
  return judgeWith(rows, normEpsilon, pair.potential, floorNoise, {
    energy: relative(tolerances.energy),
    gradient: relative(tolerances.gradient),
    product: relative(tolerances.product),
  });
}

/** Judges what a strategy makes of `rows`; what lies near after projecting isn't known. */
export function judgeStrategy(
  { energy, gradient, product, unrolled }: Tolerances,
  rows: Rows,
  { potential }: Pick<PairSpec, "potential">,
  normEpsilon: number,
  hasInnerSteps: boolean,
): Judge {
  const times = hasInnerSteps ? unrolled / gradient : 1;
  const relative = { energy: times * energy, gradient: times * gradient, product };
  return judgeWith(rows, normEpsilon, potential, 0, relative);
}

function judgeWith(
  rows: Rows,
  normEpsilon: number,
  potential: PairSpec["potential"],
  noise: number,
  relative: Pick<Tolerances, "energy" | "gradient" | "product">,
): Judge {
  const norms = rowNorms(rows, normEpsilon);
  const isLogarithm = potential.kind === "riesz" && potential.s === 0;
  /** −r^|s| of coincident rows is 0, and so is |c|^p of orthogonal ones. */
  const mayVanish = potential.kind === "frame" || (potential.kind === "riesz" && potential.s < 0);
  /** Of an energy: the error of a logarithm, or of a potential that may vanish, doesn't shrink with its value. */
  const least = isLogarithm ? 1 : mayVanish ? 1e-3 : 0;
  const sizeOf = (energy: ArrayLike<number>) => Math.max(maxNorm(energy), least);
  return {
    energy: (actual, expected) => assertWithin(actual, expected, relative.energy * sizeOf(expected) + noise, "energy"),
    gradient(actual, expected, energy) {
      const [got, wanted] = [timesNorms(actual, norms, "gradient"), timesNorms(expected, norms, "gradient")];
      const scale = Math.max(maxNorm(wanted), sizeOf(energy));
      assertWithin(got, wanted, relative.gradient * scale + noise, "‖w‖·gradient");
    },
    product(actual, expected, energy, vector) {
      const [got, wanted] = [timesNorms(actual, norms, "product"), timesNorms(expected, norms, "product")];
      const turn = maxNorm(overNorms(vector, norms));
      const scale = Math.max(maxNorm(wanted), sizeOf(energy) * turn);
      assertWithin(got, wanted, relative.product * scale + noise * turn, "‖w‖·Hessian product");
    },
  };
}

/** ρ_i·g_i. A row without direction gets exactly nothing. */
export function timesNorms(gradient: ArrayLike<number>, norms: Float64Array, what: string): Float64Array {
  const dim = gradient.length / norms.length;
  return Float64Array.from(gradient, (value, n) => {
    const norm = norms[Math.floor(n / dim)]!;
    assert(norm > 0 || value === 0, `${what}: got ${value} at ${n}, in a row without direction`);
    return norm * value;
  });
}

/** v_i/ρ_i. */
export function overNorms(vector: ArrayLike<number>, norms: Float64Array): Float64Array {
  const dim = vector.length / norms.length;
  return Float64Array.from(vector, (value, n) => {
    const norm = norms[Math.floor(n / dim)]!;
    return norm === 0 ? 0 : value / norm;
  });
}

/** κ₀ at the floor, times the weight of a pair. */
function slopeAtFloor({ potential, space, separationFloor }: PairSpec, { count }: Rows): number {
  const floor = separationFloor ** 2;
  const { slope } = potentialFunction(potential)(floor, 4 - floor, { value: 0, slope: 0, curvature: 0 });
  return pairWeights(count, space).pair * slope;
}
