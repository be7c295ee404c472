import { describe, expect, it } from "vitest";
import { columnsOf, placed, places, range, rowsOf } from "../../test/support/placed.js";

const D = 8;

/** Rows of each part, written out from the models' own code. */
async function parts(name: string, rows: number, config?: Readonly<Record<string, unknown>>, columns = D) {
  const { layers, skipped } = await placed(places({ [name]: [rows, columns] }), { config });
  expect(skipped.size).toBe(0);
  return Object.fromEntries(
    Object.entries(layers).map(([layer, { rows: found }]) => [
      /\[(\w+)\]$/.exec(layer)?.[1] ?? "whole",
      found.map((row) => row[0]! / columns),
    ]),
  );
}

const thirds = { query: range(0, 8), key: range(8, 16), value: range(16, 24) };

describe("q, k and v, one below the other", () => {
  it.each([
    ["attn.in_proj_weight", undefined],
    ["blocks.0.attn.qkv.weight", undefined],
    ["encoder.0.attn.Wqkv.weight", { model_type: "modernbert", num_attention_heads: 2, hidden_size: 8 }],
    ["h.0.qkv_proj.weight", { model_type: "phi3", num_attention_heads: 4, hidden_size: 8, num_key_value_heads: 4 }],
    ["layers.0.self_attn.W_pack.weight", undefined],
    ["h.0.attn.c_attn.weight", undefined],
  ])("%s", async (name, config) => {
    expect(await parts(name, 24, config)).toEqual(thirds);
  });

  it("with fewer heads of keys and values, by the config", async () => {
    const config = { model_type: "phi3", num_attention_heads: 4, num_key_value_heads: 2, hidden_size: 8 };
    expect(await parts("l.qkv_proj.weight", 16, config)).toEqual({
      query: range(0, 8),
      key: range(8, 12),
      value: range(12, 16),
    });
    // Heads whose size isn't width / heads; and 3·D rows that aren't thirds.
    const wide = { ...config, head_dim: 3 };
    expect(await parts("l.qkv_proj.weight", 24, wide)).toEqual({
      query: range(0, 12),
      key: range(12, 18),
      value: range(18, 24),
    });
  });

  it("of MPT and DBRX, whose heads of keys and values stand in a part of the config", async () => {
    const config = { model_type: "mpt", n_heads: 4, d_model: 8, attn_config: { kv_n_heads: 1 } };
    expect(await parts("transformer.blocks.0.attn.Wqkv.weight", 12, config)).toEqual({
      query: range(0, 8),
      key: range(8, 10),
      value: range(10, 12),
    });
  });

  it("of the part of a model whose width it has", async () => {
    const config = {
      text_config: { num_attention_heads: 2, num_key_value_heads: 1, hidden_size: 6, head_dim: 3 },
      vision_config: { num_heads: 2, embed_dim: 8, hidden_size: 8 },
    };
    expect(await parts("visual.attn.qkv.weight", 24, config)).toEqual(thirds);
    expect(await parts("l.qkv_proj.weight", 12, config, 6)).toEqual({
      query: range(0, 6),
      key: range(6, 9),
      value: range(9, 12),
    });
  });

  it("of lucidrains' attention, whose heads aren't as wide as the network", async () => {
    expect(await parts("layers.0.to_qkv.weight", 12)).toEqual({
      query: range(0, 4),
      key: range(4, 8),
      value: range(8, 12),
    });
  });
});

describe("q, k and v within each head", () => {
  it.each(["gpt_neox", "bloom", "persimmon"])("%s: two heads of four", async (model_type) => {
    expect(
      await parts("h.0.query_key_value.weight", 24, { model_type, num_attention_heads: 2, hidden_size: 8 }),
    ).toEqual({
      query: [...range(0, 4), ...range(12, 16)],
      key: [...range(4, 8), ...range(16, 20)],
      value: [...range(8, 12), ...range(20, 24)],
    });
  });

  it("Falcon 40B: within each group of heads", async () => {
    const config = {
      model_type: "falcon",
      num_attention_heads: 4,
      num_kv_heads: 2,
      hidden_size: 8,
      new_decoder_architecture: true,
      multi_query: true,
    };
    expect(await parts("h.0.self_attention.query_key_value.weight", 16, config)).toEqual({
      query: [...range(0, 4), ...range(8, 12)],
      key: [4, 5, 12, 13],
      value: [6, 7, 14, 15],
    });
  });

  it("Falcon 7B: one key and one value for all heads, whatever num_kv_heads says", async () => {
    const config = { model_type: "falcon", num_attention_heads: 4, num_kv_heads: 4, hidden_size: 8, multi_query: true };
    expect(await parts("h.0.self_attention.query_key_value.weight", 12, config)).toEqual({
      query: range(0, 8),
      key: [8, 9],
      value: [10, 11],
    });
  });

  it("ChatGLM 3: in blocks", async () => {
    const config = {
      model_type: "chatglm",
      num_attention_heads: 4,
      kv_channels: 2,
      hidden_size: 8,
      multi_query_attention: true,
      multi_query_group_num: 2,
      ffn_hidden_size: 6,
    };
    expect(await parts("l.query_key_value.weight", 16, config)).toEqual({
      query: range(0, 8),
      key: range(8, 12),
      value: range(12, 16),
    });
    expect(await parts("l.mlp.dense_h_to_4h.weight", 12, config)).toEqual({ gate: range(0, 6), up: range(6, 12) });
  });

  it("InternLM 2", async () => {
    const config = { model_type: "internlm2", num_attention_heads: 4, num_key_value_heads: 2, hidden_size: 8 };
    expect(await parts("l.attention.wqkv.weight", 16, config)).toEqual({
      query: [...range(0, 4), ...range(8, 12)],
      key: [4, 5, 12, 13],
      value: [6, 7, 14, 15],
    });
  });

  it("StarCoder: one key and value for all, or one for each head", async () => {
    const config = { model_type: "gpt_bigcode", n_head: 4, n_embd: 8, multi_query: true };
    const one = { query: range(0, 8), key: [8, 9], value: [10, 11] };
    expect(await parts("h.0.attn.c_attn.weight", 12, config)).toEqual(one);
    expect(await parts("h.0.attn.c_attn.weight", 12)).toEqual(one);
    expect(await parts("h.0.attn.c_attn.weight", 24, { ...config, multi_query: false })).toEqual({
      query: [0, 1, 6, 7, 12, 13, 18, 19],
      key: [2, 3, 8, 9, 14, 15, 20, 21],
      value: [4, 5, 10, 11, 16, 17, 22, 23],
    });
  });

  it("CodeGen: q, v, k within each of four groups", async () => {
    const found = await parts("h.0.attn.qkv_proj.weight", 24, { model_type: "codegen", n_head: 4, n_embd: 8 });
    expect(found).toEqual({
      query: [0, 1, 6, 7, 12, 13, 18, 19],
      value: [2, 3, 8, 9, 14, 15, 20, 21],
      key: [4, 5, 10, 11, 16, 17, 22, 23],
    });
  });

  it.each([
    ["h.0.query_key_value.weight", 24, undefined],
    ["l.wqkv.weight", 24, undefined],
    ["l.qkv_proj.weight", 16, undefined],
    ["l.qkv_proj.weight", 16, { num_attention_heads: 3, hidden_size: 8 }],
    ["h.0.query_key_value.weight", 24, { num_attention_heads: 2, hidden_size: 9 }],
  ])("%s of %i rows and %o: whole, and said so", async (name, rows, config) => {
    const { layers, names } = await placed(places({ [name]: [rows, D] }), { config });
    expect(names).toEqual([name]);
    expect(layers[name]!.rows).toEqual(rowsOf(D, range(0, rows)));
    expect(layers[name]!.note).toContain("config.json");
  });
});

describe("other pairs", () => {
  it("gate and up; key and value", async () => {
    expect(await parts("mlp.gate_up_proj.weight", 12)).toEqual({ gate: range(0, 6), up: range(6, 12) });
    expect(await parts("blocks.0.mlp.w12.weight", 12)).toEqual({ gate: range(0, 6), up: range(6, 12) });
    expect(await parts("attn.to_kv.weight", 12)).toEqual({ key: range(0, 6), value: range(6, 12) });
    expect(await parts("l.mlp.Wi.weight", 12, { model_type: "modernbert" })).toEqual({
      input: range(0, 6),
      gate: range(6, 12),
    });
    expect(await parts("l.mlp.Wi.weight", 12)).toEqual({ whole: range(0, 12) });
    expect(await parts("mlp.dense_h_to_4h.weight", 12)).toEqual({ whole: range(0, 12) });
    expect(await parts("mlp.gate_up_proj.weight", 11)).toEqual({ whole: range(0, 11) });
  });

  it("side by side, where the neurons are columns", async () => {
    const { layers } = await placed(places({ "h.0.attn.c_attn.weight": [4, 12], "h.0.attn.c_attn.bias": [12] }));
    expect(layers["h.0.attn.c_attn.weight [key]"]).toMatchObject({ role: "key", rows: columnsOf(4, 12, range(4, 8)) });
    expect(layers["h.0.attn.c_attn.weight [key]"]!.note).toMatch(/its bias has 12 entries, as its second axis has/);
  });

  it("the caller's word keeps it whole", async () => {
    const { layers } = await placed(places({ "a.in_proj_weight": [12, 4] }), { layoutOf: () => "neurons-first" });
    expect(layers["a.in_proj_weight"]!.rows).toEqual(rowsOf(4, range(0, 12)));
  });
});
