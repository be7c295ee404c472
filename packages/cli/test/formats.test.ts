/** The same weights give the same audit from every format, and the energies of the reference backend on the matrix. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineEnergy, energyAndGradient, type PotentialSpec, randomStream, referenceBackend } from "@comhe/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AuditSettings, auditLayer } from "../src/audit/audit-layer.js";
import { openModel } from "../src/files/open-model.js";
import { writeAll } from "./weights-files.js";

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
  budget: undefined,
  pairs: undefined,
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
    expect(Object.keys(files).length).toBe(11);
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
