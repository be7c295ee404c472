/** Distortion of angles: against theory, across strategies, and the choice that follows from it. */
import { describe, expect, it } from "vitest";
import { normalArray } from "../../test/support/random-rows.js";
import {
  defineEnergy,
  type EnergyConfig,
  energyAndGradient,
  type Projection,
  projectionDistortion,
  referenceBackend,
  suggestProjection,
} from "../index.js";

const [count, dim] = [48, 200];
const weights = { data: normalArray(1, count * dim), shape: [count, dim] };
const random = (more: object): EnergyConfig => ({ projection: { kind: "random", ...more } as never });

describe("projectionDistortion", () => {
  it.each(["gaussian", "rademacher", "sparse", "orthogonal"] as const)(
    "%s: what is expected to first order, k by k",
    (distribution) => {
      const config = random({ dimension: 30, count: 10, distribution });
      const { byDimension } = projectionDistortion(config, weights, { dimensions: [20, 40, 80] });
      for (const { mean, rms, theory } of byDimension) {
        expect(mean / theory!.expectedMean).toBeCloseTo(1, 1);
        expect(rms / theory!.expectedRms).toBeCloseTo(1, 1);
      }
    },
  );

  it("nothing is guaranteed at k = 30; where something is, it holds and is far off", () => {
    const config = random({ dimension: 30, count: 2 });
    const options = { dimensions: [200, 1000], draws: 1 };
    const { theory, worst, byDimension } = projectionDistortion(config, weights, options);
    expect(theory!.guaranteed).toBe(Math.PI);
    expect(theory!.guaranteedFrom).toBeGreaterThan(140);
    expect(worst).toBeLessThan(1);
    for (const { worst: measured, theory: bound } of byDimension) {
      expect(measured).toBeLessThan(bound!.guaranteed);
      expect(bound!.guaranteed).toBeLessThan(Math.PI);
    }
    const { worst: measured, theory: bound } = byDimension[1]!;
    expect(bound!.guaranteed / measured).toBeGreaterThan(2);
  });

  it("averaging over C takes noise away", () => {
    const { byCount, mean } = projectionDistortion(random({ dimension: 30, count: 16 }), weights, { draws: 2 });
    expect(byCount.map(({ count: c }) => c)).toEqual(Array.from({ length: 16 }, (_, c) => c + 1));
    expect(byCount[0]!.mean / mean).toBeCloseTo(1, 1);
    expect(byCount[0]!.mean / byCount[15]!.mean).toBeGreaterThan(3);
    expect(byCount[0]!.mean / byCount[15]!.mean).toBeLessThan(4.5);
  });

  it("is 0 where nothing is lost", () => {
    for (const projection of [
      { kind: "none" },
      { kind: "random", distribution: "orthogonal", dimension: dim, count: 2 },
      { kind: "random", distribution: "hadamard", dimension: 256, count: 1 },
      { kind: "pca", dimension: count },
    ] as const) {
      expect(projectionDistortion({ projection }, weights).worst, projection.kind).toBeLessThan(1e-6);
    }
    expect(projectionDistortion({}, weights).theory).toBeUndefined();
  });

  it("measures every strategy, and an objective behind it", () => {
    for (const projection of [
      { kind: "group", groups: 5 },
      { kind: "bilateral", rank: 20 },
      { kind: "bilateral", rank: count },
      { kind: "adversarial", dimension: 20, steps: 2 },
      { kind: "random", distribution: "count-sketch" },
    ] as const) {
      for (const rest of [{}, { objective: { kind: "uniformity" } }] as const) {
        const { mean, dimension } = projectionDistortion({ projection, ...rest }, weights, { draws: 1 });
        expect(mean, projection.kind).toBeGreaterThan(0.02);
        expect(mean, projection.kind).toBeLessThan(0.3);
        expect(dimension).toBe({ group: 40, bilateral: 0, adversarial: 20, random: 30 }[projection.kind] || dimension);
      }
    }
  });

  it("angle-preserving becomes better than random by learning", () => {
    const projection = { kind: "angle-preserving", dimension: 30, steps: 5, learningRate: 300 } as const;
    const fresh = projectionDistortion({ projection }, weights, { draws: 1 });
    const learned = projectionDistortion({ projection }, weights, { draws: 1, warmup: 10 });
    expect(learned.mean).toBeLessThan(0.8 * fresh.mean);
  });

  it("takes a projection of the user's own, and refuses one that doesn't project the neurons", () => {
    const own = (columns: number): Projection => ({
      kind: "own",
      prepare: () => ({ arrays: {}, indices: { first: Int32Array.from({ length: columns }, (_, column) => column) } }),
      compose({ backend, rows, indices, dim: width, at }) {
        const { energy, gradient } = at(backend.gatherColumns(rows, indices.first!, columns));
        return { energy, gradient: backend.scatterColumns(gradient, indices.first!, width) };
      },
    });
    expect(projectionDistortion({ projection: own(dim) }, weights).worst).toBe(0);
    expect(projectionDistortion({ projection: own(20) }, weights)).toMatchObject({ dimension: 20, theory: undefined });
    const blind: Projection = {
      ...own(3),
      compose: ({ backend, rows }) => ({ energy: backend.combine([[0, rows]]), gradient: rows }),
    };
    expect(() => projectionDistortion({ projection: blind }, weights)).toThrow(/no angles to compare/);
  });

  it("leaves dead neurons out, and takes a single neuron", () => {
    const data = weights.data.slice();
    data.fill(0, dim, 3 * dim);
    expect(projectionDistortion({}, { ...weights, data }).pairs).toBe(((count - 2) * (count - 3)) / 2);
    expect(projectionDistortion({}, { data: data.subarray(0, dim), shape: [1, dim] })).toMatchObject({
      pairs: 0,
      mean: 0,
      worst: 0,
    });
  });

  it("draws pairs where there are too many, the same for the same seed", () => {
    const config = random({ dimension: 30, count: 4 });
    const all = projectionDistortion(config, weights);
    const some = projectionDistortion(config, weights, { pairs: 300 });
    expect([all.pairs, some.pairs]).toEqual([(count * (count - 1)) / 2, 300]);
    expect(some.mean / all.mean).toBeCloseTo(1, 1);
    expect(projectionDistortion(config, weights, { pairs: 300 })).toEqual(some);
    expect(projectionDistortion(config, weights, { pairs: 300, seed: 1 }).mean).not.toBe(some.mean);
  });

  it.each([
    ["draws", { draws: 0 }],
    ["warmup", { warmup: -1 }],
    ["pairs", { pairs: 1.5 }],
    ["dimensions", { dimensions: [3] }],
  ])("refuses wrong %s", (path, options) => {
    expect(() => projectionDistortion({}, weights, options)).toThrow(
      expect.objectContaining({ code: "invalid-config", details: expect.objectContaining({ path }) }),
    );
  });
});

describe("suggestProjection", () => {
  it("meets the target as cheaply as what it measured allows, with a config that works", async () => {
    const { config, met, chosen, table } = suggestProjection(weights, { target: 0.05, seed: 2 });
    expect(met).toBe(true);
    expect(chosen.mean).toBeLessThanOrEqual(0.05);
    const cheaper = table.filter(({ cost, mean }) => cost < chosen.cost && mean <= 0.05);
    expect(cheaper).toEqual([]);
    expect(chosen.dimension).toBeGreaterThan(5);
    const spec = defineEnergy(config);
    expect(spec.projection).toMatchObject({ kind: "random", dimension: chosen.dimension, count: chosen.count });
    const { energy } = await energyAndGradient(referenceBackend(), spec, weights);
    expect(Number.isFinite(energy)).toBe(true);
    // Other seeds than those measured meet it as well, up to noise.
    const again = projectionDistortion(config, weights, { seed: 77 });
    expect(again.byCount.at(-1)!.mean).toBeLessThan(0.055);
  });

  it("a smaller target costs more", () => {
    const [loose, tight] = [0.1, 0.03].map((target) => suggestProjection(weights, { target, pairs: 300 }).chosen.cost);
    expect(tight).toBeGreaterThan(2 * loose);
  });

  it("says when the target isn't met, and gives what comes closest", () => {
    const { met, chosen, table } = suggestProjection(weights, { target: 1e-6, dimensions: [8, 16], counts: [1, 2] });
    expect(met).toBe(false);
    expect(chosen).toEqual(table.reduce((best, row) => (row.mean < best.mean ? row : best)));
    expect(table.length).toBe(4);
  });

  it("keeps to k whose energy has a finite variance, and that fit the distribution", () => {
    const energy = { potential: { kind: "riesz", s: 6 }, space: "half" } as const;
    const options = { target: 1e-9, dimensions: [8, 13, 14, 150, 201], counts: [1], energy, draws: 1 } as const;
    const orthogonal = suggestProjection(weights, { ...options, distribution: "orthogonal" });
    expect(orthogonal.table.map(({ dimension }) => dimension)).toEqual([14, 150]);
    expect(orthogonal.config).toMatchObject(energy);
  });

  it.each([
    ["target", { target: 0 }],
    ["target", { target: Number.NaN }],
    ["counts", { target: 0.1, counts: [] }],
    ["counts", { target: 0.1, counts: [0] }],
    ["dimensions", { target: 0.1, dimensions: [2, 5] }],
    ["draws", { target: 0.1, draws: 0.5 }],
  ])("refuses a wrong %s", (path, options) => {
    expect(() => suggestProjection(weights, options)).toThrow(
      expect.objectContaining({ code: "invalid-config", details: expect.objectContaining({ path }) }),
    );
  });
});
