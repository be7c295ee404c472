import { describe, expect, it } from "vitest";
import { intervalFactor, twoSidedP } from "./student-t.js";

describe("Student's t", () => {
  it("agrees with the closed form for one degree of freedom", () => {
    for (const t of [0.1, 1, 2.5, 40]) {
      expect(twoSidedP(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 6);
    }
  });

  it("agrees with the closed form for two degrees of freedom, far into the tail", () => {
    for (const t of [-3, 0.5, 20, 1e4]) {
      // 1 − |t|/√(t² + 2), without cancellation.
      const root = Math.sqrt(t * t + 2);
      const exact = 2 / (root * (root + Math.abs(t)));
      expect(Math.abs(twoSidedP(t, 2) / exact - 1)).toBeLessThan(1e-5);
    }
  });

  it("agrees with printed tables", () => {
    expect(twoSidedP(2.228139, 10)).toBeCloseTo(0.05, 6);
    expect(intervalFactor(0.95, 9)).toBeCloseTo(2.262157, 5);
    expect(intervalFactor(0.95, 23)).toBeCloseTo(2.068658, 5);
    expect(intervalFactor(0.99, 4)).toBeCloseTo(4.604095, 5);
  });

  it("gives 0 for an infinite t", () => {
    expect(twoSidedP(Number.POSITIVE_INFINITY, 5)).toBe(0);
  });
});
