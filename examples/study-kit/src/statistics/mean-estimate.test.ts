import { describe, expect, it } from "vitest";
import { estimateMean, pairedDifference } from "./mean-estimate.js";

describe("estimateMean", () => {
  it("gives mean, standard error and interval", () => {
    const { mean, standardError, low, high } = estimateMean([2, 4, 4, 4, 5, 5, 7, 9]);
    expect(mean).toBe(5);
    expect(standardError).toBeCloseTo(Math.sqrt(32 / 7 / 8), 12);
    // t of 7 degrees of freedom at 95 %: 2.364624.
    expect(high! - mean).toBeCloseTo(2.364624 * standardError!, 5);
    expect(mean - low!).toBeCloseTo(high! - mean, 12);
  });

  it("knows no spread of a single value", () => {
    expect(estimateMean([3])).toEqual({ n: 1, mean: 3, standardError: null, low: null, high: null });
  });
});

describe("pairedDifference", () => {
  // Student's sleep data (1908): t = −4.0621, 9 degrees of freedom, p = 0.002833, interval −2.459886 to −0.7001142.
  const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
  const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

  it("reproduces the paired test of Student's sleep data", () => {
    const difference = pairedDifference(first, second);
    expect(difference.mean).toBeCloseTo(-1.58, 10);
    expect(difference.p).toBeCloseTo(0.002833, 6);
    expect(difference.low).toBeCloseTo(-2.459886, 5);
    expect(difference.high).toBeCloseTo(-0.7001142, 5);
  });

  it("counts wins, ties and losses", () => {
    expect(pairedDifference([1, 2, 3, 4], [2, 2, 1, 5])).toMatchObject({ wins: 2, ties: 1, losses: 1 });
  });

  it("takes equal lists for equal", () => {
    expect(pairedDifference([1, 2], [1, 2]).p).toBe(1);
  });

  it("refuses lists of different lengths", () => {
    expect(() => pairedDifference([1], [1, 2])).toThrow("got 1 and 2");
  });
});
