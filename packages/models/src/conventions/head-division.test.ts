/** Heads are taken from what a model says, for each part its own, and from nothing else. */
import { describe, expect, it } from "vitest";
import type { LayerSource } from "../layer-source.js";
import { attentionPart, type HeadSources, withHeads } from "./head-division.js";

const layer = (name: string, shape: readonly number[], more: Partial<LayerSource> = {}): LayerSource => ({
  ...{ name, kind: "matrix", layout: "neurons-first", dataType: "float32", shape },
  read: async () => new Float32Array(),
  ...more,
});
const at = (part: string) => `model.layers.0.self_attn.${part}.weight`;
const heads = (layers: readonly LayerSource[], config?: object, more: HeadSources = {}) =>
  withHeads(layers, { config: config as never, ...more }).map(
    ({ heads: found }) => found && [found.count, found.size, found.along, found.queries],
  );

describe("by config.json", () => {
  it("queries, grouped keys and values, and the columns of the output", () => {
    const config = { num_attention_heads: 8, num_key_value_heads: 2, hidden_size: 64, head_dim: 16 };
    const layers = [
      layer(at("q_proj"), [128, 64]),
      layer(at("k_proj"), [32, 64]),
      layer(at("v_proj"), [32, 64]),
      layer(at("o_proj"), [64, 128]),
      layer("model.layers.0.mlp.up_proj.weight", [128, 64]),
    ];
    expect(heads(layers, config)).toEqual([
      [8, 16, "neurons", 1],
      [2, 16, "neurons", 4],
      [2, 16, "neurons", 4],
      [8, 16, "inputs", 1],
      undefined,
    ]);
  });

  it("BERT's, DistilBERT's and GPT-2's names", () => {
    const bert = { num_attention_heads: 4, hidden_size: 32 };
    const layers = ["attention.self.query", "attention.output.dense", "output.dense"].map((name) =>
      layer(`encoder.layer.1.${name}.weight`, [32, 32]),
    );
    expect(heads(layers, bert)).toEqual([[4, 8, "neurons", 1], [4, 8, "inputs", 1], undefined]);
    expect(heads([layer("transformer.layer.0.attention.k_lin.weight", [32, 32])], { n_heads: 4, dim: 32 })).toEqual([
      [4, 8, "neurons", 1],
    ]);
    const conv = layer("h.0.attn.c_proj.weight", [32, 32], { layout: "neurons-last" });
    expect(heads([conv], { n_head: 4, n_embd: 32 })).toEqual([[4, 8, "inputs", 1]]);
  });

  it("nothing where it doesn't fit, is missing, or several attentions fit", () => {
    const layers = [layer(at("q_proj"), [96, 64])];
    expect(heads(layers, { num_attention_heads: 8, hidden_size: 64 })).toEqual([undefined]);
    expect(heads(layers, { num_attention_heads: 8 })).toEqual([undefined]);
    expect(heads(layers)).toEqual([undefined]);
    const two = {
      text_config: { num_attention_heads: 8, hidden_size: 96 },
      vision_config: { num_attention_heads: 12, hidden_size: 96 },
    };
    expect(heads(layers, two)).toEqual([undefined]);
    expect(heads(layers, { text_config: two.text_config })).toEqual([[8, 12, "neurons", 1]]);
  });
});

it("by the axes of JAX's and Keras' kernels", () => {
  const names = "MultiHeadDotProductAttention_0";
  const query = layer(`${names}/query/kernel`, [20, 3, 8], { kind: "attention", layout: { neuronAxes: [1, 2] } });
  const out = layer(`${names}/out/kernel`, [3, 8, 20], { role: "output", layout: "neurons-last" });
  expect(heads([query])).toEqual([[3, 8, "neurons", 1]]);
  expect(attentionPart(layer("attn/output/kernel", [3, 8, 20], { role: "output" }))).toBeUndefined();
  expect(heads([out])).toEqual([[3, 8, "inputs", 1]]);
});

it("by what the file says of itself, where there is no config, and by the caller's word before all", () => {
  const metadata = { n_head: 4, n_embd: 16 };
  const layers = ["q_proj", "k_proj", "o_proj"].map((part) => layer(at(part), [16, 16]));
  const all = (count: number, ofKeys: number) => [
    [count, 16 / count, "neurons", 1],
    [ofKeys, 16 / ofKeys, "neurons", count / ofKeys],
    [count, 16 / count, "inputs", 1],
  ];
  expect(heads(layers, undefined, { metadata })).toEqual(all(4, 4));
  expect(heads(layers, { num_attention_heads: 8, hidden_size: 16 }, { metadata })).toEqual(all(8, 8));
  const own = { count: 2, size: 8, along: "neurons", queries: 1, source: "the file" } as const;
  const told = { count: 8, ofKeys: 4 };
  expect(heads([{ ...layers[0]!, heads: own }, ...layers.slice(1)], undefined, { metadata, told })).toEqual(all(8, 4));
  expect(heads(layers, undefined, { told: { count: 5 } })).toEqual([undefined, undefined, undefined]);
});

it("of an output by its queries, where they agree", () => {
  const own = { count: 4, size: 4, along: "neurons", queries: 1, source: "a node" } as const;
  const query = layer(at("q_proj"), [16, 16], { heads: own });
  expect(heads([query, layer(at("o_proj"), [20, 16])])).toEqual([
    [4, 4, "neurons", 1],
    [4, 4, "inputs", 1],
  ]);
  expect(heads([query, layer(at("o_proj"), [16, 20])])[1]).toBeUndefined();
  const other = layer("model.layers.1.self_attn.q_proj.weight", [16, 16], { heads: { ...own, count: 2, size: 8 } });
  expect(heads([query, other, layer(at("o_proj"), [16, 16])])[2]).toBeUndefined();
});

it("what the format says stays", () => {
  const own = { count: 2, size: 8, along: "neurons", queries: 1, source: "the file" } as const;
  expect(heads([layer(at("q_proj"), [16, 4], { heads: own })], { num_attention_heads: 4, hidden_size: 16 })).toEqual([
    [2, 8, "neurons", 1],
  ]);
});

it.each([
  ["blk.0.attn_q.weight", "query"],
  ["model.layers.3.self_attn.v_proj.weight", "value"],
  ["decoder.blocks.0.attention.to_out.weight", "output"],
  ["model.layers.3.mlp.gate_proj.weight", undefined],
  ["classifier.key.weight", undefined],
  ["fc.o.weight", undefined],
] as const)("%s is of %s", (name, part) => {
  expect(attentionPart(layer(name, [4, 4]))).toBe(part);
});
