/** The same weights give the same audit from every format, and the energies of the reference backend on the matrix. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditSettings, auditLayer } from "@comhe/audit";
import { defineEnergy, energyAndGradient, type PotentialSpec, randomStream, referenceBackend } from "@comhe/core";
import { openModel } from "@comhe/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { safetensorsBytes, write, writeAll, writeQuantized } from "../../models/test/weights-files.js";

const [count, dim] = [40, 24];
// Numbers that bfloat16 and float16 hold exactly.
const data = randomStream(3, "weights", 0)
  .fillNormal(new Float32Array(count * dim))
  .map((value) => Math.round(value * 16) / 16);
data.copyWithin(5 * dim, 9 * dim, 10 * dim);
data.fill(0, 7 * dim, 8 * dim);
const settings: AuditSettings = {
  spec: defineEnergy({ space: "half" }) as PotentialSpec,
  projected: defineEnergy({
    space: "half",
    projection: { kind: "random", dimension: 10, refresh: 0 },
  }) as PotentialSpec,
  budget: null,
  pairs: null,
  seed: 1,
};
const folder = mkdtempSync(join(tmpdir(), "comhe-formats-"));
let files: Record<string, string>;
beforeAll(() => {
  files = writeAll(folder, { name: "dense", shape: [count, dim], data });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function audit(path: string) {
  const model = await openModel(path);
  try {
    expect(model.layers.length).toBe(1);
    // The name is part of the seed of what is drawn.
    const layer = { ...model.layers[0]!, name: "dense" };
    const {
      readMilliseconds: _,
      milliseconds: __,
      file: ___,
      kind: ____,
      dataType: _____,
      note: ______,
      shape: _______,
      // Another in each format.
      neuronAxes: ________,
      readBy: _________,
      // Of the numbers to the last bit, which float16 and others round.
      digest: __________,
      ...rest
    } = await auditLayer(referenceBackend(), path, layer, settings, async () => {});
    return rest;
  } finally {
    await model.close();
  }
}

describe("formats", () => {
  test("all give the same audit", async () => {
    const expected = await audit(files.safetensors!);
    for (const [format, path] of Object.entries(files)) expect(await audit(path), format).toEqual(expected);
    expect(Object.keys(files).length).toBe(12);
  });

  test("which has the energies of the extracted matrix, and what is wrong with it", async () => {
    const found = await audit(files.npy!);
    for (const [space, energy] of [
      ["full", found.energyFull],
      ["half", found.energyHalf],
    ] as const) {
      const direct = await energyAndGradient(referenceBackend(), { space }, { data, shape: [count, dim] });
      expect(energy).toBeCloseTo(direct.energy, 12);
    }
    expect(found.dead).toBe(1);
    expect(found.duplicates).toBe(1);
    expect(found.nearest[0]).toMatchObject({ a: 5, b: 9 });
    expect(found.angles.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  test("float64 weights are audited in float64: the same within float32's rounding", async () => {
    const bytes = new Uint8Array(Float64Array.from(data).buffer);
    const path = write(
      folder,
      "d.safetensors",
      safetensorsBytes([{ name: "dense", dtype: "F64", shape: [count, dim], bytes }]),
    );
    const [found, expected] = [await audit(path), await audit(files.safetensors!)];
    for (const key of ["energyFull", "energyHalf", "projected", "meanCosine", "maxCosine", "effectiveRank"] as const) {
      expect(Math.abs(found[key]! / expected[key]! - 1), key).toBeLessThan(2e-6);
    }
    expect(found).toMatchObject({ dead: expected.dead, duplicates: expected.duplicates });
  });

  test("quantized tfjs weights are within half a step, and audited as what they are", async () => {
    const transposed = Float32Array.from(data, (_, n) => data[(n % count) * dim + Math.floor(n / count)]!);
    const steps = (Math.max(...data) - Math.min(...data)) / 2;
    for (const [format, path] of Object.entries(writeQuantized(folder, "dense", [dim, count], transposed))) {
      const model = await openModel(path);
      const numbers = (await model.layers[0]!.read()) as Float32Array;
      await model.close();
      const most = Math.max(...numbers.map((value, n) => Math.abs(value - transposed[n]!)));
      expect(most, format).toBeLessThan((1.0001 * steps) / (format === "tfjs uint8" ? 255 : 65_535));
      const shape = [dim, count];
      const found = await audit(path);
      for (const space of ["full", "half"] as const) {
        const { energy } = await energyAndGradient(
          referenceBackend(),
          { space },
          { data: numbers, shape, layout: "neurons-last" },
        );
        expect(space === "full" ? found.energyFull : found.energyHalf).toBeCloseTo(energy, 12);
      }
    }
  });

  test("quantized tfjs weights are min + scale × code", async () => {
    const { writeFileSync } = await import("node:fs");
    const codes = Uint8Array.from({ length: 12 }, (_, n) => n * 20);
    writeFileSync(join(folder, "q.bin"), codes);
    const weight = {
      name: "conv/filters",
      shape: [3, 4],
      dtype: "float32",
      quantization: { dtype: "uint8", scale: 0.5, min: -3 },
    };
    writeFileSync(join(folder, "q.json"), JSON.stringify([{ paths: ["q.bin"], weights: [weight] }]));
    const model = await openModel(join(folder, "q.json"));
    expect([...(await model.layers[0]!.read())]).toEqual([...codes].map((code) => code * 0.5 - 3));
    await model.close();
  });
});

describe("layers whose energies are known", () => {
  const auditRows = (rows: Float32Array | Float64Array, shape: number[], space: "full" | "half") =>
    auditLayer(
      referenceBackend(),
      "memory",
      { name: "layer", kind: "matrix", shape, layout: "neurons-first", dataType: "float32", read: async () => rows },
      { ...settings, spec: defineEnergy({ space }) as PotentialSpec, projected: null },
      async () => {},
    );

  test.each([
    [64, 48, "half"],
    [40, 100, "half"],
    [96, 32, "full"],
  ] as const)(
    "uniformly random, %s×%s, %s space: 1, and its stated spread over 40 seeds",
    async (rows, columns, space) => {
      const deviations: number[] = [];
      for (let seed = 0; seed < 40; seed++) {
        const numbers = randomStream(seed, "uniform", 0).fillNormal(new Float32Array(rows * columns));
        const { score, scoreSpread } = await auditRows(numbers, [rows, columns], space);
        deviations.push((score! - 1) / scoreSpread!);
      }
      const mean = deviations.reduce((sum, value) => sum + value, 0) / 40;
      const spread = Math.sqrt(deviations.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 39);
      // Four standard errors of either.
      expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(40));
      expect(spread).toBeGreaterThan(1 - 4 / Math.sqrt(2 * 40));
      expect(spread).toBeLessThan(1 + 4 / Math.sqrt(2 * 40));
    },
  );

  test("a regular simplex has (2N/(N−1))^(−1) and the score 0 in full space", async () => {
    for (const n of [3, 10, 33]) {
      // Corners of the standard simplex about their centre, in ℝⁿ, at different lengths.
      const rows = Float64Array.from({ length: n * n }, (_, at) => {
        const row = Math.floor(at / n);
        return (1 + row) * ((row === at % n ? 1 : 0) - 1 / n);
      });
      const { energyFull, score, bestIs, effectiveRank } = await auditRows(rows, [n, n], "full");
      expect(energyFull).toBeCloseTo((n - 1) / (2 * n), 12);
      expect(Math.abs(score!)).toBeLessThan(1e-10);
      expect(bestIs).toBe("attained");
      expect(effectiveRank).toBeCloseTo(n - 1, 9);
    }
  });

  test("orthogonal neurons have the score 0 in half space, ½ in full space, and every dimension", async () => {
    const n = 24;
    const rows = Float32Array.from({ length: n * n }, (_, at) => (Math.floor(at / n) === at % n ? 3 + (at % n) : 0));
    const { energyFull, score, effectiveRank, maxCosine } = await auditRows(rows, [n, n], "half");
    expect(energyFull).toBeCloseTo(0.5, 12);
    expect(Math.abs(score!)).toBeLessThan(1e-6);
    expect([effectiveRank, maxCosine]).toEqual([n, 0]);
  });

  test("rows of 1e-30 and of denormal numbers are dead, and energies those of the directions they have", async () => {
    const rows = randomStream(5, "dead", 0).fillNormal(new Float32Array(60 * 20));
    for (let n = 0; n < 400; n++) rows[n]! *= n < 200 ? 1e-30 : 1e-42;
    for (let n = 400; n < 420; n++) rows[n] = 0;
    const found = await auditRows(rows, [60, 20], "half");
    // Scaled by powers of two, the same directions: at 1e-42 a gradient would overflow.
    const scaled = rows.map((value, n) => (n < 400 ? value * 2 ** 120 : value));
    const { energy } = await energyAndGradient(
      referenceBackend(),
      { space: "half" },
      { data: scaled, shape: [60, 20] },
    );
    const alone = await auditRows(rows.slice(420), [39, 20], "half");
    expect(found.energyHalf).toBeCloseTo(energy, 12);
    expect(found).toMatchObject({ dead: 21, livingScore: alone.score, maxCosine: alone.maxCosine });
    expect(found.note).toMatch(/20 dead neurons aren't all zeros/);
  });

  test("a layer of zeros is dead, has the energy of right angles, and no score", async () => {
    const found = await auditRows(new Float32Array(300 * 20), [300, 20], "half");
    expect(found).toMatchObject({
      dead: 300,
      score: null,
      energyFull: 0.5,
      energyHalf: expect.closeTo(0.5, 12),
      effectiveRank: 0,
    });
  });
});
