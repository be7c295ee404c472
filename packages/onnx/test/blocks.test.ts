/** Many rows: blocks in a loop, batches of them, near pairs across blocks, and graphs that don't grow with N. */
import { type EnergyConfig, energyAndGradient } from "@comhe/core";
import { afterAll, describe, expect, it } from "vitest";
import { exportEnergyModel } from "../src/index.js";
import { expectSame, normalRows, referenceResult } from "./support/compare.js";
import { backendOn } from "./support/runtimes.js";

const backend = await backendOn("onnxruntime-node, cpu");
afterAll(() => backend.dispose());

const configs: Record<string, EnergyConfig> = {
  "half, s = 2": { space: "half" },
  "half, s = 0": { space: "half", potential: { kind: "riesz", s: 0 } },
  "half, angular": { space: "half", potential: { kind: "riesz", s: 1, distance: "angular" } },
  "full, s = 2": { space: "full" },
  "full, s = 1": { space: "full", potential: { kind: "riesz", s: 1 } },
  "full, gaussian": { space: "full", potential: { kind: "gaussian", t: 2 } },
  "half, ε > 0": { space: "half", normEpsilon: 0.1 },
  "full, ε > 0": { space: "full", normEpsilon: 0.1 },
  "half, three projections": { space: "half", projection: { kind: "random", dimension: 9, count: 3 } },
};

describe.each(Object.entries(configs))("%s", (_, config) => {
  // 515: blocks that N doesn't fill, of 258 rows; 257: one row more than a tile, a single block; 800: three blocks.
  it.each([257, 515, 800])("%i rows", async (count) => {
    const weights = { data: normalRows(count, 24), shape: [count, 24] };
    const actual = await energyAndGradient(backend, config, weights);
    expectSame(actual, await referenceResult(config, weights), weights, [1e-5, 1e-4]);
  });
});

describe.each(["half", "full"] as const)("near pairs in %s space", (space) => {
  const [count, dim] = [520, 16];
  // Rows of the first block and the second; within a block and across; near each other, and near the opposite.
  const pairs = [
    [3, 7, 0.05],
    [10, 400, 0.05],
    [11, 515, 0.004],
    [300, 301, 0],
    [20, 350, 0],
  ] as const;

  it.each([1, -1])("pairs %i", async (sign) => {
    const data = normalRows(count, dim);
    const noise = normalRows(count, dim, 2);
    for (const [from, to, distance] of pairs) {
      for (let k = 0; k < dim; k++) {
        data[to * dim + k] = sign * data[from * dim + k]! + distance * noise[to * dim + k]!;
      }
    }
    const weights = { data, shape: [count, dim] };
    const actual = await energyAndGradient(backend, { space }, weights);
    expectSame(actual, await referenceResult({ space }, weights), weights, [1e-5, 5e-4]);
  });

  it("rows that coincide get nothing from each other", async () => {
    const data = normalRows(count, dim);
    data.copyWithin(400 * dim, 5 * dim, 6 * dim);
    const { gradient } = await energyAndGradient(backend, { space }, { data, shape: [count, dim] });
    const [one, other] = [5, 400].map((row) => gradient.slice(row * dim, (row + 1) * dim));
    const apart = await energyAndGradient(backend, { space }, { data: normalRows(count, dim), shape: [count, dim] });
    const usual = Math.max(...apart.gradient.map(Math.abs));
    // κ is 2e8 there: its rounding alone would be a hundred times the usual gradient.
    expect(Math.max(...one!.map(Math.abs))).toBeLessThan(10 * usual);
    expect(Math.max(...one!.map((value, k) => Math.abs(value - other![k]!)))).toBeLessThan(0.1 * usual);
  });
});

// But for the numbers of a block's rows, 4 bytes each.
it("the graph of 16,384 rows is that of 1,030", () => {
  const size = (count: number) => exportEnergyModel({ space: "half" }, { count, dim: 256 }).length;
  expect(Math.abs(size(16384) - size(1030))).toBeLessThan(1500);
  expect(size(16384)).toBeLessThan(16_000);
});

it("an unrolled strategy's graph doesn't grow with N either", () => {
  const config: EnergyConfig = { projection: { kind: "adversarial", dimension: 30, steps: 3, through: "unrolled" } };
  const size = (count: number) => exportEnergyModel(config, { count, dim: 64 }).length;
  expect(size(8192)).toBeLessThan(1.2 * size(2048));
});
