/** Comparisons in the max norm, with messages that say how far off. */
import { expect } from "vitest";

export function maxNorm(values: ArrayLike<number>): number {
  return Array.from(values).reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

export function expectWithin(actual: ArrayLike<number>, expected: ArrayLike<number>, allowed: number, what: string) {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  for (let n = 0; n < expected.length; n++) {
    const difference = Math.abs(actual[n] - expected[n]);
    if (difference <= allowed) continue;
    expect.fail(`${what}: got ${actual[n]} at ${n}, expected ${expected[n]} ± ${allowed}; off by ${difference}`);
  }
}
