/**
 * Where neurons are is not a matter of opinion: silence one, and its output is silent, the others as before. Checked on
 * ONNX Runtime for every operator it computes.
 */
import { fromNeurons } from "@comhe/core";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { readWeights } from "../../src/onnx.js";
import { openModel } from "../../src/open-model.js";
import { type AttributeValue, model, node, normal, raw, value } from "./support/build-model.js";

interface Case {
  readonly title: string;
  readonly op: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Shapes of the two inputs; the weight is the one named. */
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly weightFirst?: boolean;
  /** Axes of the output that are its neurons; of each part, where there are several. */
  readonly outputAxes: readonly number[];
  readonly count: number;
  readonly dim: number;
  readonly parts?: number;
  readonly microsoft?: boolean;
}

function einsums(): Case[] {
  const einsum = (equation: string, more: Omit<Case, "title" | "op" | "attributes">): Case => {
    return { title: `Einsum ${equation}`, op: "Einsum", attributes: { equation }, ...more };
  };
  return [
    einsum("bij,jk->bik", { x: [2, 3, 4], w: [4, 5], outputAxes: [2], count: 5, dim: 4 }),
    einsum("bij,kj->bik", { x: [2, 3, 4], w: [5, 4], outputAxes: [2], count: 5, dim: 4 }),
    einsum("abc,cde->abde", { x: [1, 2, 4], w: [4, 2, 3], outputAxes: [2, 3], count: 6, dim: 4 }),
    einsum("bqhd,hdk->bqk", { x: [1, 2, 2, 3], w: [2, 3, 5], outputAxes: [2], count: 5, dim: 6 }),
    einsum("ebi,eio->ebo", { x: [3, 2, 4], w: [3, 4, 5], outputAxes: [2], count: 5, dim: 4, parts: 3 }),
    einsum("oi,bi", { x: [2, 4], w: [3, 4], weightFirst: true, outputAxes: [1], count: 3, dim: 4 }),
  ];
}

const cases: Case[] = [
  { title: "Conv", op: "Conv", x: [1, 3, 6, 6], w: [5, 3, 3, 3], outputAxes: [1], count: 5, dim: 27 },
  { title: "Conv of one axis", op: "Conv", x: [1, 3, 9], w: [4, 3, 2], outputAxes: [1], count: 4, dim: 6 },
  {
    title: "grouped Conv",
    op: "Conv",
    attributes: { group: 2 },
    x: [1, 6, 5, 5],
    w: [4, 3, 2, 2],
    outputAxes: [1],
    count: 4,
    dim: 12,
  },
  {
    title: "depthwise Conv",
    op: "Conv",
    attributes: { group: 3 },
    x: [1, 3, 5, 5],
    w: [6, 1, 3, 3],
    outputAxes: [1],
    count: 6,
    dim: 9,
  },
  { title: "ConvTranspose", op: "ConvTranspose", x: [1, 3, 4, 4], w: [3, 5, 2, 2], outputAxes: [1], count: 5, dim: 12 },
  {
    title: "grouped ConvTranspose",
    op: "ConvTranspose",
    attributes: { group: 2 },
    x: [1, 4, 4, 4],
    w: [4, 3, 2, 2],
    outputAxes: [1],
    count: 6,
    dim: 8,
  },
  ...einsums(),
  { title: "Gemm", op: "Gemm", x: [2, 4], w: [4, 3], outputAxes: [1], count: 3, dim: 4 },
  {
    title: "Gemm, transB",
    op: "Gemm",
    attributes: { transB: 1 },
    x: [2, 4],
    w: [3, 4],
    outputAxes: [1],
    count: 3,
    dim: 4,
  },
  {
    title: "Gemm, weight on the left",
    op: "Gemm",
    x: [4, 2],
    w: [3, 4],
    weightFirst: true,
    outputAxes: [0],
    count: 3,
    dim: 4,
  },
  {
    title: "Gemm, weight on the left, transA",
    op: "Gemm",
    attributes: { transA: 1 },
    x: [4, 2],
    w: [4, 3],
    weightFirst: true,
    outputAxes: [0],
    count: 3,
    dim: 4,
  },
  { title: "MatMul", op: "MatMul", x: [2, 5, 4], w: [4, 3], outputAxes: [2], count: 3, dim: 4 },
  {
    title: "MatMul, weight on the left",
    op: "MatMul",
    x: [4, 2],
    w: [3, 4],
    weightFirst: true,
    outputAxes: [0],
    count: 3,
    dim: 4,
  },
  { title: "MatMul with a vector", op: "MatMul", x: [2, 4], w: [4], outputAxes: [], count: 1, dim: 4 },
  { title: "MatMul of a stack", op: "MatMul", x: [2, 5, 4], w: [2, 4, 3], outputAxes: [2], count: 3, dim: 4, parts: 2 },
  {
    title: "MatMul of a stack, weight on the left",
    op: "MatMul",
    x: [2, 4, 5],
    w: [2, 3, 4],
    weightFirst: true,
    outputAxes: [1],
    count: 3,
    dim: 4,
    parts: 2,
  },
  {
    title: "FusedMatMul, transB",
    op: "FusedMatMul",
    attributes: { transB: 1, alpha: { float: -2 } },
    x: [2, 4],
    w: [3, 4],
    outputAxes: [1],
    count: 3,
    dim: 4,
    microsoft: true,
  },
  {
    title: "Gemm with alpha",
    op: "Gemm",
    attributes: { alpha: { float: 0.5 } },
    x: [2, 4],
    w: [4, 3],
    outputAxes: [1],
    count: 3,
    dim: 4,
  },
];

async function run(each: Case, weight: Float32Array): Promise<ort.Tensor> {
  const [first, second] = each.weightFirst ? ["w", "x"] : ["x", "w"];
  const bytes = model({
    nodes: [
      node(each.op, [first!, second!], ["y"], each.attributes, each.microsoft ? { domain: "com.microsoft" } : {}),
    ],
    initializers: [raw("w", each.w, weight)],
    inputs: [value("x", each.x)],
    outputs: [value("y")],
    ...(each.microsoft ? { microsoft: true } : {}),
  });
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const x = normal(each.x, 5);
  const { y } = await session.run({ x: new ort.Tensor("float32", x, [...each.x]) });
  await session.release();
  return y!;
}

/** For each output, which neuron made it. */
function owners({ dims }: ort.Tensor, axes: readonly number[], parts: number): Int32Array {
  const total = dims.reduce((all, size) => all * size, 1);
  return Int32Array.from({ length: total }, (_, at) => {
    const position: number[] = [];
    let rest = at;
    for (const size of [...dims].reverse()) {
      position.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    const within = axes.reduce((index, axis) => index * dims[axis]! + position[axis]!, 0);
    const neurons = axes.reduce((all, axis) => all * dims[axis]!, 1);
    return parts > 1 ? position[0]! * neurons + within : within;
  });
}

describe("a neuron makes one output", () => {
  it.each(cases.map((each) => [each.title, each] as const))("%s", async (_, each) => {
    const weight = normal(each.w, 3);
    const [first, second] = each.weightFirst ? ["w", "x"] : ["x", "w"];
    const bytes = model({
      nodes: [
        node(each.op, [first!, second!], ["y"], each.attributes, each.microsoft ? { domain: "com.microsoft" } : {}),
      ],
      initializers: [raw("w", each.w, weight)],
      inputs: [value("x", each.x)],
      outputs: [value("y")],
    });
    const { weights, unplaced } = await readWeights(bytes);
    const parts = each.parts ?? 1;
    expect(unplaced).toEqual([]);
    expect(weights.map(({ count, dim }) => [count, dim])).toEqual(new Array(parts).fill([each.count, each.dim]));
    const whole = await run(each, weight);
    const owner = owners(whole, each.outputAxes, parts);
    for (const [part, placed] of weights.entries()) {
      const alpha = (each.attributes?.alpha as { float: number } | undefined)?.float ?? 1;
      for (let neuron = 0; neuron < placed.count; neuron++) {
        const { data } = await placed.neurons();
        data.fill(0, neuron * placed.dim, (neuron + 1) * placed.dim);
        const silenced = weight.slice();
        const kernel = fromNeurons(data, placed.shape, placed.layout).map((number) => number / alpha);
        silenced.set(kernel, part * kernel.length);
        const y = await run(each, silenced);
        const own = part * each.count + neuron;
        y.data.forEach((number, at) => {
          if (owner[at] === own) expect(Math.abs(number as number)).toBe(0);
          else expect(number).toBe(whole.data[at]);
        });
        expect(owner.includes(own)).toBe(true);
      }
    }
  });
});

describe("whole numbers", () => {
  // Two neurons of three inputs each, as rows.
  const rows = [
    [1, -2, 3],
    [4, 5, -6],
  ];

  it("QLinearConv: a scale and a zero point per filter", async () => {
    const w = Int8Array.of(3, 0, 5, 2, 3, -8);
    const bytes = model({
      nodes: [node("QLinearConv", ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz"], ["y"])],
      initializers: [raw("w", [2, 3, 1], w), raw("ws", [2], Float32Array.of(1, 2)), raw("wz", [2], Int8Array.of(2, 0))],
    });
    const { weights } = await readWeights(bytes);
    expect(weights).toHaveLength(1);
    expect(Array.from((await weights[0]!.neurons()).data)).toEqual([1, -2, 3, 4, 6, -16]);
    expect(weights[0]).toMatchObject({ op: "QLinearConv", dataType: "int8", scaled: true, via: ["DequantizeLinear"] });
  });

  it("ConvInteger: whole steps", async () => {
    const bytes = model({
      nodes: [node("ConvInteger", ["x", "w", "xz", "wz"], ["y"])],
      initializers: [raw("w", [2, 3, 1], Uint8Array.of(11, 8, 13, 14, 15, 4)), raw("wz", [], Uint8Array.of(10))],
    });
    const { weights } = await readWeights(bytes);
    expect(Array.from((await weights[0]!.neurons()).data)).toEqual(rows.flat());
    expect(weights[0]!.scaled).toBe(false);
  });

  it.each([
    ["MatMulInteger", ["x", "w", "", "wz"], 1, [1, -2, 3, 2, 3, -8]],
    ["QLinearMatMul", ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz"], 3, [2, -4, 6, 8, 12, -32]],
  ] as const)("%s: a zero point per column", async (op, inputs, input, expected) => {
    const bytes = model({
      nodes: [node(op, [...inputs], ["y"])],
      initializers: [
        raw("w", [3, 2], Int8Array.of(1, 4, -2, 5, 3, -6)),
        raw("wz", [2], Int8Array.of(0, 2)),
        raw("ws", [2], Float32Array.of(2, 4)),
      ],
    });
    const { weights } = await readWeights(bytes);
    expect(weights[0]!.consumers[0]!.input).toBe(input);
    expect(Array.from((await weights[0]!.neurons()).data)).toEqual([...expected]);
  });

  it("a scale that is computed is said to be", async () => {
    const bytes = model({
      nodes: [node("QLinearMatMul", ["x", "xs", "xz", "w", "computed", "wz", "ys", "yz"], ["y"])],
      initializers: [raw("w", [3, 2], new Int8Array(6))],
    });
    const { weights, unplaced } = await readWeights(bytes);
    expect(weights).toEqual([]);
    expect(unplaced[0]!.reason).toMatch(/scale or zero point is computed/);
  });
});

describe("rows and gates", () => {
  it("Gather: rows of a table, and slices along another axis", async () => {
    const table = normal([5, 3]);
    const bytes = model({
      nodes: [node("Gather", ["t", "i"], ["a"]), node("Gather", ["u", "i"], ["b"], { axis: -1 })],
      initializers: [raw("t", [5, 3], table), raw("u", [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))],
    });
    const [rows, columns] = (await readWeights(bytes)).weights;
    expect((await rows!.neurons()).data).toEqual(table);
    expect(Array.from((await columns!.neurons()).data)).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it.each([
    ["LSTM", ["input gate", "output gate", "forget gate", "cell"]],
    ["GRU", ["update gate", "reset gate", "hidden"]],
    ["RNN", []],
  ] as const)("%s, both directions: one matrix per gate", async (op, gates) => {
    const n = Math.max(gates.length, 1);
    const [hidden, input] = [3, 2];
    const w = normal([2, n * hidden, input], 1);
    const r = normal([2, n * hidden, hidden], 2);
    const bytes = model({
      nodes: [node(op, ["x", "w", "r", "b"], ["y"], { hidden_size: hidden, direction: "bidirectional" })],
      initializers: [
        raw("w", [2, n * hidden, input], w),
        raw("r", [2, n * hidden, hidden], r),
        raw("b", [2, 2 * n * hidden], normal([2, 2 * n * hidden])),
      ],
    });
    const { weights, unplaced } = await readWeights(bytes);
    expect(unplaced.map(({ name, reason }) => [name, reason])).toEqual([["b", `bias of ${op} "y"`]]);
    const parts = (kind: string) =>
      ["forward", "reverse"].flatMap((way) =>
        n === 1 ? [`${way}, ${kind}`] : gates.map((gate) => `${way}, ${gate}, ${kind}`),
      );
    expect(weights.map(({ part }) => part)).toEqual([...parts("input weights"), ...parts("recurrent weights")]);
    const read = await Promise.all(weights.map(async (weight) => Array.from((await weight.neurons()).data)));
    expect(read.slice(0, 2 * n).flat()).toEqual(Array.from(w));
    expect(read.slice(2 * n).flat()).toEqual(Array.from(r));
    expect(new Set(weights.map(({ name }) => name)).size).toBe(4 * n);
  });

  it("weights that don't fit their operator are said not to", async () => {
    const bytes = model({
      nodes: [
        node("LSTM", ["x", "w", "r"], ["y"], { hidden_size: 4 }),
        node("Conv", ["x", "k"], ["z"], { group: 3 }),
        node("Gemm", ["x", "g"], ["v"]),
        node("MatMul", ["k", "g"], ["both"]),
        node("Add", ["x", "a"], ["sum"]),
      ],
      initializers: [
        raw("w", [1, 12, 2], normal([24])),
        raw("r", [1, 12, 3], normal([36])),
        raw("k", [4, 1, 1], normal([4])),
        raw("g", [2, 1, 3], normal([6])),
        raw("a", [2, 3], normal([6])),
        raw("idle", [2, 3], normal([6])),
        raw("empty", [0, 3], new Float32Array(0)),
      ],
    });
    const { weights, unplaced } = await readWeights(bytes);
    expect(weights).toEqual([]);
    expect(Object.fromEntries(unplaced.map(({ name, reason }) => [name, reason]))).toEqual({
      w: 'read by LSTM "y", but LSTM expects weights [1, 4·4, in], not [1, 12, 2]',
      r: 'read by LSTM "y", but LSTM expects weights [1, 4·4, 4], not [1, 12, 3]',
      k: 'read by Conv "z", but Conv with 3 groups doesn\'t fit a kernel of shape [4, 1, 1]',
      g: 'read by Gemm "v", but Gemm expects a matrix, not [2, 1, 3]',
      a: 'input 1 of Add "sum", which has no neurons there',
      idle: "no node reads it",
      empty: "no node reads it",
    });
  });
});

describe("what a converter that quantizes puts behind an operator", () => {
  const build = (scales: Float32Array) =>
    model({
      nodes: [
        node("Gather", ["table", "ids"], ["rows"]),
        node("DequantizeLinear", ["rows", "tableScale", "tableZero"], ["e"]),
        node("DynamicQuantizeLinear", ["e"], ["q", "s", "z"]),
        node("MatMulInteger", ["q", "w", "z", "wZero"], ["whole"], {}, { name: "product" }),
        node("Cast", ["whole"], ["number"], { to: 1 }),
        node("Mul", ["s", "wScale"], ["both"]),
        node("Mul", ["number", "both"], ["y"]),
      ],
      initializers: [
        raw(
          "table",
          [5, 4],
          Uint8Array.from({ length: 20 }, (_, n) => (37 * n) % 251),
        ),
        raw("tableScale", [], Float32Array.of(0.5)),
        raw("tableZero", [], Uint8Array.of(100)),
        raw(
          "w",
          [4, 3],
          Int8Array.from({ length: 12 }, (_, n) => (29 * n) % 100),
        ),
        raw("wZero", [], Int8Array.of(7)),
        raw("wScale", [...(scales.length > 1 ? [scales.length] : [])], scales),
      ],
      inputs: [value("ids", [1, 2], 7)],
      outputs: [value("y", [1, 2, 3])],
    });

  it.each([[Float32Array.of(0.25)], [Float32Array.of(0.25, 1, 4)]])("is part of its weights, %s", async (scales) => {
    const bytes = build(scales);
    const { layers } = await openModel(bytes, { name: "model.onnx" });
    expect(layers.map(({ name, note }) => [name, note])).toEqual([
      ["table", undefined],
      ["w", undefined],
    ]);
    const [table, weights] = [await layers[0]!.read(), await layers[1]!.read()];
    expect([...table]).toEqual(Array.from({ length: 20 }, (_, n) => (((37 * n) % 251) - 100) * 0.5));
    expect([...weights]).toEqual(
      Array.from({ length: 12 }, (_, n) => (((29 * n) % 100) - 7) * scales[scales.length > 1 ? n % 3 : 0]!),
    );
    // ONNX Runtime computes the product of these very numbers, but for the rounding of its input.
    const session = await ort.InferenceSession.create(bytes);
    const ids = new ort.Tensor("int64", BigInt64Array.of(3n, 1n), [1, 2]);
    const y = (await session.run({ ids })).y!.data as Float32Array;
    for (let column = 0; column < 3; column++) {
      const exact = [0, 1, 2, 3].reduce((sum, k) => sum + table[3 * 4 + k]! * weights[k * 3 + column]!, 0);
      expect(y[column]! / exact).toBeCloseTo(1, 1);
    }
  });

  it("isn't taken where others read the product too, and then lengths are in steps", async () => {
    const bytes = model({
      nodes: [
        node("MatMulInteger", ["q", "w"], ["whole"]),
        node("Cast", ["whole"], ["number"], { to: 1 }),
        node("Mul", ["number", "scale"], ["y"]),
        node("Identity", ["whole"], ["z"]),
      ],
      initializers: [raw("w", [4, 3], new Int8Array(12).fill(3)), raw("scale", [], Float32Array.of(2))],
      inputs: [value("q", [1, 2, 4], 2)],
      outputs: [value("y", [1, 2, 3]), value("z", [1, 2, 3], 6)],
    });
    const { layers } = await openModel(bytes, { name: "model.onnx" });
    expect([...(await layers[0]!.read())]).toEqual(Array.from({ length: 12 }, () => 3));
    expect(layers[0]!.note).toContain("in steps of the quantization");
  });
});

describe("heads of an attention", () => {
  /** As PyTorch writes it: a Reshape into heads, a Transpose, products around a Softmax. */
  const cut = (part: string, perm: readonly number[], after: string) => [
    node("MatMul", ["x", `w${part}`], [`m${part}`], {}, { name: `/layer.0/${part}/MatMul` }),
    node("Add", [`m${part}`, `b${part}`], [`s${part}`]),
    // Its size is asked for on the side.
    node("Shape", [`s${part}`], [`shape${part}`]),
    node("Reshape", [`s${part}`, `front4${part}`], [`r${part}`], {}, { name: `cut ${part}` }),
    node("Transpose", [`r${part}`], [after], { perm: [...perm] }),
  ];

  it("are the sizes of the Reshape that cuts its outputs into heads", async () => {
    const bias = (part: string, size: number) => raw(`b${part}`, [size], normal([size]));
    const sizes = (name: string, ...numbers: number[]) =>
      raw(name, [numbers.length], BigInt64Array.from(numbers.map(BigInt)), 7);
    const bytes = model({
      nodes: [
        ...cut("q", [0, 2, 1, 3], "q"),
        ...cut("k", [0, 2, 3, 1], "k"),
        ...cut("v", [0, 2, 1, 3], "v"),
        ...cut("other", [0, 2, 1, 3], "unused"),
        node("MatMul", ["q", "k"], ["scores"]),
        node("Div", ["scores", "scale"], ["scaled"]),
        node("Softmax", ["scaled"], ["weights"]),
        node("MatMul", ["weights", "v"], ["y"]),
      ],
      initializers: [
        ...(["q", "k", "v", "other"] as const).flatMap((part) => {
          const size = part === "q" ? 16 : 8;
          return [raw(`w${part}`, [6, size], normal([6, size])), bias(part, size)];
        }),
        sizes("front4q", 1, 3, 4, 4),
        ...["k", "v", "other"].map((part) => sizes(`front4${part}`, 1, 3, 2, -1)),
        raw("scale", [1], Float32Array.of(2)),
      ],
      inputs: [value("x", [1, 3, 6])],
      outputs: [value("y", [1, 4, 3, 4])],
    });
    const { layers } = await openModel(bytes, { name: "model.onnx" });
    expect(layers.map(({ name, role, heads }) => [name, role, heads?.count, heads?.size, heads?.queries])).toEqual([
      ["wq", "query", 4, 4, 1],
      ["wk", "key", 2, 4, 2],
      ["wv", "value", 2, 4, 2],
      ["wother", undefined, undefined, undefined, undefined],
    ]);
    expect(layers[0]!.heads!.source).toBe('Reshape "cut q"');
  });

  it("of ONNX Runtime's Attention, whose queries, keys and values are one matrix, are three layers", async () => {
    const [inputs, hidden, heads] = [6, 8, 2];
    const build = (weights: Float32Array) =>
      model({
        nodes: [
          node(
            "Attention",
            ["x", "w", "b"],
            ["y"],
            { num_heads: heads },
            { domain: "com.microsoft", name: "attention" },
          ),
        ],
        initializers: [raw("w", [inputs, 3 * hidden], weights), raw("b", [3 * hidden], new Float32Array(3 * hidden))],
        inputs: [value("x", [1, 3, inputs])],
        outputs: [value("y", [1, 3, hidden])],
        microsoft: true,
      });
    const weights = normal([inputs, 3 * hidden]);
    const { layers } = await openModel(build(weights), { name: "model.onnx" });
    const source = 'Attention "attention"';
    expect(layers.map(({ name, role, heads: found }) => [name, role, found])).toEqual(
      ["query", "key", "value"].map((part) => [
        `w [${part}]`,
        part,
        { count: 2, size: 4, along: "neurons", queries: 1, source },
      ]),
    );
    // ONNX Runtime's word: without its queries every place sees the same, and a silent value is silent in the output.
    const run = async (silent: readonly number[]) => {
      const changed = weights.map((number, n) => (silent.includes(n % (3 * hidden)) ? 0 : number));
      const session = await ort.InferenceSession.create(build(changed));
      const x = new ort.Tensor("float32", normal([1, 3, inputs]), [1, 3, inputs]);
      return (await session.run({ x })).y!.data as Float32Array;
    };
    const first = await layers[0]!.read();
    expect([...first]).toEqual([...weights].filter((_, n) => n % (3 * hidden) < hidden));
    const noQueries = await run(Array.from({ length: hidden }, (_, k) => k));
    for (let k = 0; k < hidden; k++) expect(noQueries[k]).toBeCloseTo(noQueries[hidden + k]!, 5);
    const silent = await run([2 * hidden + 5]);
    expect([0, 1, 2].map((place) => silent[place * hidden + 5])).toEqual([0, 0, 0]);
    expect(silent[4]).not.toBe(0);
  });

  it("sizes of queries, keys and values may differ, and what doesn't fit is said", async () => {
    const build = (attributes: Record<string, AttributeValue>) =>
      model({
        nodes: [node("Attention", ["x", "w"], ["y"], attributes, { domain: "com.microsoft", name: "a" })],
        initializers: [raw("w", [6, 20], normal([6, 20]))],
        inputs: [value("x", [1, 3, 6])],
        outputs: [value("y", [1, 3, 4])],
        microsoft: true,
      });
    const told = await openModel(build({ num_heads: 2, qkv_hidden_sizes: [8, 8, 4] }), { name: "a.onnx" });
    expect(told.layers.map(({ shape, heads }) => [shape, heads?.size])).toEqual([
      [[6, 8], 4],
      [[6, 8], 4],
      [[6, 4], 2],
    ]);
    const wrong = await openModel(build({ num_heads: 2 }), { name: "a.onnx" });
    expect(wrong.layers).toEqual([]);
    expect(wrong.skipped[0]!.reason).toContain("its 20 columns aren't queries, keys and values of 6, 6, 6");
  });

  it("quantized ones are read by the scale and the zero point of each column", async () => {
    const bytes = Int8Array.from({ length: 24 }, (_, n) => ((n * 37) % 251) - 125);
    const [scales, zeros] = [
      Float32Array.from({ length: 12 }, (_, n) => (n + 1) / 8),
      Int8Array.from({ length: 12 }, (_, n) => n - 4),
    ];
    const build = (scale: string) =>
      model({
        nodes: [
          node(
            "QAttention",
            ["x", "w", "b", "xs", scale, "", "xz", "wz"],
            ["y"],
            { num_heads: 2 },
            { domain: "com.microsoft", name: "a" },
          ),
        ],
        initializers: [
          ...[raw("w", [2, 12], bytes), raw("b", [12], new Float32Array(12)), raw("xs", [], Float32Array.of(1))],
          ...[raw("ws", [12], scales), raw("xz", [], Int8Array.of(0)), raw("wz", [12], zeros)],
        ],
        inputs: [value("x", [1, 3, 2])],
        outputs: [value("y", [1, 3, 4])],
        microsoft: true,
      });
    const { layers } = await openModel(build("ws"), { name: "a.onnx" });
    expect(layers.map(({ name, shape, heads }) => [name, shape, heads?.count, heads?.size])).toEqual(
      ["query", "key", "value"].map((part) => [`w [${part}]`, [2, 4], 2, 2]),
    );
    const stored = (row: number, column: number) => (bytes[row * 12 + column]! - zeros[column]!) * scales[column]!;
    for (const [part, { read }] of layers.entries()) {
      const wanted = [0, 1].flatMap((row) => [0, 1, 2, 3].map((k) => stored(row, 4 * part + k)));
      expect([...(await read())]).toEqual(wanted);
    }
    const computed = await openModel(build("x"), { name: "a.onnx" });
    expect(computed.skipped[0]!.reason).toContain("its scale or zero point is computed while the model runs");
  });

  it("are attributes of the node that a product goes into, with a bias or a cast on the way", async () => {
    const products = (["q", "k", "v"] as const).flatMap((part) => [
      node("MatMul", ["x", `w${part}`], [`m${part}`], {}, { name: `${part}_proj` }),
      node("Add", [`m${part}`, `b${part}`], [part]),
    ]);
    const bytes = model({
      nodes: [
        ...products,
        node(
          "GroupQueryAttention",
          ["q", "k", "v"],
          ["y"],
          { num_heads: 4, kv_num_heads: 2 },
          { domain: "com.microsoft", name: "attention" },
        ),
        node("MatMul", ["y", "wo"], ["z"], {}, { name: "o_proj" }),
      ],
      initializers: [
        raw("wq", [6, 16], normal([6, 16])),
        raw("wk", [6, 8], normal([6, 8])),
        raw("wv", [6, 8], normal([6, 8])),
        raw("wo", [16, 6], normal([16, 6])),
        raw("bq", [16], normal([16])),
        raw("bk", [8], normal([8])),
        raw("bv", [8], normal([8])),
      ],
      inputs: [value("x", [1, 3, 6])],
      outputs: [value("z", [1, 3, 6])],
      microsoft: true,
    });
    const { layers } = await openModel(bytes, { name: "model.onnx" });
    const source = 'GroupQueryAttention "attention"';
    expect(layers.map(({ name, role, heads, readBy }) => [name, role, heads, readBy])).toEqual([
      ["wq", "query", { count: 4, size: 4, along: "neurons", queries: 1, source }, 'MatMul "q_proj"'],
      ["wk", "key", { count: 2, size: 4, along: "neurons", queries: 2, source }, 'MatMul "k_proj"'],
      ["wv", "value", { count: 2, size: 4, along: "neurons", queries: 2, source }, 'MatMul "v_proj"'],
      ["wo", undefined, undefined, 'MatMul "o_proj"'],
    ]);
  });
});
