/** GGUF: every type's numbers against Python's `gguf` package, places and names, split models, and what is refused. */
import { readFileSync } from "node:fs";
import { EnergyError } from "@comhe/core/layouts";
import { describe, expect, it } from "vitest";
import { ggufFile } from "../../../test/support/gguf-file.js";
import { openModel } from "../../open-model.js";
import { memorySource } from "../../source/memory-source.js";
import type { Neighbours } from "../../source/neighbours.js";

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../test/fixtures/gguf/${name}`, import.meta.url)));
const open = (bytes: Uint8Array, name = "model.gguf", neighbours?: Neighbours) =>
  openModel(bytes, { name, ...(neighbours && { neighbours }) });

describe("numbers", () => {
  it("of every type equal those of Python's gguf, bit for bit", async () => {
    const found = (await open(fixture("types.gguf"))).layers;
    const wanted = (await open(fixture("values.gguf"))).layers;
    expect(wanted.length).toBe(21);
    for (const { name, read } of wanted) {
      const layer = found.find((other) => other.name === name);
      expect(layer, name).toBeDefined();
      const values = await layer!.read();
      const expected = await read();
      expect(values.length, name).toBe(expected.length);
      for (let n = 0; n < expected.length; n++) {
        // Object.is: −0 and 0 differ.
        if (!Object.is(values[n], expected[n])) expect.fail(`${name}[${n}]: ${values[n]}, expected ${expected[n]}`);
      }
    }
    expect(found.map(({ name }) => name)).toEqual(wanted.map(({ name }) => name));
  });

  it("of a part are those of the whole, wherever the part begins and ends", async () => {
    for (const { name, read, readPart } of (await open(fixture("types.gguf"))).layers) {
      const all = await read();
      for (const [from, count] of [
        [0, 1],
        [31, 2],
        [255, 258],
        [512, 512],
        [700, 836],
        [1535, 1],
        [40, 0],
      ] as const) {
        expect(await readPart!(from, count), `${name} from ${from}`).toEqual(all.slice(from, from + count));
      }
    }
  });

  it("that aren't weights, or packed in a way that isn't read, are left out by name", async () => {
    const { skipped } = await open(fixture("types.gguf"));
    expect(skipped.map(({ name, dataType, reason }) => [name, dataType, reason])).toEqual([
      ...["8", "16", "32", "64"].map((bits) => [`I${bits}.weight`, `int${bits}`, `int${bits}, not floating point`]),
      ["IQ2_XXS.weight", "IQ2_XXS", expect.stringContaining("isn't read")],
    ]);
  });
});

const llama = { "general.architecture": "llama", "llama.embedding_length": 8 };
const shown = async (bytes: Uint8Array) =>
  (await open(bytes)).layers.map(({ name, role, shape, kind }) => [name, role, [...shape], kind]);

describe("places", () => {
  it("roles by the words of llama.cpp", async () => {
    const names = ["token_embd", "blk.0.attn_q", "blk.0.attn_output", "blk.3.ffn_down", "blk.0.ffn_gate_inp", "output"];
    const file = ggufFile(
      llama,
      names.map((name) => ({ name: `${name}.weight`, shape: [4, 8] })),
    );
    expect((await shown(file)).map(([, role]) => role)).toEqual([
      "embedding",
      "query",
      "output",
      "down",
      "router",
      "head",
    ]);
  });

  it("fused queries, keys and values by the head counts, also where each layer has its own", async () => {
    const heads = { ...llama, "llama.attention.head_count": 4, "llama.attention.head_count_kv": [4, 2] };
    const file = ggufFile(heads, [
      { name: "blk.0.attn_qkv.weight", shape: [24, 8] },
      { name: "blk.1.attn_qkv.weight", shape: [16, 8] },
      { name: "blk.1.attn_qkv.bias", shape: [16] },
    ]);
    expect(await shown(file)).toEqual([
      ["blk.0.attn_qkv.weight [query]", "query", [8, 8], "matrix"],
      ["blk.0.attn_qkv.weight [key]", "key", [8, 8], "matrix"],
      ["blk.0.attn_qkv.weight [value]", "value", [8, 8], "matrix"],
      ["blk.1.attn_qkv.weight [query]", "query", [8, 8], "matrix"],
      ["blk.1.attn_qkv.weight [key]", "key", [4, 8], "matrix"],
      ["blk.1.attn_qkv.weight [value]", "value", [4, 8], "matrix"],
    ]);
    const { layers } = await open(file);
    // Numbers count up from 1 in each tensor, so that the first of a part says where it begins.
    expect(await Promise.all(layers.map(async ({ readPart }) => (await readPart!(0, 1))[0]))).toEqual([
      1, 65, 129, 1, 65, 97,
    ]);
    expect((await layers[4]!.read()).length).toBe(32);
  });

  it("heads of each matrix, as the metadata have them, also under grouped queries", async () => {
    const metadata = { ...llama, "llama.attention.head_count": 4, "llama.attention.head_count_kv": 2 };
    const file = ggufFile(metadata, [
      { name: "blk.0.attn_q.weight", shape: [8, 8] },
      { name: "blk.0.attn_k.weight", shape: [4, 8] },
      { name: "blk.0.attn_output.weight", shape: [8, 8] },
      { name: "blk.0.ffn_up.weight", shape: [8, 8] },
      { name: "blk.1.attn_v.weight", shape: [6, 8] },
      { name: "output.weight", shape: [8, 8] },
    ]);
    const { layers } = await open(file);
    expect(layers.map(({ heads }) => heads && [heads.count, heads.size, heads.along, heads.queries])).toEqual([
      [4, 2, "neurons", 1],
      [2, 2, "neurons", 2],
      [4, 2, "inputs", 1],
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("fused ones that fit no head counts stay whole, and it is said", async () => {
    const { layers } = await open(ggufFile(llama, [{ name: "blk.0.attn_qkv.weight", shape: [24, 8] }]));
    expect(layers).toMatchObject([
      { name: "blk.0.attn_qkv.weight", shape: [24, 8], note: expect.stringMatching(/head/) },
    ]);
  });

  it("a matrix for each expert, and for gate and up where they are one", async () => {
    const file = ggufFile({ ...llama, "llama.feed_forward_length": 6 }, [
      { name: "blk.0.ffn_up_exps.weight", shape: [3, 4, 8] },
      { name: "blk.0.ffn_gate_up_exps.weight", shape: [2, 4, 8] },
      { name: "blk.0.ffn_up.weight", shape: [12, 8] },
    ]);
    expect(await shown(file)).toEqual([
      ["blk.0.ffn_up_exps.weight [expert 0]", "expert 0 up", [4, 8], "matrix"],
      ["blk.0.ffn_up_exps.weight [expert 1]", "expert 1 up", [4, 8], "matrix"],
      ["blk.0.ffn_up_exps.weight [expert 2]", "expert 2 up", [4, 8], "matrix"],
      ["blk.0.ffn_gate_up_exps.weight [expert 0 gate]", "expert 0 gate", [2, 8], "matrix"],
      ["blk.0.ffn_gate_up_exps.weight [expert 0 up]", "expert 0 up", [2, 8], "matrix"],
      ["blk.0.ffn_gate_up_exps.weight [expert 1 gate]", "expert 1 gate", [2, 8], "matrix"],
      ["blk.0.ffn_gate_up_exps.weight [expert 1 up]", "expert 1 up", [2, 8], "matrix"],
      ["blk.0.ffn_up.weight [gate]", "gate", [6, 8], "matrix"],
      ["blk.0.ffn_up.weight [up]", "up", [6, 8], "matrix"],
    ]);
    const [, second] = (await open(file)).layers;
    expect(await second!.readPart!(0, 2)).toEqual(Float32Array.of(33, 34));
  });

  it("convolutions as they are, leading axes of one dropped, parameters of channels left out", async () => {
    const file = ggufFile(llama, [
      { name: "v.patch_embd.weight", shape: [6, 3, 2, 2] },
      { name: "blk.0.ssm_conv1d.weight", shape: [8, 4] },
      { name: "blk.0.time_mix_w2.weight", shape: [5, 8, 2] },
      { name: "blk.0.time_mix_lerp_k.weight", shape: [1, 1, 8] },
      { name: "blk.0.ssm_a", shape: [8, 4] },
    ]);
    expect((await shown(file)).slice(0, 3)).toEqual([
      ["v.patch_embd.weight", undefined, [6, 3, 2, 2], "convolution"],
      ["blk.0.ssm_conv1d.weight", undefined, [8, 4], "convolution"],
      ["blk.0.time_mix_w2.weight [0]", undefined, [8, 2], "matrix"],
    ]);
    expect((await open(file)).skipped.map(({ name }) => name)).toEqual(["blk.0.time_mix_lerp_k.weight", "blk.0.ssm_a"]);
  });
});

describe("adapters", () => {
  it("leaves the factors of a low-rank change out, with what to do", async () => {
    const file = ggufFile({ "general.type": "adapter", "adapter.type": "lora", ...llama }, [
      { name: "blk.0.attn_q.weight.lora_a", shape: [4, 8] },
      { name: "blk.0.attn_q.weight.lora_b", shape: [8, 4] },
    ]);
    const { layers, skipped } = await open(file);
    expect(layers).toEqual([]);
    expect(skipped.map(({ reason }) => reason)).toEqual(Array(2).fill(expect.stringMatching(/B·A.*PEFT adapter/)));
  });
});

describe("names of rows", () => {
  it.each([40, 20_000])("a vocabulary of %i belongs to the tables of tokens", async (count) => {
    const tokens = Array.from({ length: count }, (_, n) => (n === 3 ? "\ufeffä" : `tok${n}`));
    const file = ggufFile({ ...llama, "tokenizer.ggml.tokens": tokens, "after.it": 5 }, [
      { name: "token_embd.weight", shape: [count, 2] },
      { name: "blk.0.attn_q.weight", shape: [count, 2] },
      { name: "output.weight", shape: [4, 8] },
    ]);
    const [table, other, head] = (await open(file)).layers;
    expect(await table!.rowNames!()).toEqual(tokens);
    expect(await other!.rowNames?.()).toBeUndefined();
    expect(await head!.rowNames?.()).toBeUndefined();
  });
});

describe("split models", () => {
  const part = (no: number, name: string, extra = {}) =>
    ggufFile({ "split.no": no, "split.count": 3, ...extra }, [{ name, shape: [4, 8] }]);
  const parts = new Map([
    [
      "m-00001-of-00003.gguf",
      part(0, "token_embd.weight", { ...llama, "tokenizer.ggml.tokens": ["a", "b", "c", "d"] }),
    ],
    ["m-00002-of-00003.gguf", part(1, "blk.0.attn_q.weight")],
    ["m-00003-of-00003.gguf", part(2, "output.weight")],
  ]);
  const beside = (files: ReadonlyMap<string, Uint8Array>): Neighbours => ({
    open: async (name) => (files.has(name) ? memorySource(files.get(name)!, name) : undefined),
    list: async () => [...files.keys()],
  });

  it.each([...parts.keys()])("all parts are read, whichever is opened: %s", async (name) => {
    const { layers } = await open(parts.get(name)!, `folder/${name}`, beside(parts));
    expect(layers.map((layer) => layer.name)).toEqual(["token_embd.weight", "blk.0.attn_q.weight", "output.weight"]);
    expect(await layers[2]!.rowNames!()).toEqual(["a", "b", "c", "d"]);
    for (const layer of layers) expect((await layer.read())[31]).toBe(32);
  });

  it("a missing part, and a name that doesn't say which part it is, are errors", async () => {
    const some = new Map([...parts].slice(0, 2));
    await expect(open(parts.get("m-00001-of-00003.gguf")!, "m-00001-of-00003.gguf", beside(some))).rejects.toThrow(
      /m-00003-of-00003\.gguf isn't beside/,
    );
    await expect(open(parts.get("m-00001-of-00003.gguf")!, "model.gguf", beside(some))).rejects.toThrow(
      /doesn't say which/,
    );
  });
});

describe("refused", () => {
  const refusal = async (bytes: Uint8Array) => {
    const error = await open(bytes).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return EnergyError.isInstance(error) ? `${error.code}: ${error.message}` : expect.fail(String(error));
  };
  const file = ggufFile(llama, [
    { name: "a.weight", shape: [4, 8] },
    { name: "b.weight", shape: [4, 8] },
  ]);
  const changed = (change: (view: DataView) => void) => {
    const bytes = file.slice();
    change(new DataView(bytes.buffer));
    return bytes;
  };
  /** The last bytes of the header: type and offset of the second tensor, before it its two sizes. */
  const end = new TextDecoder("latin1").decode(file).indexOf("b.weight") + 8 + 4 + 16 + 4 + 8;

  it("version 1 and big-endian files, by name", async () => {
    expect(await refusal(ggufFile(llama, [], { version: 1 }))).toMatch(/unsupported: .*GGUF version 1/);
    expect(await refusal(changed((view) => view.setUint32(4, 3, false)))).toMatch(/unsupported: .*big-endian/);
  });

  it("claims that the file doesn't keep", async () => {
    expect(await refusal(file.slice(0, file.length - 64))).toMatch(/invalid-file: .*cut short/);
    expect(await refusal(file.slice(0, 60))).toMatch(/invalid-file/);
    expect(await refusal(changed((view) => view.setBigUint64(8, 2n ** 40n, true)))).toMatch(
      /claims 1099511627776 tensors/,
    );
    expect(await refusal(changed((view) => view.setBigUint64(16, 2n ** 40n, true)))).toMatch(/metadata entries/);
    expect(await refusal(changed((view) => view.setBigUint64(16, 2n ** 60n, true)))).toMatch(/2\^53/);
    expect(await refusal(changed((view) => view.setBigUint64(end - 8, 0n, true)))).toMatch(/overlap/);
    expect(await refusal(changed((view) => view.setBigUint64(end - 8, 8n, true)))).toMatch(/multiple of 32/);
    expect(await refusal(changed((view) => view.setUint32(end - 12, 12, true)))).toMatch(
      /Q4_K expects a multiple of 256/,
    );
    expect(await refusal(changed((view) => view.setBigUint64(end - 28, 2n ** 50n, true)))).toMatch(/claims/);
  });
});
