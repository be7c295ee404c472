import { randomStream, referenceBackend } from "@comhe/core";
import { expect, it } from "vitest";
import { auditSettings } from "../model/audit-settings.js";
import { projectedEnergy } from "./projected-energy.js";

const [count, dim] = [720, 40];
const rows = randomStream(3, "rows", 0).fillNormal(new Float32Array(count * dim));
const table = { rows, count, dim };
// Nothing is few in a millisecond.
const hurried = { ...auditSettings(), budget: 1 };
const later = () => performance.now() + 1e6;

it("is of a sample where all pairs would take longer than the rest, the same one whatever the clock says", async () => {
  const backend = referenceBackend();
  const take = (passed: number) => projectedEnergy(backend, "layer", hurried, table, { end: later(), passed });
  const [sample, again, exact] = [await take(0), await take(1e5), await take(10)];
  expect(sample!.exact).toBe(false);
  expect(again!.energy).toBe(sample!.energy);
  expect(exact!.exact).toBe(true);
  expect(Math.abs(sample!.energy / exact!.energy - 1)).toBeLessThan(3e-4);
  const unlimited = await projectedEnergy(backend, "layer", { ...hurried, budget: null }, table, {
    end: 0,
    passed: 1e5,
  });
  expect(unlimited!.energy).toBe(exact!.energy);
});

it("is none where rows are no wider than the projection", async () => {
  const backend = referenceBackend();
  const narrow = { rows: rows.subarray(0, 300), count: 10, dim: 30 };
  expect(await projectedEnergy(backend, "layer", hurried, narrow, { end: later(), passed: 1 })).toBeNull();
});
