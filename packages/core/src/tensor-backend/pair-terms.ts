/** ψ, its slope K = ψ′ and its curvature ψ″ for every pair of a tile, from its cosines: the formulas of `energy/` as tensors. */
import type { PairSpec } from "../backend/backend.js";
import type { Potential } from "../config/types.js";
import { angleFormula, pairFormula } from "../energy/pair-formula.js";
import { kindOf, parameterOf, potentialFormula } from "../energy/potential-formulas.js";
import type { TensorPrimitives } from "./primitives.js";
import { type HalfChords, readTerms, type TensorTerms, tensorPlace } from "./tensor-algebra.js";

/**
 * What each pair of a tile adds to the energy, with its derivatives, the separation floor included: `pairFunction` for tensors.
 *
 * @param cosine `[batch, rows, columns]`
 * @param chords t and w, where the engine knows them better than 1 ∓ c
 */
export function pairTerms<T>(
  p: TensorPrimitives<T>,
  { potential, space, separationFloor }: PairSpec,
  cosine: T,
  chords = halfChords(p, cosine),
): TensorTerms<T> {
  const e = tensorPlace(p, { ...chords, c: cosine });
  const parameter = parameterOf(potential);
  const energy = {
    kind: kindOf(potential),
    parameter: e.constant(parameter),
    isLogarithm: parameter === 0,
    isHalf: space === "half",
    floor: e.constant(separationFloor ** 2),
  };
  return readTerms(e, pairFormula(e, energy, e.place));
}

/** t = 1 − c, w = 1 + c. */
export function halfChords<T>(p: TensorPrimitives<T>, cosine: T): HalfChords<T> {
  return { t: p.sub(p.scalar(1), cosine), w: p.add(p.scalar(1), cosine) };
}

/** The bare potential, φ, κ and φ″, at t = u/2 and w = v/2: `potentialFunction` for tensors. */
export function potentialTerms<T>(p: TensorPrimitives<T>, potential: Potential, t: T, w: T): TensorTerms<T> {
  const e = tensorPlace(p, { t, w });
  const parameter = parameterOf(potential);
  return readTerms(e, potentialFormula(e, kindOf(potential), e.constant(parameter), parameter === 0, e.place));
}

/** θ as a mismatch compares it, m and its derivatives: `measureFunction` for tensors. */
export function angleTerms<T>(p: TensorPrimitives<T>, separationFloor: number, chords: HalfChords<T>): TensorTerms<T> {
  const e = tensorPlace(p, { ...chords });
  return readTerms(e, angleFormula(e, e.constant(separationFloor ** 2), e.place));
}
