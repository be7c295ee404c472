/** The published schema is the one that reports follow. `npx vitest run report-schema -u` writes it anew. */
import { referenceBackend } from "@comhe/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { auditModel, auditSettings } from "../src/index.js";
import { plantedModel } from "./planted.js";
import { reportSchema } from "./report-schema.js";

test("report.schema.json is written from it", async () => {
  const schema = { title: "An audit of trained models, by @comhe/audit", ...z.toJSONSchema(reportSchema) };
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot("../report.schema.json");
});

test("a report with everything in it follows it, exact or sampled", async () => {
  for (const sampling of [{ budget: null }, { pairs: 500 }]) {
    const settings = auditSettings(undefined, sampling);
    const report = await auditModel(plantedModel(), { backend: referenceBackend(), settings });
    expect(() => reportSchema.parse(JSON.parse(JSON.stringify(report)))).not.toThrow();
  }
});
