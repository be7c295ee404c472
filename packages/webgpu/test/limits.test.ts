/**
 * On a device that binds a mebibyte at most: what fits is computed in slices, with the numbers of a large one; what doesn't is refused by an error that
 * says what was asked, what there is, and what to do.
 */
import {
  type Backend,
  type EnergyConfig,
  energyAndGradient,
  pairStatistics,
  randomStream,
  referenceBackend,
} from "@comhe/core";
import { afterAll, describe, expect, it } from "vitest";
import { openDevice } from "../src/device/open-device.js";
import { type WebgpuBackend, webgpuBackend } from "../src/index.js";
import { noGpu } from "./support/node-gpu.js";
import { smallDevice } from "./support/small-device.js";

/** As of GPUs whose limit is 2³¹ − 4: no whole number of vectors. */
const limit = 2 ** 20 - 4;
const dim = 6;
const weights = (count: number) => ({
  data: randomStream(4, "limits", 0).fillNormal(new Float32Array(count * dim)),
  shape: [count, dim] as const,
});

describe.skipIf(noGpu !== undefined)("a device that binds a mebibyte", () => {
  let made: { readonly device: GPUDevice; readonly backend: WebgpuBackend } | undefined;
  const open = async () => {
    const device = made?.device ?? (await openDevice());
    const small = smallDevice(device, { maxBufferSize: limit, maxStorageBufferBindingSize: limit });
    made ??= { device, backend: await webgpuBackend({ device: small }) };
    return made.backend;
  };
  afterAll(() => {
    made?.backend.dispose();
    made?.device.destroy();
  });
  const tooLarge = (shape: string) => ({
    code: "unsupported",
    details: { limit, limitName: "maxBufferSize" },
    message: expect.stringMatching(
      new RegExp(`an array \\[${shape}\\] takes \\d+ bytes, maxBufferSize is ${limit}\\. Project to fewer.*fewer rows`),
    ),
  });

  it("holds arrays up to the last whole vector, and refuses the next number", async () => {
    const backend = await open();
    const most = Math.floor(limit / 16) * 4;
    const data = Float32Array.from({ length: most }, (_, n) => n);
    const { twice } = await backend.download({
      twice: backend.scope(() => backend.combine([[2, backend.upload(data, [1, 1, most])]])),
    });
    expect(twice.findIndex((value, n) => value !== 2 * n)).toBe(-1);
    const upload = async () => backend.upload(new Float32Array(most + 1), [1, 1, most + 1]);
    await expect(upload()).rejects.toMatchObject(tooLarge(`1, 1, ${most + 1}`));
  });

  it("computes pairs whose slopes are more than it binds", async () => {
    const config: EnergyConfig = { space: "half" };
    const [actual, expected] = await Promise.all([
      energyAndGradient(await open(), config, weights(600)),
      energyAndGradient(referenceBackend(), config, weights(600)),
    ]);
    expect(Math.abs(actual.energy / expected.energy - 1)).toBeLessThan(1e-5);
    const largest = Math.max(...expected.gradient.map(Math.abs));
    const furthest = Math.max(...expected.gradient.map((value, n) => Math.abs(value - actual.gradient[n]!)));
    expect(furthest / largest).toBeLessThan(1e-4);
  });

  it("collects statistics of more tiles than it binds", async () => {
    const energies = [
      { potential: { kind: "riesz", s: 2, distance: "chordal" }, space: "half", separationFloor: 0.01 },
    ] as const;
    const of = async (backend: Backend<unknown>) =>
      pairStatistics(backend, weights(2048), { energies, shareOf: 0, nearest: "half" });
    const [actual, expected] = [
      await of((await open()) as Backend<unknown>),
      await of(referenceBackend() as Backend<unknown>),
    ];
    expect(Math.abs(actual.energies[0]! / expected.energies[0]! - 1)).toBeLessThan(1e-5);
    expect(actual.nearestRows).toEqual(expected.nearestRows);
  });

  it("reads at once more than a buffer holds", async () => {
    const backend = await open();
    const half = 2 ** 17;
    const arrays = Object.fromEntries(
      ["a", "b", "c"].map((name, n) => [name, backend.upload(new Float32Array(half).fill(n + 1), [1, 1, half])]),
    );
    const read = await backend.download(arrays);
    expect(Object.values(read).map((numbers) => numbers.findIndex((value) => value !== numbers[0]))).toEqual([
      -1, -1, -1,
    ]);
    expect(Object.values(read).map((numbers) => [numbers.length, numbers[0]])).toEqual([1, 2, 3].map((n) => [half, n]));
  });
});
