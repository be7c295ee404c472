/**
 * The formulas of pairs as functions of float64 numbers, for loops over pairs on the host: the reference backend, engines whose tensors lie in
 * host memory, and closed forms. The build writes them from the formulas, `scripts/build-pair-functions.mjs`, as straight code for each
 * case; `potential-formulas.ts` and `pair-formula.ts` say what they compute.
 */
import { anglePairs, fullPairs, halfPairs, potentials } from "../../generated/pair-functions.js";
import type { MismatchSpec, PairSpec } from "../backend/backend.js";
import type { Potential } from "../config/types.js";
import { isTwoSided } from "./pair-formula.js";
import { caseOf } from "./potential-cases.js";
import { keptFrom, kindOf, parameterOf } from "./potential-formulas.js";
import type { PairFunction, PotentialFunction } from "./terms.js";

/**
 * A potential with its first two derivatives, as a function of the squared chords. It is the bare formula, without a separation floor: Riesz
 * potentials with s ≥ 0 diverge at u = 0.
 */
export function potentialFunction(potential: Potential): PotentialFunction {
  return potentials[caseOf(potential).name](parameterOf(potential), 0);
}

/**
 * What a pair adds to the energy: ψ = φ(c), in half space φ(c) + φ(−c), continued along its tangent below the separation floor.
 */
export function pairFunction({ potential, space, separationFloor }: PairSpec): PairFunction {
  const makers = space === "half" ? halfPairs : fullPairs;
  return makers[caseOf(potential).name](parameterOf(potential), separationFloor * separationFloor);
}

/**
 * What a mismatch compares: m, m′ = dm/dc and m″ at the squared chords (u, v), where m is the angle (Lin et al. 2020, "Angle-preserving
 * projection") or the cosine (the authors' code, `p_loss` of angle_projection/architecture.py). The angle is continued linearly past the floor.
 */
export function measureFunction({ measure, separationFloor }: MismatchSpec): PairFunction {
  if (measure === "angle") {
    const angle = anglePairs(separationFloor * separationFloor);
    if (separationFloor > 0) return angle;
    // Without a floor the angle of a coincident or opposite pair is known, though its slope isn't: projected to one dimension all are.
    return (u, v, out) => {
      angle(u, v, out);
      if (u <= 0) out.value = 0;
      else if (v <= 0) out.value = Math.PI;
      return out;
    };
  }
  return (u, v, out) => {
    // Whichever chord is the shorter holds the digits.
    out.value = u < v ? 1 - u / 2 : v / 2 - 1;
    out.slope = 1;
    out.curvature = 0;
    return out;
  };
}

/** Whether a potential or its derivatives diverge at c = −1 too, so that v must be kept from 0 even in full space. */
export function dependsOnAntipode(potential: Potential): boolean {
  return keptFrom(kindOf(potential)).antipode;
}

/** φ(−1), the potential of two opposite directions: for unit rows it is the constant that each row adds in half space. */
export function antipodalValue(potential: Potential): number {
  return potentialFunction(potential)(4, 0, { value: 0, slope: 0, curvature: 0 }).value;
}

/** Rows that are multiples of each other differ by this much in float64 after normalization: (1e-14)². */
const coincidentChordSquared = 1e-28;

/** A function that says whether a pair, by its squared chords, sits on a singularity of the bare formula (δ = 0), up to rounding in float64. */
export function coincidenceFunction({ potential, space }: PairSpec): (u: number, v: number) => boolean {
  const kind = kindOf(potential);
  if (kind === "gaussian" || !keptFrom(kind).near) return () => false;
  if (isTwoSided(kind, space === "half")) return (u, v) => Math.min(u, v) <= coincidentChordSquared;
  return (u) => u <= coincidentChordSquared;
}
