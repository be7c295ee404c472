/**
 * What a pair contributes, four pairs at once: ψ with its derivatives in c, as `packages/core/src/energy/separation.ts` states it in
 * float64. `usePair` reads the energy from the command; results are left in globals, since a function returns one value.
 */
import { PairFields, Potential } from "../generated/assembly/command-fields";
import { angle, exponential, naturalLog, power } from "./functions";
import { splat } from "./simd";

/** Squared chords below this are near: 2 − 2c has lost digits there. */
export const NEAR_SQUARED: f32 = 0.01;

let kind: i32 = 0;
/** s, or t of a Gaussian. */
let parameter: f32 = 0;
export let isHalf: bool = false;
/** Whether closeness to −x_j matters. */
export let isTwoSided: bool = false;
/** u₀ = δ² */
let floor: f32 = 0;
/** Whether near pairs are taken from differences: unit rows. */
export let takesDifferences: bool = false;

/** For `quick.ts`: 2s, plus 1 in half space; −1: not one of its potentials. */
export let quickMode: i32 = -1;

export let value: v128 = i64x2.splat(0);
export let slope: v128 = i64x2.splat(0);
export let curvature: v128 = i64x2.splat(0);

/** From now on pairs are of this energy. */
export function usePair(fields: PairFields): void {
  kind = fields.potential;
  parameter = <f32>fields.parameter;
  isHalf = fields.isHalf;
  isTwoSided = isHalf || kind == Potential.angular;
  floor = <f32>fields.floor;
  takesDifferences = fields.takesDifferences;
  // With a floor beyond near pairs, other pairs are clamped too.
  const isQuick = kind == Potential.chordal && takesDifferences && floor < NEAR_SQUARED;
  quickMode = isQuick && (parameter == 0 || parameter == 1 || parameter == 2) ? 2 * <i32>parameter + i32(isHalf) : -1;
}

/** u^(−s/2), with 1/u at hand. */
function inversePower(u: v128, inverse: v128): v128 {
  if (parameter == 2) return inverse;
  if (parameter == 1) return f32x4.sqrt(inverse);
  if (parameter == 4) return f32x4.mul(inverse, inverse);
  if (parameter == 3) return f32x4.mul(inverse, f32x4.sqrt(inverse));
  return power(u, -0.5 * parameter);
}

/** θ^(−s), with 1/θ at hand. */
function inverseAngle(theta: v128, inverse: v128): v128 {
  if (parameter == 1) return inverse;
  if (parameter == 2) return f32x4.mul(inverse, inverse);
  return power(theta, -parameter);
}

/** φ, κ, φ″ at the squared chords (u, v). */
export function phi(u: v128, v: v128): void {
  const s = splat(parameter);
  if (kind == Potential.chordal) {
    const inverse = f32x4.div(splat(1), u);
    if (parameter == 0) {
      value = f32x4.mul(splat(-0.5), naturalLog(u));
      slope = inverse;
      curvature = f32x4.mul(splat(2), f32x4.mul(inverse, inverse));
    } else {
      value = inversePower(u, inverse);
      slope = f32x4.mul(f32x4.mul(s, value), inverse);
      curvature = f32x4.mul(f32x4.mul(splat(parameter + 2), slope), inverse);
    }
  } else if (kind == Potential.angular) {
    const theta = angle(u, v);
    const sine = f32x4.mul(splat(0.5), f32x4.sqrt(f32x4.mul(u, v)));
    const inverse = f32x4.div(splat(1), theta);
    const perSine = f32x4.div(splat(1), sine);
    if (parameter == 0) {
      value = f32x4.neg(naturalLog(theta));
      slope = f32x4.mul(inverse, perSine);
    } else {
      value = inverseAngle(theta, inverse);
      slope = f32x4.mul(f32x4.mul(s, value), f32x4.mul(inverse, perSine));
    }
    const cotangent = f32x4.mul(f32x4.mul(splat(0.25), f32x4.sub(v, u)), perSine);
    const inner = f32x4.add(f32x4.mul(splat(parameter + 1), inverse), cotangent);
    curvature = f32x4.mul(f32x4.mul(slope, perSine), inner);
  } else {
    value = exponential(f32x4.mul(f32x4.neg(s), u));
    slope = f32x4.mul(f32x4.add(s, s), value);
    curvature = f32x4.mul(f32x4.add(s, s), slope);
  }
}

/** ψ, ψ′, ψ″: clamped at the floor, continued along the tangent, folded in half space. */
export function psi(u: v128, v: v128): void {
  const lowest = splat(floor);
  const highest = splat(4 - floor);
  const uRaised = f32x4.max(u, lowest);
  const vRaised = isTwoSided ? f32x4.max(v, lowest) : v;
  const uHat = isTwoSided ? f32x4.min(uRaised, highest) : uRaised;
  const vHat = isTwoSided ? f32x4.min(vRaised, highest) : vRaised;
  phi(uHat, vHat);
  if (isHalf) {
    const ownValue = value, ownSlope = slope, ownCurvature = curvature;
    phi(vHat, uHat);
    value = f32x4.add(ownValue, value);
    slope = f32x4.sub(ownSlope, slope);
    curvature = f32x4.add(ownCurvature, curvature);
  }
  // c − ĉ = ½[(û′ − u) − (v̂′ − v)]
  const beyond = f32x4.sub(f32x4.sub(uRaised, u), f32x4.sub(vRaised, v));
  value = f32x4.add(value, f32x4.mul(slope, f32x4.mul(splat(0.5), beyond)));
  curvature = v128.and(curvature, v128.and(f32x4.eq(uRaised, u), f32x4.eq(vRaised, v)));
}
