/** The condition 2s < k − 1, for what each projection makes of the rows, and against the variance that core knows in closed form. */
import { describe, expect, it } from "vitest";
import { uniformSpread } from "../energy/uniform-spread.js";
import { defineEnergy } from "./define-energy.js";
import { fewDimensions, pointDimension } from "./few-dimensions.js";
import type { EnergyConfig } from "./types.js";

const spec = (config: EnergyConfig) => defineEnergy(config, { warn: () => undefined });
const riesz = (s: number, distance: "chordal" | "angular" = "chordal") => ({ kind: "riesz", s, distance }) as const;

describe("fewDimensions", () => {
  it.each([
    [2, 5, true],
    [2, 6, false],
    [1, 3, true],
    [1, 4, false],
    [2.5, 6, true],
    [0.5, 2, true],
    [0.5, 3, false],
    [0, 2, false],
    [-1, 2, false],
  ])("s = %d in %d dimensions: %s", (s, dim, warns) => {
    expect(fewDimensions(spec({ potential: riesz(s) }), dim) !== undefined).toBe(warns);
    if (s >= 0)
      expect(fewDimensions(spec({ potential: riesz(s, "angular"), space: "half" }), dim) !== undefined).toBe(warns);
  });

  it("says what was found and what would do", () => {
    expect(fewDimensions(spec({}), 4)).toMatch(
      /^potential\.s: .* in 4 dimensions .* at s = 2: 2s < k − 1 wants s < 1\.5/,
    );
  });

  it("is silent of what is bounded, and of objectives", () => {
    for (const config of [
      { potential: { kind: "gaussian", t: 2 } },
      { potential: { kind: "frame", p: 2 } },
      { objective: { kind: "uniformity", t: 2 } },
    ] as const) {
      expect(fewDimensions(spec(config), 2)).toBeUndefined();
    }
  });

  it.each([
    ["none", {}, 40],
    [
      "fixed",
      { projection: { kind: "fixed", matrices: { data: new Array(2 * 3 * 40).fill(0.1), shape: [2, 3, 40] } } },
      3,
    ],
    ["random", { projection: { kind: "random", dimension: 4 } }, 4],
    ["random, of rows that have fewer", { projection: { kind: "random", dimension: 60 } }, 40],
    ["group, the last one shorter", { projection: { kind: "group", groups: 9 } }, 4],
    ["bilateral", { projection: { kind: "bilateral", rank: 5 } }, 5],
    ["pca", { projection: { kind: "pca", dimension: 4 } }, 4],
    ["adversarial", { projection: { kind: "adversarial", dimension: 4 } }, 4],
    ["angle-preserving", { projection: { kind: "angle-preserving", dimension: 4 } }, 4],
  ] as readonly [string, EnergyConfig, number][])("looks at the points, not the rows: %s", (_, config, dimension) => {
    expect(pointDimension(spec(config), 40)).toBe(dimension);
    expect(fewDimensions(spec(config), 40) !== undefined).toBe(dimension <= 5);
  });

  it("agrees with where the spread of random directions grows without a floor", () => {
    // With a floor the variance is finite, and grows as the floor falls exactly where the bare one isn't.
    for (const [s, dim] of [
      [2, 5],
      [2, 7],
      [1, 3],
      [1, 5],
    ] as const) {
      const deviation = (separationFloor: number) =>
        uniformSpread(riesz(s), "full", 50, dim, separationFloor).deviation;
      const grows = deviation(1e-6) > 1.2 * deviation(1e-2);
      expect(grows, `s = ${s}, k = ${dim}`).toBe(fewDimensions(spec({ potential: riesz(s) }), dim) !== undefined);
    }
  });
});
