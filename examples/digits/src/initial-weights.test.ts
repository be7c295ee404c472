import { describe, expect, it } from "vitest";
import { type InitialKernel, normalKernel, orthogonalKernel } from "./initial-weights.js";

/** Neurons' inner products: KᵀK. */
function gram({ data, shape: [inputs, units] }: InitialKernel): number[][] {
  const at = (input: number, unit: number) => data[input * units + unit]!;
  return Array.from({ length: units }, (_, a) =>
    Array.from({ length: units }, (_, b) =>
      Array.from({ length: inputs }, (_, i) => at(i, a) * at(i, b)).reduce((sum, value) => sum + value, 0),
    ),
  );
}

describe("normalKernel", () => {
  it("has variance gain/fan-in", () => {
    const { data } = normalKernel(64, 400, 1, "layer", 2);
    const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length;
    expect(variance / (2 / 64)).toBeCloseTo(1, 1);
  });

  it("is fixed by seed and layer", () => {
    const draw = (seed: number, layer: string) => [...normalKernel(4, 4, seed, layer, 2).data];
    expect(draw(1, "a")).toEqual(draw(1, "a"));
    expect(draw(1, "a")).not.toEqual(draw(2, "a"));
    expect(draw(1, "a")).not.toEqual(draw(1, "b"));
  });
});

describe("orthogonalKernel", () => {
  it.each([
    [64, 48],
    [48, 48],
  ])("makes orthogonal neurons of squared norm 2, %i inputs to %i units", (inputs, units) => {
    gram(orthogonalKernel(inputs, units, 1, "layer", 2)).forEach((row, a) => {
      row.forEach((value, b) => {
        expect(value).toBeCloseTo(a === b ? 2 : 0, 5);
      });
    });
  });
});
