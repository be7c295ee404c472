/**
 * Rows that really are more than a device binds: 151 MB on one made with WebGPU's own limits, 128 MiB, against the wasm backend. It takes minutes of a GPU
 * in software, so that `npm run test:all` runs it alone.
 */
import { type Backend, energyAndGradient, pairStatistics, randomStream } from "@comhe/core";
import { wasmBackend } from "@comhe/wasm";
import { describe, expect, it } from "vitest";
import { webgpuBackend } from "../src/index.js";
import { noGpu } from "./support/node-gpu.js";

const [count, dim] = [1152, 32_768];
const all = process.env.COMHE_ALL_CHECKS === "1";
if (!all) console.info("rows of 151 MB: left to npm run test:all, they take minutes of a GPU in software");

const kept: unknown[] = [];

async function deviceOfDefaults(): Promise<GPUDevice> {
  const { create } = (await import("webgpu")) as unknown as { create(flags: string[]): GPU };
  const instance = create([]);
  const adapter = await instance.requestAdapter();
  // Dawn crashes where these are collected under a device's feet.
  kept.push(instance, adapter);
  return adapter!.requestDevice();
}

describe.skipIf(!all || noGpu !== undefined)("rows of 151 MB, 128 MiB a buffer", () => {
  const weights = {
    data: randomStream(3, "large rows", 0).fillNormal(new Float32Array(count * dim)),
    shape: [count, dim] as const,
  };
  const random = { kind: "random", dimension: 30, count: 5 } as const;
  const energies = [
    { potential: { kind: "riesz", s: 2, distance: "chordal" }, space: "half", separationFloor: 0.01 },
  ] as const;

  it("energy, gradient, random projections and statistics", { timeout: 1_800_000 }, async () => {
    const device = await deviceOfDefaults();
    expect(device.limits.maxStorageBufferBindingSize).toBeLessThan(weights.data.byteLength);
    const [backend, other] = [await webgpuBackend({ device }), await wasmBackend()];
    for (const config of [{ space: "half" }, { space: "half", projection: random }] as const) {
      const of = <A>(on: Backend<A>) => energyAndGradient(on, config, weights, { seed: 2 });
      const [actual, expected] = [await of(backend), await of(other)];
      let [off, largest] = [0, 0];
      for (let n = 0; n < weights.data.length; n++) {
        off = Math.max(off, Math.abs(expected.gradient[n]! - actual.gradient[n]!));
        largest = Math.max(largest, Math.abs(expected.gradient[n]!));
      }
      const errors = { energy: Math.abs(actual.energy / expected.energy - 1), gradient: off / largest };
      console.info(`${JSON.stringify(config)}: relative errors ${JSON.stringify(errors)}`);
      expect(errors.energy).toBeLessThan(1e-5);
      expect(errors.gradient).toBeLessThan(1e-4);
    }
    const of = <A>(on: Backend<A>) => pairStatistics(on, weights, { energies, nearest: "half", angleBins: 90 });
    const [actual, expected] = [await of(backend), await of(other)];
    expect(Math.abs(actual.energies[0]! / expected.energies[0]! - 1)).toBeLessThan(1e-5);
    expect(actual.angles.reduce((sum, value) => sum + value, 0)).toBe((count * (count - 1)) / 2);
    expect(String(actual.nearestRows)).toBe(String(expected.nearestRows));
    await other.dispose?.();
    backend.dispose();
    device.destroy();
  });
});
