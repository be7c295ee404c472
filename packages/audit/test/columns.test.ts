/** What stands beside the score: against the bare formulas, on layers with a shared offset, long rows, copies, and rows at the ends of floats. */
import { referenceBackend } from "@comhe/core";
import { describe, expect, test } from "vitest";
import { auditModel, auditSettings } from "../src/index.js";
import { largestOfTridiagonal, stableRank } from "../src/layer/top-singular-value.js";
import { sampledCentredPairs, withoutMean } from "../src/layer/without-mean.js";
import { columnTexts } from "../src/text/columns.js";
import { layerOf, modelOf, normal, plantedModel } from "./planted.js";

const backend = referenceBackend();
const settings = auditSettings(undefined, { budget: null });
const audited = async (rows: Float32Array, dim: number) =>
  (await auditModel(modelOf([layerOf("a", rows, dim)]), { backend, settings })).layers[0]!;

/** By the definition: rows minus their mean, each of length 1; r of their Gram matrix. */
function centredByDefinition(rows: Float32Array, dim: number) {
  const count = rows.length / dim;
  const mean = Array.from({ length: dim }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += rows[i * dim + k]!;
    return sum / count;
  });
  const unit = Array.from({ length: count }, (_, i) => {
    const row = mean.map((value, k) => rows[i * dim + k]! - value);
    const norm = Math.hypot(...row);
    return row.map((value) => value / norm);
  });
  let [absolute, squares] = [0, 0];
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const cosine = unit[i]!.reduce((sum, value, k) => sum + value * unit[j]![k]!, 0);
      absolute += Math.abs(cosine);
      squares += cosine ** 2;
    }
  }
  const rank = count ** 2 / (count + 2 * squares);
  return { cosine: absolute / ((count * (count - 1)) / 2), isotropy: (rank - 1) / (dim - 1) };
}

/** Power iteration without end. */
function squareByPowers(rows: Float32Array, dim: number): number {
  let vector = Array.from({ length: dim }, (_, k) => 1 + k / dim);
  let value = 0;
  for (let n = 0; n < 5000; n++) {
    const products = Array.from({ length: rows.length / dim }, (_, i) =>
      vector.reduce((sum, each, k) => sum + each * rows[i * dim + k]!, 0),
    );
    const next = vector.map((_, k) => products.reduce((sum, each, i) => sum + each * rows[i * dim + k]!, 0));
    value = Math.hypot(...next);
    vector = next.map((each) => each / value);
  }
  return value;
}

const square = (rows: Float32Array) => rows.reduce((sum, value) => sum + value * value, 0);

describe("without the mean row", () => {
  test.each([
    [40, 12, 0],
    [40, 12, 5],
    [9, 30, 3],
  ])("%i rows of %i with an offset of %d: as the definition has it", async (count, dim, offset) => {
    const rows = normal("offset", count, dim).map((value) => value + offset);
    const layer = await audited(rows, dim);
    const wanted = centredByDefinition(rows, dim);
    expect(layer.centredCosine!).toBeCloseTo(wanted.cosine, 5);
    expect(layer.isotropy!).toBeCloseTo(wanted.isotropy, 5);
    if (offset > 0) expect(layer.meanCosine).toBeGreaterThan(2 * layer.centredCosine!);
    expect(layer.estimates).toEqual([]);
  });

  test("an offset leaves nothing else behind, at every scale, and equal rows have no numbers", async () => {
    const rows = normal("offset", 40, 12);
    const plain = await audited(rows, 12);
    for (const scale of [1e-30, 1, 1e30]) {
      const layer = await audited(
        rows.map((value) => scale * value),
        12,
      );
      expect(layer.centredCosine!).toBeCloseTo(plain.centredCosine!, 5);
      expect(layer.stableRank).toBeCloseTo(plain.stableRank, 4);
    }
    const same = await audited(new Float32Array(24).fill(0.1), 8);
    expect([same.centredCosine, same.isotropy]).toEqual([null, null]);
    expect(withoutMean(new Float32Array(24).fill(0.1), 8)).toEqual(new Float32Array(24));
  });

  test("a line has isotropy 0, a cross of axes nearly 1", async () => {
    const line = Float32Array.from({ length: 20 * 6 }, (_, n) => (n % 6 === 0 ? 1 + Math.floor(n / 6) ** 2 : 0));
    expect((await audited(line, 6)).isotropy!).toBeCloseTo(0, 9);
    const cross = new Float32Array(12 * 6);
    for (let i = 0; i < 12; i++) cross[i * 6 + (i % 6)] = i < 6 ? 1 : -1;
    expect((await audited(cross, 6)).isotropy!).toBeCloseTo(1, 9);
  });

  test("a sample of pairs comes near it", () => {
    const rows = normal("sample", 300, 20).map((value, n) => value + (n % 20 === 3 ? 4 : 0));
    const wanted = centredByDefinition(rows, 20);
    const found = sampledCentredPairs(rows, 20, 0, "a");
    expect(Math.abs(found.meanCosine! / wanted.cosine - 1)).toBeLessThan(0.01);
    expect(Math.abs(found.isotropy! / wanted.isotropy - 1)).toBeLessThan(0.01);
  });
});

describe("stable rank", () => {
  test.each([
    [50, 8],
    [8, 50],
    [31, 31],
    [1, 5],
  ])("of %i×%i: ‖W‖²/σ₁² by powers", async (count, dim) => {
    const rows = normal("stable", count, dim);
    expect(await stableRank(backend, rows, dim)).toBeCloseTo(square(rows) / squareByPowers(rows, dim), 6);
  });

  test("equal singular values, one direction, and zeros", async () => {
    const identity = new Float32Array(64).map((_, n) => (n % 9 === 0 ? 3 : 0));
    expect(await stableRank(backend, identity, 8)).toBeCloseTo(8, 9);
    const same = new Float32Array(40).map((_, n) => 1 + (n % 8));
    expect(await stableRank(backend, same, 8)).toBeCloseTo(1, 9);
    expect(await stableRank(backend, new Float32Array(40), 8)).toBe(0);
    expect(await stableRank(backend, Float64Array.of(1e300, 0, 0, 1e300), 2)).toBeCloseTo(2, 9);
  });

  test("of 1,500 by 700 normal numbers it is where theory has it", async () => {
    const rows = normal("large", 1500, 700);
    // σ₁ is about √N + √d.
    const expected = (1500 * 700) / (Math.sqrt(1500) + Math.sqrt(700)) ** 2;
    expect(Math.abs((await stableRank(backend, rows, 700)) / expected - 1)).toBeLessThan(0.02);
  });

  test("of a large table by WᵀW, on backends of float32", async () => {
    const rows = normal("tall", 16_400, 64).map((value, n) => 1e30 * (value + (n % 64 === 3 ? 0.5 : 0)));
    const float32 = { ...backend, precision: "float32" } as const;
    const expected = await stableRank(backend, Float64Array.from(rows), 64);
    expect(await stableRank(float32, rows, 64)).toBeCloseTo(expected, 4);
    expect(await stableRank(float32, new Float32Array(rows.length), 64)).toBe(0);
  });

  test("the largest eigenvalue of a tridiagonal matrix with 2 on it and −1 beside is 2 + 2cos(π/(n+1))", () => {
    for (const n of [1, 2, 5, 40]) {
      const found = largestOfTridiagonal(Array(n).fill(2), Array(n - 1).fill(-1));
      expect(found).toBeCloseTo(2 + 2 * Math.cos(Math.PI / (n + 1)), 12);
    }
  });
});

describe("shares of the energy", () => {
  test("add up to all of it, and copies have most", async () => {
    const rows = normal("shares", 5, 24);
    const few = await audited(rows, 24);
    expect(few.energyShares.length).toBe(5);
    expect(few.energyShares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    const { layers } = await auditModel(plantedModel(), { backend, settings });
    const embed = layers.find(({ layer }) => layer === "embed.weight")!;
    const copies = [5, 17, 60, 61, 200, 311, 399];
    expect(embed.energyShares.every(({ row, name }) => copies.includes(row) && name === `token ${row}`)).toBe(true);
    expect(embed.energyShares[0]!.share).toBeGreaterThan(10 / 400);
    const sound = layers.find(({ layer }) => layer === "sound.0.weight")!;
    expect(sound.energyShares[0]!.share).toBeLessThan(2 / 64);
  });

  test("none where potentials have both signs, or a sample was taken; dead rows have none", async () => {
    const rows = normal("signs", 60, 3);
    const logarithmic = auditSettings({ space: "full", potential: { kind: "riesz", s: 0, distance: "chordal" } });
    const model = modelOf([layerOf("a", rows, 3)]);
    const [layer] = (await auditModel(model, { backend, settings: logarithmic })).layers;
    expect(layer!.energyShares).toEqual([]);
    const sample = auditSettings(undefined, { pairs: 200 });
    const [sampled] = (await auditModel(model, { backend, settings: sample })).layers;
    expect(sampled!.energyShares).toEqual([]);
    expect(sampled!.estimates).toContain("centredCosine");
    const dead = normal("dead", 4, 24);
    dead.fill(0, 0, 24);
    expect((await audited(dead, 24)).energyShares.map(({ row }) => row).sort()).toEqual([1, 2, 3]);
  });
});

test("columns have headings of their own, and the JSON has what they show", async () => {
  expect(new Set(columnTexts.map(({ head }) => head)).size).toBe(columnTexts.length);
  const layer = await audited(normal("keys", 20, 5), 5);
  for (const { keys } of columnTexts) for (const key of keys) expect(layer).toHaveProperty(key);
});

test("the stable rank of float64's largest and smallest numbers is that of the same rows between them", async () => {
  for (const [count, dim] of [
    [9, 4],
    [4, 9],
  ] as const) {
    const rows = Float64Array.from(normal("ends", count, dim));
    const wanted = await stableRank(backend, rows, dim);
    for (const [factor, digits] of [
      [5e307, 10],
      [1e-300, 10],
      [1e-318, 2],
    ] as const) {
      expect(
        await stableRank(
          backend,
          rows.map((value) => value * factor),
          dim,
        ),
      ).toBeCloseTo(wanted, digits);
    }
  }
});
