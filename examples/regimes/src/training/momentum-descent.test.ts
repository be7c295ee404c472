import { energyAndGradient, randomStream, referenceBackend } from "@comhe/core";
import { expect, it } from "vitest";
import { cosineRate, momentumDescent } from "./momentum-descent.js";
import { addOrthogonality } from "./orthogonality.js";

it("steps along momentum, kernels alone decaying", () => {
  const kernel = { name: "k", value: Float32Array.of(1), gradient: Float32Array.of(2), shape: [1, 1] as const };
  const bias = { name: "b", value: Float32Array.of(1), gradient: Float32Array.of(2) };
  const step = momentumDescent([kernel, bias], { momentum: 0.5, weightDecay: 1 });
  step(0.1);
  expect(kernel.value[0]).toBeCloseTo(1 - 0.1 * (2 + 1), 6);
  expect(bias.value[0]).toBeCloseTo(1 - 0.1 * 2, 6);
  step(0.1);
  expect(bias.value[0]).toBeCloseTo(0.8 + 0.5 * -0.2 - 0.2, 6);
});

it("falls to zero along a cosine", () => {
  expect(cosineRate(2, 0)).toBe(2);
  expect(cosineRate(2, 0.5)).toBeCloseTo(1, 12);
  expect(cosineRate(2, 1)).toBe(0);
});

it.each([
  [4, 6],
  [6, 4],
] as const)("adds the gradient of core's orthogonality objective, %i neurons in %i dimensions", async (count, dim) => {
  const value = randomStream(5, "w", 0).fillNormal(new Float32Array(count * dim));
  const gradient = new Float32Array(count * dim);
  addOrthogonality({ name: "w", value, gradient, shape: [count, dim] }, 0.5);
  const expected = await energyAndGradient(
    referenceBackend(),
    { objective: { kind: "orthogonality" } },
    { data: value, shape: [count, dim] },
  );
  const scale = Math.max(...expected.gradient.map(Math.abs));
  gradient.forEach((slope, at) => {
    expect(Math.abs(slope - 0.5 * expected.gradient[at]!) / scale).toBeLessThan(1e-5);
  });
});
