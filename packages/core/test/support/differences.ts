/** Central differences of the fourth order: (f(−2h) − 8f(−h) + 8f(h) − f(2h))/(12h), error h⁴f⁽⁵⁾/30. */

const stencil = [
  [-2, 1],
  [-1, -8],
  [1, 8],
  [2, -1],
] as const;

/** Derivative of a function at `point` in the direction `toward`. */
export async function directionalDerivative(
  f: (point: Float64Array) => number | Promise<number>,
  point: Float64Array,
  toward: Float64Array,
  step: number,
): Promise<number> {
  let sum = 0;
  for (const [times, weight] of stencil) sum += weight * (await f(moved(point, toward, times * step)));
  return sum / (12 * step);
}

/** The same of a function with many results. */
export function directionalDerivatives(
  f: (point: Float64Array) => Float64Array,
  point: Float64Array,
  toward: Float64Array,
  step: number,
): Float64Array {
  const sum = new Float64Array(f(point).length);
  for (const [times, weight] of stencil) {
    const values = f(moved(point, toward, times * step));
    for (let n = 0; n < sum.length; n++) sum[n] += (weight * values[n]) / (12 * step);
  }
  return sum;
}

function moved(point: Float64Array, toward: Float64Array, step: number): Float64Array {
  return point.map((value, n) => value + step * toward[n]);
}
