import { energyJsonSchema } from "@comhe/core";
import { expect, it } from "vitest";
import { offeredKeys, offeredValues, type Schema } from "./schema-options.js";

const schema = energyJsonSchema() as Schema;
const texts = (offers: readonly { text: string }[]) => offers.map(({ text }) => text);

it("keys of the config, but for those that are there", () => {
  const keys = texts(offeredKeys(schema, { space: "half" }, []));
  expect(keys).toContain('"projection"');
  expect(keys).toContain('"potential"');
  expect(keys).not.toContain('"space"');
});

it("keys of the kind that stands there, and of no other", () => {
  const keys = texts(offeredKeys(schema, { projection: { kind: "random" } }, ["projection"]));
  expect(keys).toEqual(expect.arrayContaining(['"dimension"', '"count"', '"distribution"']));
  expect(keys).not.toContain('"rank"');
  expect(texts(offeredKeys(schema, { potential: { kind: "frame" } }, ["potential"]))).toEqual(['"p"']);
});

it("values: words, kinds whatever kind is there, and whole objects", () => {
  expect(texts(offeredValues(schema, {}, ["space"]))).toEqual(['"full"', '"half"']);
  const kinds = texts(offeredValues(schema, { projection: { kind: "random" } }, ["projection", "kind"]));
  expect(kinds).toEqual(expect.arrayContaining(['"none"', '"pca"', '"bilateral"']));
  expect(texts(offeredValues(schema, {}, ["potential"]))).toContain('{"kind":"riesz","s":2}');
});
