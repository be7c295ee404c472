/*
 * Logarithm, exponential, powers and half angles of vectors, by polynomials: the functions that core's formulas call (`vec_*`), with the errors
 * that `@comhe/wasm` states for the same ones.
 */
#ifndef COMHE_FUNCTIONS_H
#define COMHE_FUNCTIONS_H

#include <math.h>

#include "simd.h"

/* To the nearest whole number, |x| < 2^22: adding 1.5·2^23 leaves no bits for a fraction. */
INLINE vec nearest(vec x) {
  const vec magic = vec_spread(12582912.0f);
  return (x + magic) - magic;
}

/*
 * log2 x = exponent + part of x > 0, the part in [-1/2, 1/2]: kept apart, so that a multiple of them can be rounded well.
 *
 * x = 2^e·m, m in [√½, √2): log2 m = 2/ln 2·artanh t, t = (m - 1)/(m + 1), |t| < 0.172. The series ends at t^9: relative error of the
 * part below 2e-8 before rounding.
 */
INLINE void split_log2(vec x, vec *exponent_of, vec *part_of) {
  const ivec exponent = ((ivec)x - 0x3f3504f3) >> 23;
  const vec mantissa = (vec)((ivec)x - (exponent << 23));
  const vec t = (mantissa - 1.0f) / (mantissa + 1.0f);
  const vec t2 = t * t;
  vec series = vec_spread(0.32059889797532520f);
  series = series * t2 + 0.41219858311113240f;
  series = series * t2 + 0.57707801635558536f;
  series = series * t2 + 0.96179669392597560f;
  series = series * t2 + 2.8853900817779268f;
  *exponent_of = __builtin_convertvector(exponent, vec);
  *part_of = series * t;
}

/* ln x for x > 0: absolute error below 2e-7 for x in [1e-6, 4], near x = 1 relative error below 2e-7. */
INLINE vec vec_log(vec x) {
  vec exponent, part;
  split_log2(x, &exponent, &part);
  return (exponent + part) * 0.69314718055994531f;
}

/* 2^(whole + part), |part| ≤ 1, flushed to 0 below 2^-126: relative error below 2e-7. */
INLINE vec exponential2(vec whole, vec part) {
  const vec total = whole + part;
  const vec rounded = nearest(vec_max(vec_min(total, vec_spread(127)), vec_spread(-127)));
  /* whole - rounded is exact, so that the digits of a small part survive a large whole. */
  const vec x = vec_max(vec_min((whole - rounded) + part, vec_spread(1)), vec_spread(-1));
  /* Taylor series in ln 2·x, |x| ≤ ½ */
  vec series = vec_spread(1.5252733804059841e-5f);
  series = series * x + 1.5403530393381610e-4f;
  series = series * x + 1.3333558146428443e-3f;
  series = series * x + 9.6181291076284770e-3f;
  series = series * x + 5.5504108664821580e-2f;
  series = series * x + 0.24022650695910072f;
  series = series * x + 0.69314718055994531f;
  series = series * x + 1.0f;
  return series * (vec)((__builtin_convertvector(rounded, ivec) + 127) << 23);
}

/* e^x for x ≤ 0; 0 below -87. Relative error below 2e-7 + |x|·6e-8. */
INLINE vec vec_exp(vec argument) {
  /* Beyond it the result is 0 anyway, and whole numbers are still exact. */
  const vec x = vec_max(argument, vec_spread(-1000));
  const vec whole = nearest(x * 1.4426950408889634f);
  /* ln 2 in two parts, the first with so few bits that its multiples are exact. */
  const vec rest = whole * 2.1219444e-4f + (whole * -0.693359375f + x);
  return exponential2(whole, rest * 1.4426950408889634f);
}

/* x^p for x > 0: relative error below 3e-7 + |p·log2 x|·6e-8. */
INLINE vec vec_power(vec x, float p) {
  vec exponent, part;
  split_log2(x, &exponent, &part);
  const vec whole = exponent * p;
  const vec rounded = nearest(vec_max(vec_min(whole, vec_spread(1e6f)), vec_spread(-1e6f)));
  /* p·e is not whole: its fraction joins the part. */
  return exponential2(rounded, (whole - rounded) + part * p);
}

/*
 * θ/2 = atan2(√u, √v) for u, v ≥ 0, not both 0: half the angle of two directions from their squared chords. With t = √(min/max): atan t by
 * its minimax polynomial on [0, tan π/8] (Cephes, Moshier), reached by atan t = π/4 + atan((t - 1)/(t + 1)). Relative error below 3e-7.
 */
INLINE vec vec_half_angle(vec u, vec v) {
  const vec t = vec_sqrt(vec_min(u, v) / vec_max(u, v));
  const ivec far = t > 0.41421356237309503f;
  const vec x = vec_select(far, (t - 1.0f) / (t + 1.0f), t);
  const vec x2 = x * x;
  vec series = vec_spread(8.05374449538e-2f);
  series = series * x2 - 1.38776856032e-1f;
  series = series * x2 + 1.99777106478e-1f;
  series = series * x2 - 3.33329491539e-1f;
  const vec half = ((series * x2) * x + x) + vec_keep(vec_spread(0.78539816339744831f), far);
  return vec_select(u > v, vec_spread(1.5707963267948966f) - half, half);
}

/* a where x is at least `least`, else 0. */
INLINE vec vec_keep_from(vec a, vec x, vec least) { return vec_keep(a, x >= least); }

#endif
