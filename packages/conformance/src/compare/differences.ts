/** Derivatives by central differences, extrapolated once: the error is of the fourth order. */

/** Of a function with many results, at `point` in the direction `toward`. */
export async function derivativeAlong(
  f: (point: Float64Array) => Promise<ArrayLike<number>>,
  point: Float64Array,
  toward: ArrayLike<number>,
  step: number,
): Promise<Float64Array> {
  const slope = async (h: number) => {
    const ahead = await f(point.map((value, n) => value + h * toward[n]!));
    const behind = await f(point.map((value, n) => value - h * toward[n]!));
    return Float64Array.from(ahead, (value, n) => (value - behind[n]!) / (2 * h));
  };
  const fine = await slope(step);
  const coarse = await slope(2 * step);
  return fine.map((value, n) => (4 * value - coarse[n]!) / 3);
}

/** Of a scalar, with respect to every coordinate of `point`. */
export async function gradientByDifferences(
  f: (point: Float64Array) => Promise<number>,
  point: Float64Array,
  step: number,
): Promise<Float64Array> {
  const gradient = new Float64Array(point.length);
  const unit = new Float64Array(point.length);
  for (let n = 0; n < point.length; n++) {
    unit.fill(0);
    unit[n] = 1;
    gradient[n] = (await derivativeAlong(async (at) => [await f(at)], point, unit, step))[0]!;
  }
  return gradient;
}
