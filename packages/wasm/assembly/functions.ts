/**
 * Logarithm, exponential and arctangent of four numbers at once, by polynomials. Errors are stated here and tested in
 * `test/functions.test.ts`.
 */
import { multiplyAdd, splat } from "./simd";

/** log₂x = exponent + part of x > 0, the part in [−½, ½]: kept apart, so that a multiple of them can be rounded well. */
let exponentOf: v128 = i64x2.splat(0);
let partOf: v128 = i64x2.splat(0);

/**
 * x = 2^e·m, m in [√½, √2): log₂m = 2/ln 2·artanh(t), t = (m−1)/(m+1), |t| < 0.172. The series ends at t⁹: relative error of the part
 * below 2e-8 before rounding.
 */
// @ts-ignore: decorator
@inline function splitLog2(x: v128): void {
  const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3)); // √½
  const exponent = i32x4.shr_s(bits, 23);
  const mantissa = i32x4.sub(x, i32x4.shl(exponent, 23));
  const t = f32x4.div(f32x4.sub(mantissa, splat(1)), f32x4.add(mantissa, splat(1)));
  const t2 = f32x4.mul(t, t);
  let series = splat(0.32059889797532520);
  series = multiplyAdd(series, t2, splat(0.41219858311113240));
  series = multiplyAdd(series, t2, splat(0.57707801635558536));
  series = multiplyAdd(series, t2, splat(0.96179669392597560));
  series = multiplyAdd(series, t2, splat(2.8853900817779268));
  exponentOf = f32x4.convert_i32x4_s(exponent);
  partOf = f32x4.mul(series, t);
}

/** ln x for x > 0: absolute error below 2e-7 + |ln x|·8e-8 for x in [1e-6, 4], near x = 1 relative error below 2e-7. */
export function naturalLog(x: v128): v128 {
  splitLog2(x);
  return f32x4.mul(f32x4.add(exponentOf, partOf), splat(0.69314718055994531));
}

/** 2^(whole + part), |part| ≤ 1, flushed to 0 below 2^−126: relative error below 2e-7. */
// @ts-ignore: decorator
@inline function exponential2(whole: v128, part: v128): v128 {
  const total = f32x4.add(whole, part);
  const rounded = f32x4.nearest(f32x4.pmax(f32x4.pmin(total, splat(127)), splat(-127)));
  // whole − rounded is exact, so that the digits of a small part survive a large whole.
  const x = f32x4.pmax(f32x4.pmin(f32x4.add(f32x4.sub(whole, rounded), part), splat(1)), splat(-1));
  // Taylor series in ln 2·x, |x| ≤ ½
  let series = splat(1.5252733804059841e-5);
  series = multiplyAdd(series, x, splat(1.5403530393381610e-4));
  series = multiplyAdd(series, x, splat(1.3333558146428443e-3));
  series = multiplyAdd(series, x, splat(9.6181291076284770e-3));
  series = multiplyAdd(series, x, splat(5.5504108664821580e-2));
  series = multiplyAdd(series, x, splat(0.24022650695910072));
  series = multiplyAdd(series, x, splat(0.69314718055994531));
  series = multiplyAdd(series, x, splat(1));
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(rounded), i32x4.splat(127)), 23);
  return f32x4.mul(series, scale);
}

/** e^x for x ≤ 0; 0 below −87. Relative error below 2e-7 + |x|·6e-8. */
export function exponential(x: v128): v128 {
  const whole = f32x4.nearest(f32x4.mul(x, splat(1.4426950408889634)));
  // ln 2 in two parts, the first with so few bits that its multiples are exact.
  const rest = multiplyAdd(whole, splat(2.1219444e-4), multiplyAdd(whole, splat(-0.693359375), x));
  return exponential2(whole, f32x4.mul(rest, splat(1.4426950408889634)));
}

/** x^p for x > 0: relative error below 3e-7 + |p·log₂x|·6e-8. */
export function power(x: v128, p: f32): v128 {
  splitLog2(x);
  const times = splat(p);
  const whole = f32x4.mul(exponentOf, times);
  const rounded = f32x4.nearest(whole);
  // p·e is not whole: its fraction joins the part.
  return exponential2(rounded, f32x4.add(f32x4.sub(whole, rounded), f32x4.mul(partOf, times)));
}

/**
 * θ/2 = atan2(√u, √v) for u, v ≥ 0, not both 0: half the angle of two directions from their squared chords. With t = √(min/max): atan t by
 * its minimax polynomial on [0, tan π/8] (Cephes, Moshier), reached by atan t = π/4 + atan((t−1)/(t+1)). Relative error below 3e-7.
 */
export function halfAngle(u: v128, v: v128): v128 {
  const t = f32x4.sqrt(f32x4.div(f32x4.pmin(u, v), f32x4.pmax(u, v)));
  const far = f32x4.gt(t, splat(0.41421356237309503));
  const reduced = f32x4.div(f32x4.sub(t, splat(1)), f32x4.add(t, splat(1)));
  const x = v128.bitselect(reduced, t, far);
  const x2 = f32x4.mul(x, x);
  let series = splat(8.05374449538e-2);
  series = multiplyAdd(series, x2, splat(-1.38776856032e-1));
  series = multiplyAdd(series, x2, splat(1.99777106478e-1));
  series = multiplyAdd(series, x2, splat(-3.33329491539e-1));
  const small = multiplyAdd(f32x4.mul(series, x2), x, x);
  const half = f32x4.add(small, v128.and(far, splat(0.78539816339744831)));
  const beyond = f32x4.gt(u, v);
  return v128.bitselect(f32x4.sub(splat(1.5707963267948966), half), half, beyond);
}
