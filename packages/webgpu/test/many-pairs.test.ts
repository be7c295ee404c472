/**
 * Ten to the eight pairs, whose sums float32 could lose: energy, gradient and statistics against float64. It takes minutes of a GPU in software, so
 * that `npm run test:all` runs it alone.
 */
import { energyAndGradient, pairStatistics, randomStream, referenceBackend } from "@comhe/core";
import { describe, expect, it } from "vitest";
import { webgpuBackend } from "../src/index.js";
import { noGpu } from "./support/node-gpu.js";

const [count, dim] = [14_143, 4];
const config = { space: "half", potential: { kind: "riesz", s: 2, distance: "chordal" } } as const;
const energies = [{ ...config, separationFloor: 0.01 }] as const;

const all = process.env.COMHE_ALL_CHECKS === "1";
if (!all) console.info("sums of 10⁸ pairs: left to npm run test:all, they take minutes of a GPU in software");

describe.skipIf(!all || noGpu !== undefined)("10⁸ pairs", () => {
  const data = randomStream(8, "many pairs", 0).fillNormal(new Float32Array(count * dim));
  const shape = [count, dim] as const;

  it("keep 1e-5 of the energy and 1e-4 of the gradient, and statistics count every pair", {
    timeout: 1_800_000,
  }, async () => {
    const backend = await webgpuBackend();
    const found = await pairStatistics(backend, { data, shape }, { energies, angleBins: 90 });
    const actual = await energyAndGradient(backend, config, { data, shape });
    backend.dispose();
    const wide = { data: Float64Array.from(data), shape };
    const expected = await energyAndGradient(referenceBackend(), config, wide);
    const sums = await pairStatistics(referenceBackend(), wide, { energies, angleBins: 90 });
    let [off, largest] = [0, 0];
    for (let n = 0; n < data.length; n++) {
      off = Math.max(off, Math.abs(expected.gradient[n]! - actual.gradient[n]!));
      largest = Math.max(largest, Math.abs(expected.gradient[n]!));
    }
    const errors = {
      energy: Math.abs(actual.energy / expected.energy - 1),
      gradient: off / largest,
      statistics: Math.abs(found.energies[0]! / sums.energies[0]! - 1),
    };
    const pairs = (count * (count - 1)) / 2;
    console.info(`${pairs} pairs, relative errors: ${JSON.stringify(errors)}`);
    expect(found.angles.reduce((sum, value) => sum + value, 0)).toBe(pairs);
    expect(errors.energy).toBeLessThan(1e-5);
    expect(errors.statistics).toBeLessThan(1e-5);
    expect(errors.gradient).toBeLessThan(1e-4);
  });
});
