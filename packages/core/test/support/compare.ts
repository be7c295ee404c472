/** Comparisons in the max norm, with messages that say how far off. */
import { expect } from "vitest";

export function maxNorm(values: Iterable<number>): number {
  let largest = 0;
  for (const value of values) largest = Number.isNaN(value) ? Number.NaN : Math.max(largest, Math.abs(value));
  return largest;
}

export interface Tolerance {
  /** Allowed max-norm difference, relative to `scale`. */
  readonly relative: number;
  /** Default: the largest entry of `expected`; 1 where that is 0. */
  readonly scale?: number;
}

export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative, scale = maxNorm(Array.from(expected)) || 1 }: Tolerance,
  what = "arrays",
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  let worst = 0;
  let at = -1;
  for (let n = 0; n < expected.length; n++) {
    const difference = Math.abs(actual[n] - expected[n]);
    if (!(difference <= worst)) {
      worst = difference;
      at = n;
      if (Number.isNaN(difference)) break;
    }
  }
  if (worst <= relative * scale) return;
  expect.fail(
    `${what} differ by ${worst} at ${at} (got ${actual[at]}, expected ${expected[at]}); ` +
      `allowed ${relative} × ${scale} = ${relative * scale}`,
  );
}

export function expectCloseNumber(actual: number, expected: number, tolerance: Tolerance, what = "numbers"): void {
  expectClose([actual], [expected], tolerance, what);
}
