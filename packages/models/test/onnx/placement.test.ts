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

describe("heads of an attention", () => {
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
