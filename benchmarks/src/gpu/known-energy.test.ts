import { energyAndGradient, referenceBackend } from "@comhe/core";
import { expect, test } from "vitest";
import { knownEnergy, knownRows } from "./known-energy.js";
import { flopsOf, parseShapes } from "./shapes.js";

test.each([
  [36, 8],
  [32, 30],
])("the energy of %i×%i rows of two halves is that of the reference backend", async (count, dim) => {
  const rows = knownRows(count, dim);
  const weights = { data: Float64Array.from(rows.data), shape: [count, dim] };
  const { energy } = await energyAndGradient(referenceBackend(), { space: "half" }, weights);
  expect(Math.abs(knownEnergy(rows) / energy - 1)).toBeLessThan(1e-8);
});

test("shapes are read from words, and refused where they can't be made", () => {
  expect(parseShapes("1024x512,64×8")).toEqual([
    { count: 1024, dim: 512 },
    { count: 64, dim: 8 },
  ]);
  expect(flopsOf({ count: 10, dim: 2 }, true)).toBe(600);
  for (const wrong of ["1024", "12x3", "1.5x2", "ax4", "1x2x3"])
    expect(() => parseShapes(wrong)).toThrow(/expected rows/);
  expect(() => knownRows(13, 4)).toThrow(/a product/);
});
