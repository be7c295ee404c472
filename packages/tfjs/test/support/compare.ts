/** Comparisons in the max norm. */
import { expect } from "vitest";

/**
 * @param relative allowed difference, relative to the largest expected entry
 * @param floor taken for the largest entry where that is smaller: float32 noise where the true value is nearly 0
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  relative: number,
  what: string,
  floor = 0,
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  const scale = Math.max(floor, ...Array.from(expected, Math.abs)) || 1;
  const worst = Array.from(expected, (value, n) => Math.abs(actual[n]! - value)).reduce((a, b) => (b <= a ? a : b), 0);
  expect(worst, `${what}: largest difference, of ${scale}`).toBeLessThanOrEqual(relative * scale);
}
