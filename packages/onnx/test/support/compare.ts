/** Comparison with the float64 reference backend. */
import {
  createEvaluator,
  type EnergyConfig,
  type EnergyResult,
  type Kernel,
  randomStream,
  referenceBackend,
} from "@comhe/core";
import { expect } from "vitest";

export function normalRows(count: number, dim: number, seed = 1): Float32Array {
  return randomStream(seed, "test", 0).fillNormal(new Float32Array(count * dim));
}

export function referenceResult(config: EnergyConfig, { data, shape }: Kernel, seed = 0): Promise<EnergyResult> {
  return createEvaluator(referenceBackend(), config, { seed }).evaluate({ data: Float64Array.from(data), shape });
}

/** Relative to |E|, and as ρ·g to max(‖ρ·g‖∞, |E|). */
export function expectSame(
  actual: { readonly energy: number; readonly gradient: ArrayLike<number> },
  expected: EnergyResult,
  { data, shape }: Kernel,
  [energyTolerance, gradientTolerance]: readonly [energy: number, gradient: number],
): void {
  const scale = Math.abs(expected.energy);
  expect(Math.abs(actual.energy - expected.energy)).toBeLessThanOrEqual(energyTolerance * Math.max(scale, 1e-3));
  const [count, dim] = shape as [number, number];
  let largest = scale;
  let difference = 0;
  for (let i = 0; i < count; i++) {
    let square = 0;
    for (let k = 0; k < dim; k++) square += data[i * dim + k]! ** 2;
    const norm = Math.sqrt(square);
    for (let k = i * dim; k < (i + 1) * dim; k++) {
      largest = Math.max(largest, norm * Math.abs(expected.gradient[k]!));
      difference = Math.max(difference, norm * Math.abs(actual.gradient[k]! - expected.gradient[k]!));
    }
  }
  expect(difference).toBeLessThanOrEqual(gradientTolerance * largest);
}
