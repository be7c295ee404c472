/** Γ and ψ for the closed forms of expected energies. */

/** ln Γ(x), x > 0: Stirling's series after shifting x above 12. */
export function logGamma(x: number): number {
  let shift = 0;
  while (x < 12) shift -= Math.log(x++);
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7) + 1 / (1188 * x ** 9);
  return shift + (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

/** ψ(x), x > 0: the same. */
export function digamma(x: number): number {
  let shift = 0;
  while (x < 12) shift -= 1 / x++;
  const square = 1 / (x * x);
  const series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))));
  return shift + Math.log(x) - 1 / (2 * x) - series;
}
