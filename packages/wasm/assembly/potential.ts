/**
 * What a pair contributes, four pairs at once: ψ with its derivatives in c, by core's formulas, which the build writes to
 * `generated/assembly/potentials.ts`. `usePair` reads the energy from the command; results are left in globals, since a function returns one value.
 */
import { PairFields, Potential } from "../generated/assembly/command-fields";
import { fullTerms, halfTerms, potentialTerms } from "../generated/assembly/potentials";

export { curvature, slope, value } from "../generated/assembly/potentials";

/** Squared chords below this are near: 2 − 2c has lost digits there. */
export const NEAR_SQUARED: f32 = 0.01;

let potential: i32 = 0;
/** s, t or p. */
let parameter: f32 = 0;
let isHalf: bool = false;
/** Whether closeness to −x_j matters. */
export let isTwoSided: bool = false;
/** u₀ = δ² */
let floor: f32 = 0;
/** Whether near pairs are taken from differences: unit rows. */
export let takesDifferences: bool = false;

/** For `quick.ts`: 2s, plus 1 in half space; −1: not one of its potentials. */
export let quickMode: i32 = -1;

/** From now on pairs are of this energy. */
export function usePair(fields: PairFields): void {
  potential = fields.potential;
  parameter = <f32>fields.parameter;
  isHalf = fields.isHalf;
  isTwoSided = fields.isTwoSided;
  floor = <f32>fields.floor;
  takesDifferences = fields.takesDifferences;
  quickMode = -1;
  // With a floor beyond near pairs, other pairs are clamped too.
  if (takesDifferences && floor < NEAR_SQUARED) {
    if (potential == Potential.chordal0) quickMode = i32(isHalf);
    if (potential == Potential.chordal1) quickMode = 2 + i32(isHalf);
    if (potential == Potential.chordal2) quickMode = 4 + i32(isHalf);
  }
}

/** φ, κ, φ″ at the squared chords (u, v). */
export function phi(u: v128, v: v128): void { potentialTerms(potential, u, v, parameter, floor); }

/** ψ, ψ′, ψ″: clamped at the floor, continued along the tangent, folded in half space. */
export function psi(u: v128, v: v128): void {
  if (isHalf) halfTerms(potential, u, v, parameter, floor);
  else fullTerms(potential, u, v, parameter, floor);
}
