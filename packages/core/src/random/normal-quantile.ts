/**
 * The standard normal quantile, by Wichura's AS 241 (PPND16), Applied Statistics 37, 1988: one uniform number in, one
 * normal number out, with relative error 1e-16 in exact arithmetic. Only exactly rounded operations, so that every
 * engine gives the same bits. The far tail of AS 241 (p < 1e-11) is left out: 32-bit uniform numbers don't reach it.
 */

/** z with Φ(z) = p, for 1e-11 < p < 1 − 1e-11. */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * centralRatio(0.180625 - q * q);
  const r = Math.sqrt(-naturalLog(q < 0 ? p : 1 - p));
  const z = tailRatio(r - 1.6);
  return q < 0 ? -z : z;
}

/** Coefficients a and b of AS 241, written out: this runs once for each random number. */
function centralRatio(x: number): number {
  const numerator =
    ((((((2509.0809287301227 * x + 33430.57558358813) * x + 67265.7709270087) * x + 45921.95393154987) * x +
      13731.69376550946) *
      x +
      1971.5909503065513) *
      x +
      133.14166789178438) *
      x +
    3.3871328727963665;
  const denominator =
    ((((((5226.495278852854 * x + 28729.085735721943) * x + 39307.89580009271) * x + 21213.794301586597) * x +
      5394.196021424751) *
      x +
      687.1870074920579) *
      x +
      42.31333070160091) *
      x +
    1;
  return numerator / denominator;
}

/** Coefficients c and d of AS 241. */
function tailRatio(x: number): number {
  const numerator =
    ((((((0.0007745450142783414 * x + 0.022723844989269184) * x + 0.2417807251774506) * x + 1.2704582524523684) * x +
      3.6478483247632045) *
      x +
      5.769497221460691) *
      x +
      4.630337846156546) *
      x +
    1.4234371107496835;
  const denominator =
    ((((((1.0507500716444169e-9 * x + 0.0005475938084995345) * x + 0.015198666563616457) * x + 0.14810397642748008) *
      x +
      0.6897673349851) *
      x +
      1.6763848301838038) *
      x +
      2.053191626637759) *
      x +
    1;
  return numerator / denominator;
}

/** ln x for 0 < x ≤ 1, from exactly rounded operations: x = m·2^−e, ln m = 2 artanh((m − 1)/(m + 1)). */
function naturalLog(x: number): number {
  let exponent = 0;
  while (x < Math.SQRT1_2) {
    x *= 2;
    exponent++;
  }
  const s = (x - 1) / (x + 1);
  const square = s * s;
  // Σ square^n/(2n + 1)
  const series =
    (((((((((0.047619047619047616 * square + 0.05263157894736842) * square + 0.058823529411764705) * square +
      0.06666666666666667) *
      square +
      0.07692307692307693) *
      square +
      0.09090909090909091) *
      square +
      0.1111111111111111) *
      square +
      0.14285714285714285) *
      square +
      0.2) *
      square +
      0.3333333333333333) *
      square +
    1;
  return 2 * s * series - exponent * Math.LN2;
}
