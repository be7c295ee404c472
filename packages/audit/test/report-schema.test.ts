/** The published schema is the one that reports follow. `WRITE_SCHEMA=1 npx vitest run report-schema` writes it anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { Validator } from "@cfworker/json-schema";
import { referenceBackend } from "@comhe/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { auditModel, auditModels, auditSettings, compareModels, matchLayers, weightChanges } from "../src/index.js";
import { layerOf, modelOf, normal, plantedModel } from "./planted.js";
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

/** As a reader in another language would: by the published files alone. */
function published(name: string): (value: unknown) => readonly string[] {
  const schema = JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), "utf8"));
  const validator = new Validator(schema, "2020-12", false);
  return (value) =>
    validator.validate(value).errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
}
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

test("of several models, one of which can't be read, and of two of them compared, the published schemas hold", async () => {
  const backend = referenceBackend();
  const named = (path: string) => ({ ...plantedModel(), path });
  const models = [named("a.safetensors"), named("b.safetensors"), modelOf([layerOf("only", normal("only", 9, 4), 4)])];
  const failed = [{ file: "c.onnx", layer: null, problem: "cut short", code: "invalid-file" }];
  const report = await auditModels(models, { backend }, failed);
  expect(new Set(report.layers.map(({ file }) => file)).size).toBe(3);
  const hold = published("report.schema.json");
  expect(hold(plain(report))).toEqual([]);
  expect(hold({ ...plain(report), layers: [{ ...plain(report).layers[0], count: "many" }] })).not.toEqual([]);
  const [before, after] = [{ layers: report.layers }, { layers: (await auditModel(models[2]!, { backend })).layers }];
  for (const [one, other] of [
    [before, before],
    [before, after],
  ] as const) {
    const changes = await weightChanges(matchLayers(one.layers, other.layers), models[0]!, models[2]!, { backend });
    expect(published("compare.schema.json")(plain(compareModels(one, other, changes)))).toEqual([]);
  }
});

test("a report with everything in it follows it, exact or sampled", async () => {
  for (const sampling of [{ budget: null }, { pairs: 500 }]) {
    const settings = auditSettings(undefined, sampling);
    const report = await auditModel(plantedModel(), { backend: referenceBackend(), settings });
    expect(() => reportSchema.parse(JSON.parse(JSON.stringify(report)))).not.toThrow();
  }
});
