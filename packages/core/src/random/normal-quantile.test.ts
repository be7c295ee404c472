/** The quantile against 20-digit reference values (computed with 40-digit arithmetic). */
import { expect, it } from "vitest";
import { normalQuantile } from "./normal-quantile.js";

it.each([
  [0.975, 1.959963984540054],
  [0.3, -0.524400512708041],
  [0.075, -1.439531470938456],
  [0.925, 1.439531470938456],
  [0.01, -2.326347874040841],
  [2e-4, -3.540083799206145],
  [1e-9, -5.997807015007687],
  [1e-10, -6.361340902404056],
])("p = %s", (p, z) => {
  expect(Math.abs(normalQuantile(p) - z) / Math.abs(z)).toBeLessThan(2e-15 + 1e-16 / (1 - p));
});

it("is 0 at ½ and odd around it", () => {
  expect(normalQuantile(0.5)).toBe(0);
  // Multiples of 2⁻³³, for which 1 − p is exact.
  for (let n = 1; n < 2 ** 32; n = n * 3 + 1)
    expect(normalQuantile(1 - n / 2 ** 33)).toBe(-normalQuantile(n / 2 ** 33));
});

it("rises, across the seams of its pieces too", () => {
  const values = Array.from({ length: 19_999 }, (_, n) => normalQuantile((n + 1) / 20_000));
  expect(values.findIndex((z, n) => n > 0 && !(z > values[n - 1]!))).toBe(-1);
  for (const seam of [0.075, 0.925]) {
    expect(normalQuantile(seam + 1e-13) - normalQuantile(seam - 1e-13)).toBeLessThan(1e-11);
  }
});

it("reaches the ends of 32-bit uniform numbers", () => {
  expect(normalQuantile(0.5 / 2 ** 32)).toBeCloseTo(-6.337957754553789, 12);
  expect(normalQuantile((2 ** 32 - 0.5) / 2 ** 32)).toBeCloseTo(6.337957754553789, 12);
});
