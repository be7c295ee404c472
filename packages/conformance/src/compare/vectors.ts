/** Vectors as they come: typed arrays of either precision, or plain numbers. */

export function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let n = 0; n < a.length; n++) sum += a[n]! * b[n]!;
  return sum;
}

/** The largest size of an entry; NaN where one is. */
export function maxNorm(values: ArrayLike<number>): number {
  let largest = 0;
  for (let n = 0; n < values.length; n++) {
    const size = Math.abs(values[n]!);
    if (!(size <= largest)) largest = size;
  }
  return largest;
}
