import { describe, expect, it } from "vitest";
import { columnsOf, placed, places, range, rowsOf, type Shapes } from "../../test/support/placed.js";

async function only(shapes: Shapes, config?: Readonly<Record<string, unknown>>) {
  const [name] = Object.keys(shapes);
  return (await placed(places(shapes), { config })).layers[name!]!;
}

/** Of [a, b, rest]: rows are axis 1. */
function secondAxis(a: number, b: number, rest: number): number[][] {
  return range(0, b).map((i) => range(0, a).flatMap((k) => range((k * b + i) * rest, (k * b + i + 1) * rest)));
}

describe("a bias says which axis counts neurons", () => {
  it.each([
    ["PyTorch's order, confirmed", { "l.weight": [4, 6], "l.bias": [4] }, rowsOf(6, range(0, 4)), /^$/],
    [
      "a matrix [in, out]",
      { "l.weight": [6, 4], "l.bias": [4] },
      columnsOf(6, 4, range(0, 4)),
      /4 entries, as its second/,
    ],
    ["a transposed convolution", { "up.weight": [3, 4, 2, 2], "up.bias": [4] }, secondAxis(3, 4, 4), /second axis/],
    ["one over time", { "up.weight": [3, 4, 2], "up.bias": [4] }, secondAxis(3, 4, 2), /second axis/],
    [
      "Keras' convolution",
      { "c/kernel:0": [2, 2, 3, 4], "c/bias:0": [4] },
      columnsOf(12, 4, range(0, 4)),
      /fourth axis/,
    ],
    ["Keras' transposed convolution", { "c/kernel": [2, 2, 4, 3], "c/bias": [4] }, undefined, /third axis/],
    [
      "Flax' attention",
      { "q/kernel": [6, 2, 3], "q/bias": [2, 3] },
      columnsOf(6, 6, range(0, 6)),
      /second and third axes/,
    ],
    [
      "with its bias in one row",
      { "q/kernel": [7, 2, 3], "q/bias": [6] },
      columnsOf(7, 6, range(0, 6)),
      /second and third/,
    ],
    ["its output", { "out/kernel": [2, 3, 7], "out/bias": [7] }, columnsOf(6, 7, range(0, 7)), /third axis/],
    [
      "depthwise",
      { "d/depthwise_kernel": [3, 3, 2, 2], "d/bias": [4] },
      columnsOf(9, 4, range(0, 4)),
      /third and fourth/,
    ],
    [
      "attributes of Keras 3 in a checkpoint",
      { "a/_query_dense/_kernel": [7, 2, 3], "a/_query_dense/bias": [2, 3] },
      columnsOf(7, 6, range(0, 6)),
      /second and third axes/,
    ],
    ["arrays saved by hand", { W1: [6, 4], b1: [4] }, columnsOf(6, 4, range(0, 4)), /second axis/],
    ["Haiku", { "mlp/~/linear_0/w": [6, 4], "mlp/~/linear_0/b": [4] }, columnsOf(6, 4, range(0, 4)), /second axis/],
  ] as const)("%s", async (_, shapes, rows, note) => {
    const layer = await only(shapes);
    if (rows) expect(layer.rows).toEqual(rows);
    expect(layer.note).toMatch(note);
  });

  it("a transposed convolution in groups: [in, out/groups], each group reads its own inputs", async () => {
    // 4 inputs and 6 outputs in 2 groups: [4, 3, 2].
    const { rows, note } = await only({ "up.weight": [4, 3, 2], "up.bias": [6] });
    const place = (input: number, output: number) => range((input * 3 + output) * 2, (input * 3 + output) * 2 + 2);
    expect(rows).toEqual([
      ...[0, 1, 2].map((output) => [...place(0, output), ...place(1, output)]),
      ...[0, 1, 2].map((output) => [...place(2, output), ...place(3, output)]),
    ]);
    expect(note).toContain("2 groups");
  });

  it("where it fits several axes, the convention is kept with its note", async () => {
    expect(await only({ "l.weight": [4, 4], "l.bias": [4] })).toMatchObject({
      rows: rowsOf(4, range(0, 4)),
      note: expect.stringContaining("--layout"),
    });
    expect(await only({ "l/kernel": [4, 4], "l/bias": [4] })).toMatchObject({ rows: columnsOf(4, 4, range(0, 4)) });
  });

  it("a table's rows are its neurons, whatever lies beside it", async () => {
    expect((await only({ "embed.weight": [9, 4], "embed.bias": [4] })).rows).toEqual(rowsOf(4, range(0, 9)));
  });
});

describe("names, where no bias tells", () => {
  it.each([
    ["a kernel", "Dense_0/kernel", [6, 4], columnsOf(6, 4, range(0, 4)), /"kernel"/],
    ["a patch convolution", "embedding/kernel", [2, 2, 3, 5], columnsOf(12, 5, range(0, 5)), /"kernel"/],
    ["attention", "MultiHeadDotProductAttention_0/query/kernel", [5, 2, 3], columnsOf(5, 6, range(0, 6)), /heads/],
    ["attention in a checkpoint of Keras 3", "a/_key_dense/_kernel", [5, 2, 3], columnsOf(5, 6, range(0, 6)), /heads/],
    ["its output", "MultiHeadDotProductAttention_0/out/kernel", [2, 3, 5], columnsOf(6, 5, range(0, 5)), /"kernel"/],
    ["depthwise", "d/depthwise_kernel", [3, 3, 2, 2], columnsOf(9, 4, range(0, 4)), /depthwise/],
    ["pointwise", "d/pointwise_kernel", [1, 1, 4, 3], columnsOf(4, 3, range(0, 3)), /"pointwise_|"kernel"/],
    ["an embedding", "Embed_0/embedding", [7, 3], rowsOf(3, range(0, 7)), /first axis/],
    ["a table of positions", "pos_embedding", [1, 5, 3], rowsOf(3, range(0, 5)), /positions/],
    ["a transposed convolution", "dec.deconv1.weight", [3, 4, 2, 2], secondAxis(3, 4, 4), /transposed/],
    ["CLIP's projection", "visual.proj", [5, 4], columnsOf(5, 4, range(0, 4)), /CLIP/],
    ["scikit-learn's perceptron", "coefs_.0", [4, 4], columnsOf(4, 4, range(0, 4)), /scikit-learn/],
    ["the same as a Linear", "text_projection.weight", [5, 4], rowsOf(4, range(0, 5)), /first axis was taken/],
    ["anything else", "layer.weight", [3, 4], rowsOf(4, range(0, 3)), /the first axis was taken/],
  ] as const)("%s", async (_, name, shape, rows, note) => {
    const layer = await only({ [name]: shape });
    expect(layer.rows).toEqual(rows);
    expect(layer.note).toMatch(note);
  });
});

describe("GPT-2's Conv1D", () => {
  const block = (order: (a: number, b: number) => [number, number]) => ({
    "h.0.attn.c_proj.weight": order(4, 4),
    "h.0.attn.c_attn.weight": order(4, 12),
    "h.0.mlp.c_fc.weight": order(4, 16),
    "h.0.mlp.c_proj.weight": order(16, 4),
    "wte.weight": [20, 4],
  });

  it("[in, out], square ones too, by the shapes of its kind", async () => {
    const { layers } = await placed(places(block((a, b) => [a, b])));
    expect(layers["h.0.attn.c_proj.weight"]!.rows).toEqual(columnsOf(4, 4, range(0, 4)));
    expect(layers["h.0.mlp.c_fc.weight"]!.rows).toEqual(columnsOf(4, 16, range(0, 16)));
    expect(layers["h.0.mlp.c_proj.weight"]!.rows).toEqual(columnsOf(16, 4, range(0, 4)));
    expect(layers["h.0.attn.c_attn.weight [query]"]!.rows).toEqual(columnsOf(4, 12, range(0, 4)));
    expect(layers["wte.weight"]!.rows).toEqual(rowsOf(4, range(0, 20)));
    expect(layers["h.0.attn.c_proj.weight"]!.note).toContain("Conv1D");
  });

  it("nanoGPT's Linear layers of the same names are [out, in]", async () => {
    const { layers } = await placed(places(block((a, b) => [b, a])));
    expect(layers["h.0.attn.c_proj.weight"]!.rows).toEqual(rowsOf(4, range(0, 4)));
    expect(layers["h.0.mlp.c_fc.weight"]!.rows).toEqual(rowsOf(4, range(0, 16)));
    expect(layers["h.0.mlp.c_proj.weight"]!.rows).toEqual(rowsOf(16, range(0, 4)));
    expect(layers["h.0.attn.c_attn.weight [value]"]!.rows).toEqual(rowsOf(4, range(8, 12)));
  });

  it("a square one alone: by the config, else the convention", async () => {
    const shapes = { "h.0.attn.c_proj.weight": [4, 4] };
    expect((await only(shapes, { model_type: "gpt2" })).rows).toEqual(columnsOf(4, 4, range(0, 4)));
    expect((await only(shapes)).rows).toEqual(rowsOf(4, range(0, 4)));
  });

  it("Flax keeps them [out, in], under the name of a kernel: the bias says so", async () => {
    const { layers } = await placed(places({ "h.0.c_attn.kernel": [12, 4], "h.0.c_attn.bias": [12] }));
    expect(layers["h.0.c_attn.kernel [key]"]!.rows).toEqual(rowsOf(4, range(4, 8)));
  });
});

it("masks and biases of any rank are no layers", async () => {
  const { names, skipped } = await placed(
    places({ "h.0.attn.bias": [1, 1, 4, 4], "h.0.attn.masked_bias": [1, 1], "g/bias": [2, 9], "w.weight": [3, 3] }),
  );
  expect(names).toEqual(["w.weight"]);
  expect([...skipped.keys()]).toEqual(["h.0.attn.bias", "h.0.attn.masked_bias", "g/bias"]);
});

it("masks, tables that aren't trained and factors of norms are told by their names", async () => {
  const { names, skipped } = await placed(
    places({
      "attn.causal_mask": [4, 4],
      "rotary.cos_cached": [6, 4],
      "block.gamma": [1, 4],
      "mask_token.weight": [2, 4],
      "norm/gamma": [3, 4],
      "norm/beta": [3, 4],
      "topics.beta": [3, 9],
      "w.weight": [3, 3],
    }),
  );
  expect(names).toEqual(["mask_token.weight", "topics.beta", "w.weight"]);
  expect([...skipped.values()]).toEqual([
    expect.stringMatching(/mask, by its name/),
    expect.stringMatching(/isn't trained, by its name/),
    ...Array.from({ length: 3 }, () => expect.stringMatching(/of a norm or an activation, by its name/)),
  ]);
});

it("what is left out by names is said, and what merely resembles it stays", async () => {
  const { names, notes } = await placed(
    places({
      "cont_embeddings.weight": [5, 8],
      "cont_embeddings.bias": [5, 8],
      "feature_tokenizer.num_tokenizer.weight": [5, 8],
      "feature_tokenizer.num_tokenizer.bias": [5, 8],
      "embeddings.norm.weight": [5, 8],
      "embeddings.norm.bias": [5, 8],
      "concepts.anchors": [20, 16],
      "detect.anchors": [3, 3, 2],
      "attn.mask": [4, 4],
      "h.attn.bias": [1, 1, 4, 4],
    }),
  );
  expect(names).toEqual(["cont_embeddings.weight", "feature_tokenizer.num_tokenizer.weight", "concepts.anchors"]);
  expect(notes).toEqual([
    expect.stringMatching(
      /^3 matrices were left out by what names say: "embeddings\.norm\.weight" \(a factor .*\), "detect\.anchors" \(.*\), "attn\.mask" \(a bias or a mask, by its name\)\. To have one audited, save it under another name$/,
    ),
  ]);
});

it("what the format knows stays", async () => {
  const [tensor] = places({ "l.weight": [3, 4] });
  const known = { kind: "Dense", layout: "neurons-last", note: "as its class says" } as const;
  const { layers } = await placed([{ ...tensor!, known }]);
  expect(layers["l.weight"]).toMatchObject({
    kind: "Dense",
    note: "as its class says",
    rows: columnsOf(3, 4, range(0, 4)),
  });
});
