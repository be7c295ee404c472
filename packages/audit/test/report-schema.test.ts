/** The published schema is the one that reports follow. `WRITE_SCHEMA=1 npx vitest run report-schema` writes it anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { referenceBackend } from "@comhe/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { auditModel, auditSettings } from "../src/index.js";
import { plantedModel } from "./planted.js";
import { comparisonSchema, reportSchema } from "./report-schema.js";

test.each([
  ["report.schema.json", "An audit of trained models, by @comhe/audit", reportSchema],
  ["compare.schema.json", "A comparison of two trained models, by @comhe/audit", comparisonSchema],
] as const)("%s is written from it", (name, title, shape) => {
  const file = new URL(`../${name}`, import.meta.url);
  const schema = { title, ...z.toJSONSchema(shape) };
  if (process.env.WRITE_SCHEMA) writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(JSON.stringify(schema)));
});

test("a report with everything in it follows it, exact or sampled", async () => {
  for (const sampling of [{ budget: null }, { pairs: 500 }]) {
    const settings = auditSettings(undefined, sampling);
    const report = await auditModel(plantedModel(), { backend: referenceBackend(), settings });
    expect(() => reportSchema.parse(JSON.parse(JSON.stringify(report)))).not.toThrow();
  }
});
