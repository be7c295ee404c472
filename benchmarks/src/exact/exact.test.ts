import { defineEnergy, energyAndGradient, referenceBackend, type Space } from "@comhe/core";
import { describe, expect, it } from "vitest";
import { makeLayer } from "../task/task.js";
import { errorsOf, isWrong } from "./errors.js";
import { layerTruths } from "./layer-truths.js";

const specs = (["half", "full"] as const).flatMap((space: Space) =>
  [0, 1, 2].map((s) => defineEnergy({ potential: { kind: "riesz", s }, space })),
);

describe("the truth", () => {
  it("is the reference's energy and a sample of its gradient, for all specs of the same rows", async () => {
    const layers = specs.map((spec) => makeLayer("rows", 150, 20, spec));
    const truths = await layerTruths({ layers, seed: 1 });
    for (const [n, { data, count, dim, spec }] of layers.entries()) {
      const weights = { data: Float64Array.from(data), shape: [count, dim] };
      const { energy, gradient } = await energyAndGradient(referenceBackend(), spec, weights);
      const { energy: got, rows } = truths[n]!;
      expect(got / energy).toBeCloseTo(1, 13);
      expect(rows.length).toBe(128);
      const result = { energies: [energy], gradients: [gradient as unknown as Float32Array] };
      expect(errorsOf([layers[n]!], result, [truths[n]!]).gradient).toBeLessThan(1e-12);
    }
  });
});

describe("errors", () => {
  const layers = [makeLayer("rows", 2, 2, specs[0]!)];
  const truth = [{ energy: 2, rows: Int32Array.of(1), gradient: Float64Array.of(0.5, -1) }];

  it("are relative to the energy and to the largest entry of the gradient", () => {
    const result = { energies: [2.002], gradients: [Float32Array.of(9, 9, 0.5, -0.75)] };
    const errors = errorsOf(layers, result, truth);
    expect(errors.energy).toBeCloseTo(1e-3, 12);
    expect(errors.gradient).toBe(0.25);
    expect(isWrong(errors)).toBe(true);
  });

  it("call a NaN wrong", () => {
    expect(
      isWrong(errorsOf(layers, { energies: [2], gradients: [Float32Array.of(0, 0, Number.NaN, -1)] }, truth)),
    ).toBe(true);
    expect(
      isWrong(errorsOf(layers, { energies: [Number.NaN], gradients: [Float32Array.of(0, 0, 0.5, -1)] }, truth)),
    ).toBe(true);
  });

  it("pass what is exact", () => {
    expect(isWrong(errorsOf(layers, { energies: [2], gradients: [Float32Array.of(0, 0, 0.5, -1)] }, truth))).toBe(
      false,
    );
  });
});
