/** m of the mismatch, the angle or the cosine, four pairs at once; the angle by core's formula. */
import { MismatchFields } from "../generated/assembly/command-fields";
import { angleTerms, curvature, slope, value } from "../generated/assembly/potentials";
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
  angleTerms(u, v, floor);
  measured = value;
  measuredSlope = slope;
  measuredCurvature = curvature;
}
