/** Tokens and labels beside a model become the names of its rows, where sizes agree, and nowhere else. */
import { expect, test } from "vitest";
import type { LayerSource } from "../layer-source.js";
import { memorySource } from "../source/memory-source.js";
import type { Neighbours } from "../source/neighbours.js";
import { fromByteLevel } from "./byte-level.js";
import { withNamesBeside } from "./names-beside.js";
import { textVocabulary, tokenizerVocabulary } from "./vocabulary.js";

const folder = (files: Record<string, string>): Neighbours => ({
  open: async (name) => (name in files ? memorySource(new TextEncoder().encode(files[name]), name) : undefined),
  list: async () => Object.keys(files),
});
const layer = (name: string, count: number, more: Partial<LayerSource> = {}): LayerSource => ({
  ...{ name, kind: "matrix", layout: "neurons-first", dataType: "float32", shape: [count, 8] },
  read: async () => new Float32Array(count * 8),
  ...more,
});

async function namesOf(files: Record<string, string>, layers: LayerSource[], config: object = {}) {
  const named = withNamesBeside(layers, folder(files), async () => config as never);
  return Promise.all(named.map(async ({ rowNames }) => rowNames?.()));
}

const bpe = {
  model: { type: "BPE", vocab: { Ġthe: 1, a: 0, âĢ: 2, éĿ: 3 } },
  added_tokens: [{ id: 4, content: "<|end|>" }],
  pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "Split" }, { type: "ByteLevel" }] },
};

test("tokenizer.json: bytes become text, added tokens stay, padding has no name", async () => {
  const [embed, hidden, head] = await namesOf({ "tokenizer.json": JSON.stringify(bpe) }, [
    layer("model.embed_tokens.weight", 8),
    layer("mlp.weight", 5),
    layer("lm_head.weight", 5),
  ]);
  expect(embed).toEqual(["a", " the", "<0xE2><0x80>", "<0xE9><0x9D>", "<|end|>", "", "", ""]);
  expect(hidden).toBeUndefined();
  expect(head).toEqual(["a", " the", "<0xE2><0x80>", "<0xE9><0x9D>", "<|end|>"]);
});

test("Unigram lists, vocab.json with and without merges, vocab.txt", async () => {
  const unigram = {
    model: {
      type: "Unigram",
      vocab: [
        ["<unk>", 0],
        ["▁x", -1.5],
      ],
    },
  };
  expect(tokenizerVocabulary(unigram)).toEqual(["<unk>", "▁x"]);
  const embed = () => [layer("wte.weight", 2)];
  const vocab = JSON.stringify({ Ġb: 1, c: 0 });
  expect(await namesOf({ "vocab.json": vocab, "merges.txt": "" }, embed())).toEqual([["c", " b"]]);
  expect(await namesOf({ "vocab.json": vocab }, embed())).toEqual([["c", "Ġb"]]);
  const added = JSON.stringify({ "<pad>": 2 });
  expect(await namesOf({ "vocab.json": vocab, "added_tokens.json": added }, [layer("wte.weight", 3)])).toEqual([
    ["c", "Ġb", "<pad>"],
  ]);
  expect(await namesOf({ "vocab.txt": "[PAD]\r\n[UNK]\r\n" }, [layer("word_embeddings", 2)])).toEqual([
    ["[PAD]", "[UNK]"],
  ]);
});

test("labels: of the last layer and of heads, numbered or not, or of the config", async () => {
  const layers = () => [layer("conv1", 2), layer("fc.weight", 3), layer("proj", 2)];
  expect(await namesOf({ "labels.txt": "0 cat\n1 dog\n2 emu\n" }, layers())).toEqual([
    undefined,
    ["cat", "dog", "emu"],
    undefined,
  ]);
  const config = { id2label: { 0: "no", 1: "yes" } };
  expect(await namesOf({}, layers(), config)).toEqual([undefined, undefined, ["no", "yes"]]);
  expect(await namesOf({}, layers(), { id2label: { 0: "LABEL_0", 1: "LABEL_1" } })).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("a layer's own names stay, and what can't be read is as if it weren't there", async () => {
  const own = layer("embed", 2, { rowNames: async () => ["own", "names"] });
  expect(await namesOf({ "vocab.txt": "a\nb\n" }, [own])).toEqual([["own", "names"]]);
  for (const text of ["{", "[]", "3", '{"model": null}', '{"model": {"vocab": {"x": -1, "y": 1e99, "z": "1"}}}']) {
    expect(await namesOf({ "tokenizer.json": text }, [layer("embed", 2)])).toEqual([undefined]);
  }
});

test("lines that only look numbered stay whole", () => {
  expect(textVocabulary("0 cat\n7 dog\n")).toEqual(["0 cat", "7 dog"]);
  expect(textVocabulary("")).toBeUndefined();
});

test("characters that aren't of the byte alphabet leave a token as it is", () => {
  expect(fromByteLevel("日本")).toBe("日本");
  expect(fromByteLevel("æĹ¥")).toBe("日");
});
