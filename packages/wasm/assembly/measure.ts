/** m of the mismatch, the angle or the cosine, four pairs at once; see `packages/core/src/energy/mismatch.ts`. */
import { MismatchFields } from "../generated/assembly/command-fields";
import { angle } from "./functions";
import { splat } from "./simd";

let isAngle: bool = false;
let floor: f32 = 0;

export let measured: v128 = i64x2.splat(0);
export let measuredSlope: v128 = i64x2.splat(0);
export let measuredCurvature: v128 = i64x2.splat(0);

/** Whether m is the angle, and the floor. */
export function useMeasure(fields: MismatchFields): void {
  isAngle = fields.isAngle;
  floor = <f32>fields.floor;
}

/** m, m′ = dm/dc, m″ at the squared chords (u, v). The angle is continued linearly past the floor. */
export function measure(u: v128, v: v128): void {
  if (!isAngle) {
    // Whichever chord is the shorter holds the digits.
    const fromU = f32x4.sub(splat(1), f32x4.mul(splat(0.5), u));
    const fromV = f32x4.sub(f32x4.mul(splat(0.5), v), splat(1));
    measured = v128.bitselect(fromU, fromV, f32x4.lt(u, v));
    measuredSlope = splat(1);
    measuredCurvature = splat(0);
    return;
  }
  const uRaised = f32x4.max(u, splat(floor));
  const vRaised = f32x4.max(v, splat(floor));
  const uHat = f32x4.min(uRaised, splat(4 - floor));
  const vHat = f32x4.min(vRaised, splat(4 - floor));
  const sine = f32x4.mul(splat(0.5), f32x4.sqrt(f32x4.mul(uHat, vHat)));
  const perSine = f32x4.div(splat(1), sine);
  const cube = f32x4.mul(perSine, f32x4.mul(perSine, perSine));
  const inside = v128.and(f32x4.eq(uRaised, u), f32x4.eq(vRaised, v));
  measuredSlope = f32x4.neg(perSine);
  measuredCurvature = v128.and(inside, f32x4.mul(f32x4.mul(splat(0.25), f32x4.sub(uHat, vHat)), cube));
  const beyond = f32x4.sub(f32x4.sub(uRaised, u), f32x4.sub(vRaised, v));
  measured = f32x4.add(angle(uHat, vHat), f32x4.mul(measuredSlope, f32x4.mul(splat(0.5), beyond)));
}
