/** The largest error, relative to the largest expected number. */
export function furthest(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [error, largest] = [0, 0];
  for (let n = 0; n < expected.length; n++) {
    error = Math.max(error, Math.abs(actual[n]! - expected[n]!));
    largest = Math.max(largest, Math.abs(expected[n]!));
  }
  return error / largest;
}
