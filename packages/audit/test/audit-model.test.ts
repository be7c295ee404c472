/** The audit as a function: progress, breaking off, samples beside exact values, and pages from its JSON. */
import { createHash } from "node:crypto";
import { EnergyError, referenceBackend } from "@comhe/core";
import { expect, test } from "vitest";
import { type AuditReport, auditModel, auditSettings, compareModels } from "../src/index.js";
import { script, scriptHash } from "../src/page/html.js";
import { auditPage, comparePage } from "../src/pages.js";
import { layerOf, modelOf, normal, plantedModel } from "./planted.js";

const backend = referenceBackend();
const settings = auditSettings(undefined, { budget: null });

test("tells of each layer as it is done, and ends where it is told to, with what is done", async () => {
  const controller = new AbortController();
  const done: [string | null, number][] = [];
  const report = await auditModel(plantedModel(), {
    backend,
    settings,
    signal: controller.signal,
    onLayer(result, share) {
      done.push([result.layer, share]);
      if (done.length === 2) controller.abort();
    },
  });
  expect(done.map(([name]) => name)).toEqual(["embed.weight", "mlp.up.weight"]);
  expect(done[0]![1]).toBeGreaterThan(0);
  expect(done[1]![1]).toBeLessThan(1);
  expect(report.interrupted).toBe(true);
  expect(report.layers.length).toBe(2);
});

test("a layer that can't be read is in `failed`, and so is one in which something breaks that nobody foresaw", async () => {
  const unreadable = layerOf("cut", normal("cut", 4, 4), 4, {
    read: async () => {
      throw new EnergyError("invalid-file", "cut short");
    },
  });
  const report = await auditModel(modelOf([unreadable, layerOf("a", normal("a", 9, 4), 4)]), { backend, settings });
  expect(report.failed).toEqual([
    { file: "memory.safetensors", layer: "cut", problem: "cut short", code: "invalid-file" },
  ]);
  expect(report.layers.length).toBe(1);
  const broken = layerOf("bug", normal("bug", 4, 4), 4, {
    read: async () => {
      throw new TypeError("a bug");
    },
  });
  const rest = await auditModel(modelOf([broken, layerOf("a", normal("a", 9, 4), 4)]), { backend, settings });
  const problem = "an unexpected TypeError: a bug. Please report it";
  expect(rest.failed).toEqual([{ file: "memory.safetensors", layer: "bug", problem, code: "unexpected" }]);
  expect(rest.layers.length).toBe(1);
});

test("the report is plain JSON: it comes back from text as it was, and pages are made of that", async () => {
  const report = await auditModel(plantedModel(), { backend, settings });
  const text = JSON.stringify(report);
  const back = JSON.parse(text) as AuditReport;
  expect(JSON.stringify(back)).toBe(text);
  expect(text).not.toMatch(/undefined|NaN,|Infinity/);
  const page = auditPage(back);
  expect(page).toBe(auditPage(report));
  expect(page).toContain("4 of 6 layers stand out");
  const better = await auditModel(modelOf([layerOf("embed.weight", normal("other", 400, 32), 32)]), {
    backend,
    settings,
  });
  const comparison = compareModels(report, better);
  expect(comparison.matched.length).toBe(1);
  expect(comparison.lines[0]).toBe("1 layer of both: 1 less redundant after, 0 more, 0 the same within 1 %.");
  expect(comparePage(JSON.parse(JSON.stringify(comparison)), "before", "after", settings)).toContain(
    'class="change good"',
  );
});

test("names from files are text on the page, whatever they are", async () => {
  const hostile = `<img src=x onerror=alert(1)>"'&\u202e`;
  const rows = normal("hostile", 30, 8);
  rows.copyWithin(8, 0, 8);
  const layer = layerOf(hostile, rows, 8, {
    kind: hostile,
    note: hostile,
    rowNames: async () => Array.from({ length: 30 }, () => hostile),
  });
  const page = auditPage(await auditModel(modelOf([layer], hostile), { backend, settings }));
  expect(page).not.toContain("<img");
  expect(page).not.toContain("\u202e");
});

test("the script of the page is the one that its policy names", () => {
  expect(createHash("sha256").update(script).digest("base64")).toBe(scriptHash);
});

test("sampled, every number is near the exact one, or bounds it", async () => {
  const [count, dim] = [1500, 24];
  const rows = normal("sampled", count, dim);
  for (let row = 0; row < 100; row++) rows.copyWithin((row + 100) * dim, row * dim, (row + 1) * dim);
  const model = modelOf([layerOf("a", rows, dim)]);
  const [exact] = (await auditModel(model, { backend, settings })).layers;
  const by = { pairs: auditSettings(undefined, { pairs: 60_000 }), time: auditSettings(undefined, { budget: 60 }) };
  for (const [how, limited] of Object.entries(by)) {
    const [sample] = (await auditModel(model, { backend, settings: limited })).layers;
    expect(sample!.lowerBounds, how).toEqual(["maxCosine", "nearest", "duplicates"]);
    expect(exact!.lowerBounds).toEqual([]);
    for (const [key, tolerance] of [
      ["energyHalf", 0.05],
      ["energyFull", 0.05],
      ["effectiveRank", 0.03],
      ["meanCosine", 0.05],
    ] as const) {
      expect(Math.abs(sample![key] / exact![key] - 1), `${how} ${key}`).toBeLessThan(tolerance);
    }
    for (const key of ["maxCosine", "duplicates"] as const) {
      expect(sample![key], `${how} ${key}`).toBeLessThanOrEqual(exact![key] + 1e-6);
    }
    expect(sample!.angles.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(sample!.groups.every(({ rows: [a, b] }) => b === a! + 100)).toBe(true);
  }
});

test("layers with the same numbers are one row of the page and of no other layer; JSON names them all", async () => {
  const rows = normal("twice", 20, 8);
  const almost = rows.slice();
  almost[3] = -almost[3]!;
  const model = modelOf([
    layerOf("first", rows, 8),
    layerOf("second", rows.slice(), 8),
    layerOf("third", rows.slice(), 8),
    layerOf("other shape", rows.slice(), 16),
    layerOf("almost", almost, 8),
  ]);
  const report = await auditModel(model, { backend, settings });
  const same = Object.fromEntries(report.layers.map(({ layer, sameAs }) => [layer, sameAs]));
  expect(same).toEqual({ first: null, second: "first", third: "first", "other shape": null, almost: null });
  const page = auditPage(report);
  expect(page).toContain("first ×3");
  expect(page).not.toContain("second");
  expect(page).toContain("other shape");
});
