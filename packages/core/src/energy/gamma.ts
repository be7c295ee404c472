/** The gamma function's ratios, of which averages over the sphere are made. */

/** Where Stirling's series is exact to rounding. */
const large = 24;

/** What Stirling's series adds to (x − ½)·ln x − x + ½·ln 2π. */
function stirlingRest(x: number): number {
  const square = 1 / (x * x);
  return (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / x;
}

/** Γ(a)/Γ(b) for a, b > 0, exact to a few units in the last place also where both are large and nearly equal. */
export function gammaRatio(a: number, b: number): number {
  let factor = 1;
  for (; a < large; a++) factor /= a;
  for (; b < large; b++) factor *= b;
  const exponent =
    (a - 0.5) * Math.log1p((a - b) / b) + (a - b) * (Math.log(b) - 1) + stirlingRest(a) - stirlingRest(b);
  return factor * Math.exp(exponent);
}
