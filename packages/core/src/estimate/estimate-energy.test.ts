/** The sampled estimate against exact energies: unbiased, covered by its interval, exact where it says so. */
import { describe, expect, it } from "vitest";
import type { EnergyConfig } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import { energyAndGradient } from "../evaluate/evaluator.js";
import { randomStream } from "../random/random-stream.js";
import { referenceBackend } from "../reference/reference-backend.js";
import { cosineMoments } from "./control.js";
import { directionTable, pairEvaluator } from "./direction-table.js";
import { estimateEnergy } from "./estimate-energy.js";
import { blockProbability, blockTables, countNearPairs, forEachNearPair, mostPlanes, takeShare } from "./near-pairs.js";
import { pairMeans, planBlocks } from "./plan.js";
import { rowProducts } from "./row-products.js";
import { studentQuantile } from "./student.js";

const backend = referenceBackend();
const products = rowProducts(backend);
const [count, dim] = [1000, 24];
const kinds = ["uniform", "clustered", "duplicates", "near duplicates", "cone"] as const;

function makeTable(kind: (typeof kinds)[number], seed: number): Float32Array {
  const stream = randomStream(seed, kind, 0);
  const data = stream.fillNormal(new Float32Array(count * dim));
  if (kind === "cone") for (let i = 0; i < count; i++) data[i * dim]! += 6;
  if (kind === "clustered") {
    const centers = stream.fillNormal(new Float32Array(40 * dim));
    for (let i = 0; i < count; i++) {
      const center = stream.below(40);
      for (let k = 0; k < dim; k++) data[i * dim + k] = centers[center * dim + k]! + 0.4 * data[i * dim + k]!;
    }
  }
  if (kind === "duplicates" || kind === "near duplicates") {
    for (let n = 0; n < 15; n++) {
      const [from, to] = [stream.below(count), stream.below(count)];
      const noise = kind === "duplicates" ? 0 : 0.03 * (1 + stream.below(6));
      for (let k = 0; k < dim; k++) data[to * dim + k] = data[from * dim + k]! + noise * data[to * dim + k]!;
    }
  }
  return data;
}

describe.each(["full", "half"] as const)("estimateEnergy, %s space", (space) => {
  it("the 95 % interval covers the exact energy of at least 18 of 20 tables", async () => {
    const missed: string[] = [];
    for (let n = 0; n < 20; n++) {
      const kind = kinds[n % kinds.length]!;
      const weights = { data: makeTable(kind, n), shape: [count, dim] };
      const { energy } = await energyAndGradient(backend, { space }, weights);
      const found = await estimateEnergy(backend, { space }, weights, { pairs: 30_000, seed: n });
      expect(found.exact).toBe(false);
      expect(found.pairs).toBeLessThan(60_000);
      if (!(found.low <= energy && energy <= found.high))
        missed.push(`${kind} ${n}: ${JSON.stringify(found)} for ${energy}`);
    }
    expect(missed.length, missed.join("\n")).toBeLessThanOrEqual(2);
  });

  it.each([
    { kind: "riesz", s: -1, distance: "chordal" },
    { kind: "riesz", s: -0.5, distance: "angular" },
    { kind: "frame", p: 2 },
    { kind: "frame", p: 3 },
  ] as const)("the interval covers, and all pairs are the exact energy: %o", async (potential) => {
    let covered = 0;
    for (let seed = 0; seed < 6; seed++) {
      const weights = { data: makeTable(kinds[seed % kinds.length]!, 50 + seed), shape: [count, dim] };
      const { energy } = await energyAndGradient(backend, { potential, space }, weights);
      const found = await estimateEnergy(backend, { potential, space }, weights, { pairs: 30_000, seed });
      expect(found.exact).toBe(false);
      // Of p = 2 the moments of the cosines leave nothing to sample, and the interval is narrower than the rounding of directions.
      const rounding = 1e-8 * Math.abs(energy);
      if (found.low - rounding <= energy && energy <= found.high + rounding) covered++;
      // Bounded potentials have no rare large pairs: the estimate is near, whatever its interval says.
      expect(Math.abs(found.energy / energy - 1), `seed ${seed}`).toBeLessThan(0.05);
    }
    expect(covered).toBeGreaterThanOrEqual(4);
    const few = { data: makeTable("uniform", 7).subarray(0, 60 * dim), shape: [60, dim] };
    const whole = await estimateEnergy(backend, { potential, space }, few, { pairs: 30_000, seed: 1 });
    expect(whole.exact).toBe(true);
    expect(whole.energy).toBeCloseTo((await energyAndGradient(backend, { potential, space }, few)).energy, 12);
  });

  it("is unbiased: the mean of 40 estimates is within 4 standard errors", async () => {
    for (const kind of ["near duplicates", "clustered"] as const) {
      const weights = { data: makeTable(kind, 3), shape: [count, dim] };
      const { energy } = await energyAndGradient(backend, { space }, weights);
      const found: number[] = [];
      for (let seed = 0; seed < 40; seed++) {
        found.push((await estimateEnergy(backend, { space }, weights, { pairs: 20_000, seed })).energy);
      }
      const mean = found.reduce((sum, value) => sum + value, 0) / 40;
      const error = Math.sqrt(found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 39 / 40);
      expect(Math.abs(mean - energy), kind).toBeLessThan(4 * error);
    }
  });

  it("a budget below the least work gives a wide interval that covers, rare duplicates included, and says so", async () => {
    let covered = 0;
    for (let seed = 0; seed < 10; seed++) {
      const weights = { data: makeTable("duplicates", seed), shape: [count, dim] };
      const { energy } = await energyAndGradient(backend, { space }, weights);
      const found = await estimateEnergy(backend, { space }, weights, { budget: 0.01, seed });
      expect(found).toMatchObject({ exact: false, method: expect.stringContaining("search cut short, 4 of 12") });
      expect(found.milliseconds).toBeGreaterThan(0);
      if (found.low <= energy && energy <= found.high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(8);
  });

  it("wide random layers, whose pairs hardly differ, are covered", async () => {
    const [rows, width] = [400, 1024];
    const data = randomStream(5, "wide", 0).fillNormal(new Float32Array(rows * width));
    const weights = { data, shape: [rows, width] };
    const { energy } = await energyAndGradient(backend, { space }, weights);
    let covered = 0;
    for (let seed = 0; seed < 10; seed++) {
      const { low, high } = await estimateEnergy(backend, { space }, weights, { pairs: 1000, seed });
      // Of what tells random layers from the best possible, 1/d, a small part.
      expect(high - low).toBeLessThan(0.3 / width);
      if (low <= energy && energy <= high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(8);
  });

  it("is exact with as many pairs as there are, or time enough, and says so", async () => {
    const weights = { data: makeTable("duplicates", 1).slice(0, 300 * dim), shape: [300, dim] };
    const { energy } = await energyAndGradient(backend, { space }, weights);
    for (const limit of [{ pairs: 1e6 }, { budget: 60_000 }]) {
      const found = await estimateEnergy(backend, { space }, weights, limit);
      expect(found).toMatchObject({ energy, low: energy, high: energy, exact: true });
      expect(found.method).toMatch(/^exact/);
    }
  });

  it("a seed fixes the estimate, bit for bit", async () => {
    const weights = { data: makeTable("clustered", 1), shape: [count, dim] };
    const of = async (seed: number) => {
      const { milliseconds, ...found } = await estimateEnergy(backend, { space }, weights, { pairs: 5000, seed });
      expect(milliseconds).toBeGreaterThan(0);
      return found;
    };
    const once = await of(4);
    expect(await of(4)).toEqual(once);
    expect((await of(5)).energy).not.toBe(once.energy);
  });

  it("dead rows, ε > 0 and projections are covered too", async () => {
    const data = makeTable("clustered", 2);
    data.fill(0, 0, 100 * dim);
    const configs: EnergyConfig[] = [
      { space },
      { space, normEpsilon: 1 },
      { space, projection: { kind: "random", dimension: 12, count: 3, refresh: 0 } },
      { space, potential: { kind: "gaussian", t: 2 } },
      { space, potential: { kind: "riesz", s: 1, distance: "angular" } },
    ];
    let covered = 0;
    for (const config of configs) {
      const weights = { data, shape: [count, dim] };
      const { energy } = await energyAndGradient(backend, config, weights, { seed: 9 });
      const { low, high } = await estimateEnergy(backend, config, weights, { pairs: 100_000, seed: 9 });
      // Three half-widths: 95 % of five would fail by chance too often.
      const slack = high - low;
      expect(energy).toBeGreaterThan(low - slack);
      expect(energy).toBeLessThan(high + slack);
      if (low <= energy && energy <= high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(3);
  });

  it.each([{ pairs: 20_000 }, { budget: 3 }, { budget: 8 }])(
    "what is observed beside the sum is unbiased with %o",
    async (limit) => {
      for (const kind of ["uniform", "clustered"] as const) {
        const weights = { data: makeTable(kind, 1), shape: [count, dim] };
        const exact = exactSums(weights.data);
        const runs: number[][] = [];
        for (let seed = 0; seed < 12; seed++) {
          const sums = pairSums();
          const found = await estimateEnergy(backend, { space }, weights, { ...limit, seed, observe: sums });
          expect(found.exact).toBe(false);
          runs.push(sums.shares());
        }
        for (const [n, expected] of exact.entries()) {
          const values = runs.map((run) => run[n]!);
          const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
          const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
          const error = Math.sqrt(variance / values.length);
          // 7 standard errors: 12 runs know their own variance badly, and these are many statistics.
          expect(Math.abs(mean - expected), `${kind}, statistic ${n}: ${mean} for ${expected}`).toBeLessThan(
            7 * error + 1e-6,
          );
        }
      }
    },
    60_000,
  );
});

/** Of all pairs: their number, the means of |c| and c², and the shares of pairs in three ranges of the angle. */
type Statistics = number[];
const pairsOfAll = (count * (count - 1)) / 2;

function statisticsOf(cosine: number): Statistics {
  const range = cosine > 0.5 ? 0 : cosine > -0.1 ? 1 : 2;
  return [1, Math.abs(cosine), cosine * cosine, ...[0, 1, 2].map((n) => (n === range ? 1 : 0))];
}

function pairSums() {
  const found = new Float64Array(6);
  const drawn = new Float64Array(6);
  let factor = 1;
  const into = (sums: Float64Array) => (_i: number, _j: number, cosine: number, weight: number) => {
    for (const [n, value] of statisticsOf(cosine).entries()) sums[n]! += weight * value;
  };
  return {
    add: into(found),
    addDraw: into(drawn),
    scaleDraws(scale: number) {
      factor = scale;
    },
    shares: () => [...found].map((sum, n) => (sum + factor * drawn[n]!) / pairsOfAll),
  };
}

function exactSums(data: Float32Array): Statistics {
  const table = directionTable(data, count, dim, 0);
  const evaluate = pairEvaluator(table, { potential: { kind: "gaussian", t: 1 }, space: "full", separationFloor: 0 });
  const sums = pairSums();
  const out = { value: 0, cosine: 0, near: 0, far: 0 };
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) sums.add(i, j, evaluate(i, j, out).cosine, 1);
  }
  return sums.shares();
}

describe("blocks", () => {
  it("a near pair in the pilot by luck asks for the narrowest blocks, not for none", () => {
    const pilot = [0, ...new Array(999).fill(1.5)];
    expect(planBlocks(pilot, pairMeans(1000, 20_000), 2e8, "half")).toMatchObject({ planes: mostPlanes });
    const plan = planBlocks(pilot.slice(1), pairMeans(1000, 20_000), 2e8, "half");
    expect(plan.planes).toBeLessThan(30);
    expect(plan.tables).toBe(12);
  });

  it("a share of the rows in each table finds pairs that much more rarely", async () => {
    const table = directionTable(makeTable("duplicates", 5), count, dim, 0);
    const blocks = await blockTables(table, products, { planes: 4, tables: 24, space: "full", seed: 1, name: "" });
    const visits = (of: typeof blocks) => {
      let visited = 0;
      for (let t = 0; t < of.tables; t++) {
        const codes = Float64Array.from({ length: count }, (_, i) => of.codes[i * of.stride + t]!);
        forEachNearPair({ ...of, codes, stride: 1, tables: 1 }, count, () => visited++);
      }
      return visited;
    };
    const all = visits(blocks);
    expect(Math.abs(countNearPairs(blocks, count) / all - 1)).toBeLessThan(0.05);
    expect(Math.abs(visits(takeShare(blocks, 0.5, 1, "")) / all / 0.25 - 1)).toBeLessThan(0.05);
  });

  it("pairs share a block as often as their angle says", async () => {
    const angle = 0.7;
    const pairs = 4000;
    const rows = new Float64Array(2 * pairs * 3);
    for (let n = 0; n < pairs; n++) rows.set([1, 0, 0, Math.cos(angle), Math.sin(angle), 0], 6 * n);
    for (const space of ["full", "half"] as const) {
      let shared = 0;
      for (let t = 0; t < 400; t++) {
        const table = directionTable(rows.slice(0, 6), 2, 3, 0);
        const blocks = await blockTables(table, products, { planes: 3, tables: 1, space, seed: t, name: "" });
        if (blocks.codes[0] === blocks.codes[1]) shared++;
      }
      const expected = blockProbability(angle, 3, space);
      expect(Math.abs(shared / 400 - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / 400));
    }
  });

  it("every pair that shares a block is visited once", async () => {
    const table = directionTable(makeTable("clustered", 5).slice(0, 200 * dim), 200, dim, 0);
    const blocks = await blockTables(table, products, { planes: 6, tables: 5, space: "half", seed: 1, name: "" });
    const seen = new Map<string, number | undefined>();
    forEachNearPair(blocks, 200, (i, j, only) => {
      const key = `${Math.min(i, j)} ${Math.max(i, j)}`;
      expect(seen.has(key)).toBe(false);
      seen.set(key, only);
    });
    for (let i = 0; i < 200; i++) {
      for (let j = i + 1; j < 200; j++) {
        const tables = [0, 1, 2, 3, 4].filter((t) => blocks.codes[5 * i + t] === blocks.codes[5 * j + t]);
        expect(seen.has(`${i} ${j}`)).toBe(tables.length > 0);
        if (tables.length > 0) expect(seen.get(`${i} ${j}`)).toBe(tables.length === 1 ? tables[0] : undefined);
      }
    }
  });
});

it("moments of the cosine are those of all pairs", async () => {
  const table = directionTable(makeTable("cone", 1).slice(0, 60 * dim), 60, dim, 0.5);
  const evaluate = pairEvaluator(table, {
    potential: { kind: "gaussian", t: 1 },
    space: "full",
    separationFloor: 0.01,
  });
  const out = { value: 0, cosine: 0, near: 0, far: 0 };
  let [first, second, pairs] = [0, 0, 0];
  for (let i = 0; i < 60; i++) {
    for (let j = 0; j < i; j++, pairs++) {
      const { cosine } = evaluate(i, j, out);
      first += cosine;
      second += cosine ** 2;
    }
  }
  const moments = await cosineMoments(table, products);
  expect(moments.first).toBeCloseTo(first / pairs, 6);
  expect(moments.second).toBeCloseTo(second / pairs, 6);
});

it("Student's quantile is within 1 % of the tables from 3 degrees of freedom on", () => {
  for (const [freedom, quantile] of [
    [3, 3.182],
    [5, 2.571],
    [7, 2.365],
    [10, 2.228],
    [30, 2.042],
    [Infinity, 1.96],
  ] as const) {
    expect(Math.abs(studentQuantile(freedom) / quantile - 1)).toBeLessThan(0.01);
  }
});

it("refuses what it can't do, and says what to do", async () => {
  const weights = { data: makeTable("uniform", 1), shape: [count, dim] };
  const code = (promise: Promise<unknown>) =>
    promise.then(
      () => "done",
      (error: unknown) => (EnergyError.isInstance(error) ? error.code : String(error)),
    );
  const sample = { pairs: 1000 };
  expect(await code(estimateEnergy(backend, { objective: { kind: "uniformity" } }, weights, sample))).toBe(
    "unsupported",
  );
  expect(await code(estimateEnergy(backend, { projection: { kind: "group", groups: 2 } }, weights, sample))).toBe(
    "unsupported",
  );
  expect(await code(estimateEnergy(backend, {}, weights, {}))).toBe("invalid-config");
  expect(await code(estimateEnergy(backend, {}, weights, { pairs: 5 }))).toBe("invalid-config");
  expect(await code(estimateEnergy(backend, {}, weights, { pairs: 1000, budget: 5 }))).toBe("invalid-config");
  weights.data.copyWithin(0, dim, 2 * dim);
  expect(await code(estimateEnergy(backend, { separationFloor: 0 }, weights, { pairs: 50_000 }))).toBe(
    "coincident-neurons",
  );
});
