import { describe, expect, it } from "vitest";
import { angleBin } from "./angle-bin.js";
import { uniformAngleDensity } from "./uniform-angles.js";

describe("uniformAngleDensity", () => {
  it.each([2, 3, 8, 48, 500])("integrates to 1 in %i dimensions", (dim) => {
    const steps = 4000;
    const width = Math.PI / steps;
    let area = 0;
    for (let step = 0; step < steps; step++) area += uniformAngleDensity((step + 0.5) * width, dim) * width;
    expect(area).toBeCloseTo(1, 6);
  });

  it("is uniform on the circle and ½ sin θ on the sphere", () => {
    expect(uniformAngleDensity(1, 2)).toBeCloseTo(1 / Math.PI, 10);
    expect(uniformAngleDensity(1, 3)).toBeCloseTo(Math.sin(1) / 2, 10);
  });
});

describe("angleBin", () => {
  it("covers 0 to π, ends included", () => {
    expect([0, Math.PI / 2 - 1e-9, Math.PI / 2 + 1e-9, Math.PI].map((theta) => angleBin(theta, 10))).toEqual([
      0, 4, 5, 9,
    ]);
  });
});
