/** Where a variable has its neurons when nothing but names and shapes tells it: weights without a config. */
import { expect, it } from "vitest";
import { placeVariable } from "./placement.js";
import type { Variable } from "./variables.js";

type Dataset = Variable["dataset"];

function placeOf(layer: string, shapes: Record<string, readonly number[]>, key: string) {
  const siblings = new Map(Object.entries(shapes).map(([name, shape]) => [name, { shape } as unknown as Dataset]));
  const dataset = siblings.get(key)!;
  const place = placeVariable({ shown: layer, path: [layer], layerName: undefined, key, dataset, siblings }, new Map());
  return typeof place === "string" ? place : place.layout;
}

it.each([
  ["word_embeddings", { weight: [30, 8] }, "weight", "neurons-first"],
  ["wte", { weight: [30, 8] }, "weight", "neurons-first"],
  ["token_emb", { "0": [30, 8] }, "0", "neurons-first"],
  ["token_mix_in", { "0": [8, 30], "1": [30] }, "0", "neurons-last"],
  ["token_up", { "0": [8, 30], "1": [30] }, "0", "neurons-last"],
  ["embedded_up", { w: [8, 30], b: [30] }, "w", "neurons-last"],
  ["vocab_head", { "0": [8, 30] }, "0", "neurons-last"],
  ["embedding_projection", { w: [8, 30] }, "w", "neurons-last"],
] as const)("%s %j: %s is %s", (layer, shapes, key, layout) => {
  expect(placeOf(layer, shapes, key)).toEqual(layout);
});
