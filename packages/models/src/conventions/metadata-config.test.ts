/** Whatever a file's metadata hold, what comes of it is a config or nothing. */
import { expect, it } from "vitest";
import { attentionShapes } from "./attention-shape.js";
import { configFromMetadata } from "./metadata-config.js";

const shapes = (entries: Record<string, unknown>) =>
  attentionShapes({ config: configFromMetadata(Object.entries(entries)) }).map(({ heads, groups, size }) => [
    heads,
    groups,
    size,
  ]);

it("numbers by name, and a config that is a text", () => {
  expect(shapes({ format: "pt", num_attention_heads: "8", hidden_size: "64" })).toEqual([[8, 8, 8]]);
  const config = JSON.stringify({ num_attention_heads: 8, num_key_value_heads: 2, hidden_size: 64 });
  for (const name of ["config", "config.json", "model_config"]) expect(shapes({ [name]: config })).toEqual([[8, 2, 8]]);
});

it.each([
  [{}],
  [{ format: "pt" }],
  [{ config: "{" }],
  [{ num_attention_heads: 8 }],
  [{ __proto__: "1", constructor: "{}", num_attention_heads: "1e400", hidden_size: "-3" }],
])("nothing of %j", (entries) => {
  expect(shapes(entries)).toEqual([]);
});
