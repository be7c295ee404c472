/**
 * The standard normal quantile, by Wichura's AS 241 (PPND16), Applied Statistics 37, 1988: one uniform number in, one
 * normal number out, with relative error 1e-16 in exact arithmetic. Only exactly rounded operations, so that every
 * engine gives the same bits. The far tail of AS 241 (p < 1e-11) is left out: 32-bit uniform numbers don't reach it.
 */

const central = {
  numerator: [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
    67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ],
  denominator: [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
    28729.085735721942674, 5226.495278852854561,
  ],
} as const;

const tail = {
  numerator: [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
  ],
  denominator: [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
    0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
  ],
} as const;

/** z with Φ(z) = p, for 1e-11 < p < 1 − 1e-11. */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(central, 0.180625 - q * q);
  const r = Math.sqrt(-naturalLog(q < 0 ? p : 1 - p));
  const z = ratio(tail, r - 1.6);
  return q < 0 ? -z : z;
}

function ratio({ numerator, denominator }: typeof central | typeof tail, x: number): number {
  let top = 0;
  let bottom = 0;
  for (let k = 7; k >= 0; k--) {
    top = top * x + numerator[k]!;
    bottom = bottom * x + denominator[k]!;
  }
  return top / bottom;
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
  let series = 0;
  for (let k = 21; k >= 1; k -= 2) series = series * square + 1 / k;
  return 2 * s * series - exponent * Math.LN2;
}
