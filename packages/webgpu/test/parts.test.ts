/**
 * Rows that are more than a buffer may hold: on a device that is made to say a quarter of a mebibyte, where they lie in three buffers. Held to the
 * float64 reference, and to the same device without that limit.
 */
import {
  type Backend,
  createEvaluator,
  type EnergyConfig,
  energyAndGradient,
  pairStatistics,
  randomStream,
  referenceBackend,
  type TableRequest,
} from "@comhe/core";
import { afterAll, describe, expect, it } from "vitest";
import { openDevice } from "../src/device/open-device.js";
import { type WebgpuBackend, webgpuBackend } from "../src/index.js";
import { furthest } from "./support/furthest.js";
import { noGpu } from "./support/node-gpu.js";
import { smallDevice } from "./support/small-device.js";

const energies = [
  { potential: { kind: "riesz", s: 2, distance: "chordal" }, space: "half", separationFloor: 0.01 },
] as const;
const limit = 2 ** 18;
const [count, dim] = [1100, 61];

/** Near rows and rows that coincide, in one block and in two; a row of zeros. */
function rows(): Float32Array {
  const data = randomStream(9, "parts", 0).fillNormal(new Float32Array(count * dim));
  const beside = (row: number, of: number, factor: number, chord: number) => {
    for (let k = 0; k < dim; k++) data[row * dim + k] = factor * (data[of * dim + k]! + (k === 3 ? chord : 0));
  };
  beside(1, 0, 2, 0.1);
  beside(700, 0, -1, 0.2);
  beside(1099, 3, 0.5, 0);
  beside(1098, 600, -3, 0.01);
  data.fill(0, 5 * dim, 6 * dim);
  return data;
}

const weights = { data: rows(), shape: [count, dim] as const };

const [short, one] = [
  { dimension: 8, count: 2 },
  { dimension: 8, count: 2, steps: 1, learningRate: 0.1 },
];
const some: [string, EnergyConfig][] = [
  ["half space", { space: "half" }],
  ["ε > 0", { space: "half", normEpsilon: 0.5, potential: { kind: "riesz", s: 1, distance: "angular" } }],
  ["random projections", { space: "half", projection: { kind: "random", ...short } }],
  ["more projections than a buffer holds", { projection: { kind: "random", dimension: 16, count: 4 } }],
];
const others: [string, EnergyConfig][] = [
  ["full space", { space: "full" }],
  ["adversarial projections", { projection: { kind: "adversarial", ...one, through: "stopped" } }],
  ["the same, unrolled", { projection: { kind: "adversarial", ...one, through: "unrolled" } }],
  ["angle-preserving projections", { projection: { kind: "angle-preserving", ...one, through: "stopped" } }],
  ["the same, unrolled", { projection: { kind: "angle-preserving", ...one, through: "unrolled" } }],
  ["groups of columns", { projection: { kind: "group", groups: 4, shuffle: true } }],
  ["bilateral projections", { projection: { kind: "bilateral", rank: 8 } }],
  ["principal components", { projection: { kind: "pca", dimension: 8 } }],
];
const all = process.env.COMHE_ALL_CHECKS === "1";
if (!all)
  console.info(
    "rows in several buffers: the other strategies are left to npm run test:all, they compile fifty kernels",
  );

describe.skipIf(noGpu !== undefined)("rows in several buffers", () => {
  const kept: { device?: GPUDevice; backend?: WebgpuBackend; whole?: WebgpuBackend } = {};
  const open = async () => {
    kept.device ??= await openDevice();
    const small = { maxBufferSize: limit, maxStorageBufferBindingSize: limit - 4 };
    kept.backend ??= await webgpuBackend({ device: smallDevice(kept.device, small) });
    kept.whole ??= await webgpuBackend({ device: kept.device });
    return { backend: kept.backend, whole: kept.whole };
  };
  afterAll(() => {
    kept.backend?.dispose();
    kept.whole?.dispose();
    kept.device?.destroy();
  });

  it.each<[string, EnergyConfig]>(all ? [...some, ...others] : some)("%s: energy and gradient", async (_, config) => {
    const { backend, whole } = await open();
    const options = { seed: 3 };
    const actual = await energyAndGradient(backend, config, weights, options);
    const expected = await energyAndGradient(referenceBackend(), config, weights, options);
    expect(Math.abs(actual.energy / expected.energy - 1)).toBeLessThan(1e-5);
    expect(furthest(actual.gradient, expected.gradient)).toBeLessThan(1e-4);
    if (config.projection === undefined) {
      const unsplit = await energyAndGradient(whole, config, weights, options);
      expect(Math.abs(actual.energy / unsplit.energy - 1)).toBeLessThan(1e-6);
      expect(furthest(actual.gradient, unsplit.gradient)).toBeLessThan(1e-4);
    }
    expect(actual.deadNeurons).toBe(1);
    expect(await createEvaluator(backend, config, options).energy(weights)).toBeCloseTo(actual.energy, 6);
    expect(backend.memory().arrays).toBe(0);
  });

  it("what needs them in one is refused, with the reason", async () => {
    const { backend } = await open();
    const objective = { objective: { kind: "orthogonality" } } as const;
    await expect(energyAndGradient(backend, objective, weights)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/"transpose" needs \[1, 1100, 61\] in one buffer, and it lies in 3\. Energies/),
    });
    const array = backend.upload(weights.data, [1, count, dim]);
    expect(() => backend.toBuffer(array)).toThrow(/\[1, 1100, 61\] takes 268400 bytes, maxBufferSize is 262144/);
    const { again } = await backend.download({ again: array });
    expect(again).toEqual(weights.data);
    const wide = 2 ** 12;
    expect(() => backend.upload(new Float32Array(20 * wide), [1, 20, wide])).toThrow(/takes 327680 bytes/);
  });

  it("leave as one buffer where that may be longer than what is bound", async () => {
    await open();
    const device = smallDevice(kept.device!, { maxBufferSize: 2 * limit, maxStorageBufferBindingSize: limit - 4 });
    const backend = await webgpuBackend({ device });
    const buffer = backend.toBuffer(backend.upload(weights.data, [1, count, dim]));
    const read = device.createBuffer({ size: buffer.size, usage: 0x1 | 0x8 }); // MAP_READ | COPY_DST
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, read, 0, buffer.size);
    device.queue.submit([encoder.finish()]);
    await read.mapAsync(1);
    expect(new Float32Array(read.getMappedRange())).toEqual(weights.data);
    expect(() => backend.fromBuffer(buffer, [1, count, dim])).toThrow(/maxStorageBufferBindingSize is 262140/);
    expect(backend.memory().arrays).toBe(0);
    for (const each of [buffer, read]) each.destroy();
    backend.dispose();
  });

  it("statistics: the same counts, rows and pairs", async () => {
    const { backend, whole } = await open();
    const numbers = (name: string) => randomStream(2, name, 0).fillNormal(new Float32Array(count));
    const about = { own: numbers("own"), other: numbers("other"), offset: numbers("offset") };
    for (const normEpsilon of [0, 0.5]) {
      const request: TableRequest = {
        ...{ energies, shareOf: 0, about, normEpsilon, angleBins: 30, nearest: "half" },
        ...{ similar: { space: "half", limit: 5 }, within: { space: "full", chord: 1 } },
      };
      const of = (on: Backend<never>) => pairStatistics(on, weights, request);
      const [actual, unsplit] = [await of(backend as never), await of(whole as never)];
      const expected = await of(referenceBackend() as never);
      for (const other of [unsplit, expected]) {
        expect(furthest(actual.energies, other.energies)).toBeLessThan(1e-5);
        expect(furthest(actual.shares, other.shares)).toBeLessThan(1e-5);
        expect(actual.meanAbsoluteCosine).toBeCloseTo(other.meanAbsoluteCosine, 6);
        expect(actual.about!.squareSum / other.about!.squareSum).toBeCloseTo(1, 5);
        expect(String(actual.nearestRows)).toBe(String(other.nearestRows));
        expect(furthest(actual.nearestCosines, other.nearestCosines)).toBeLessThan(1e-6);
        expect(actual.similar.map(({ i, j }) => [i, j])).toEqual(other.similar.map(({ i, j }) => [i, j]));
        expect(actual.pairsWithin).toBe(other.pairsWithin);
        expect(actual.rowsWithin).toBe(other.rowsWithin);
      }
      expect(String(actual.angles)).toBe(String(unsplit.angles));
    }
    expect(backend.memory().arrays).toBe(0);
  });
});
