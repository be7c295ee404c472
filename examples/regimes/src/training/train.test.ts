import { expect, it } from "vitest";
import { hostRegimes, regimeNamed } from "../regimes/all.js";
import { longTail } from "../regimes/digits.js";
import { energyOf, settingsOf } from "../study/arms.js";

const folders = { fashion: "" };
const base = { learningRate: 0.02, weightDecay: 5e-3 };

it("makes the same run of the same job, and another of another energy", async () => {
  const train = await regimeNamed("shallow").open(folders);
  const job = { ...settingsOf("half-space-mhe", base, 300, [20, 5]), regime: "shallow", seed: 3 };
  const [{ seconds: _, ...first }, { seconds: __, ...again }] = [await train(job), await train(job)];
  expect(again).toEqual(first);
  expect(first.testError).toBeLessThan(20);
  expect(first.energyAfter!).toBeLessThan(first.energyBefore!);
  const { energyAfter } = await train({ ...base, regime: "shallow", seed: 3 });
  expect(energyAfter!).toBeGreaterThan(first.energyAfter!);
});

it("counts a divergence as all wrong", async () => {
  const train = await regimeNamed("deep-plain").open(folders);
  const { diverged, testError, energyAfter } = await train({
    learningRate: 100,
    weightDecay: 0,
    regime: "deep-plain",
    seed: 1,
  });
  expect({ diverged, testError, energyAfter }).toEqual({ diverged: true, testError: 100, energyAfter: null });
});

it("has a projection that fits in every regime's grid", () => {
  for (const { name, network, grid } of hostRegimes) {
    for (const [dimension] of grid.projections) {
      for (const { shape } of network(1).regularized) expect(dimension, name).toBeLessThanOrEqual(shape![1]);
    }
  }
  expect(energyOf("random-comhe", [4, 2])).toEqual({
    space: "half",
    projection: { kind: "random", dimension: 4, count: 2 },
  });
});

it("thins classes out along a geometric series, another first for another seed", () => {
  const labels = Uint8Array.from({ length: 1000 }, (_, row) => row % 10);
  const pool = { count: 1000, inputs: new Float32Array(1000), labels };
  const countsOf = (seed: number) => {
    const counts = new Array<number>(10).fill(0);
    for (const row of longTail(pool, seed).taken) counts[labels[row]!]!++;
    return counts;
  };
  expect(countsOf(0)).toEqual([40, 29, 21, 15, 11, 8, 5, 4, 3, 2]);
  expect(countsOf(9)[1]).toBe(40);
  expect(longTail(pool, 0).others).toHaveLength(1000 - 138);
});
