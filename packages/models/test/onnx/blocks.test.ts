/**
 * Weights quantized in blocks, as onnxruntime-genai and transformers.js ship them: the numbers read must be those that ONNX
 * Runtime multiplies with, which it shows when it is given an identity matrix.
 */
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { readWeights } from "../../src/onnx.js";
import { draws } from "../support/stored-numbers.js";
import { type AttributeValue, model, node, raw, type Tensor, Type, value } from "./support/build-model.js";

const bytes = (seed: number, count: number) => Uint8Array.from(draws(seed, count, 256));
const floats = (seed: number, count: number) => Float32Array.from(draws(seed, count, 90), (x) => (x + 5) / 64);
const sizeOf = (dims: readonly number[]) => dims.reduce((product, size) => product * size, 1);
const packed = (name: string, dims: readonly number[], seed = 1) => raw(name, dims, bytes(seed, sizeOf(dims)));
const scales = (name: string, dims: readonly number[], seed = 2) => raw(name, dims, floats(seed, sizeOf(dims)));

const identity = (size: number) => Float32Array.from({ length: size * size }, (_, n) => (n % (size + 1) === 0 ? 1 : 0));

async function run(file: Uint8Array, feeds: Readonly<Record<string, ort.Tensor>>): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(file, { graphOptimizationLevel: "disabled" });
  const { y } = await session.run(feeds);
  await session.release();
  return y!.data as Float32Array;
}

interface Made {
  readonly op: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly inputs: readonly (Tensor | "")[];
}

/** A model of one node whose first input is computed, or whose second one is, for look-ups. */
function single({ op, attributes, inputs }: Made, lookUp = false): Uint8Array<ArrayBuffer> {
  const names = inputs.map((tensor) => (tensor === "" ? "" : tensor.name!));
  const x = lookUp ? [names[0]!, "x", ...names.slice(1)] : ["x", ...names];
  return model({
    nodes: [node(op, x, ["y"], attributes, { domain: "com.microsoft" })],
    initializers: inputs.filter((tensor): tensor is Tensor => tensor !== ""),
    inputs: [value("x", undefined, lookUp ? Type.INT64 : Type.FLOAT)],
    outputs: [value("y")],
    microsoft: true,
  });
}

async function onlyWeight(file: Uint8Array<ArrayBuffer>) {
  const { weights, unplaced } = await readWeights(file);
  expect(unplaced.filter(({ reason }) => /no neurons/.test(reason))).toEqual([]);
  expect(weights.length, JSON.stringify(unplaced)).toBe(1);
  return weights[0]!;
}

/** Every stretch is what the whole has there. */
async function checkParts(weight: Awaited<ReturnType<typeof onlyWeight>>): Promise<void> {
  const { data } = await weight.kernel();
  const ends = draws(7, 24, data.length + 1);
  for (let n = 0; n < 12; n++) {
    const [from, to] = [ends[2 * n]!, ends[2 * n + 1]!].sort((a, b) => a - b) as [number, number];
    expect(await weight.kernelPart!(from, to - from)).toEqual(data.slice(from, to));
  }
}

/** x·Wᵀ with x the identity is Wᵀ. */
async function compareProduct(file: Uint8Array<ArrayBuffer>, tolerance = 1e-6): Promise<void> {
  const weight = await onlyWeight(file);
  const { data: rows, count, dim } = await weight.neurons();
  const y = await run(file, { x: new ort.Tensor("float32", identity(dim), [dim, dim]) });
  expect(y.length).toBe(count * dim);
  const largest = y.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < dim; k++) {
      expect(Math.abs(rows[n * dim + k]! - y[k * count + n]!), `${n}, ${k}`).toBeLessThanOrEqual(tolerance * largest);
    }
  }
  await checkParts(weight);
}

function nBits(bits: number, K: number, N: number, block: number, more: readonly (Tensor | "")[] = []): Made {
  const blocks = Math.ceil(K / block);
  return {
    op: "MatMulNBits",
    attributes: { K, N, bits, block_size: block },
    inputs: [packed("b", [N, blocks, (block * bits) / 8]), scales("s", [N * blocks]), ...more],
  };
}

describe("MatMulNBits", () => {
  it.each([
    [2, 64, 12, 32],
    [4, 64, 12, 32],
    [4, 32, 8, 16],
    [4, 100, 7, 32],
    [4, 48, 5, 64],
    [8, 64, 12, 16],
    [8, 50, 6, 32],
  ])("of %i bits, K %i, N %i, blocks of %i", async (bits, K, N, block) => {
    await compareProduct(single(nBits(bits, K, N, block)));
  });

  it.each([
    [2, 160, 6, 32],
    [4, 96, 6, 32],
    [4, 100, 5, 16],
    [8, 64, 6, 32],
  ])("with packed zero points: %i bits, K %i, N %i, blocks of %i", async (bits, K, N, block) => {
    const width = Math.ceil((Math.ceil(K / block) * bits) / 8);
    await compareProduct(single(nBits(bits, K, N, block, [packed("z", [N * width], 5)])));
  });

  it("with floats for zero points", async () => {
    await compareProduct(single(nBits(4, 96, 6, 32, [scales("z", [6, 3], 8)])));
  });

  it("with inputs in any order of groups", async () => {
    const order = raw("g", [96], Int32Array.from(draws(4, 96, 3)));
    await compareProduct(single(nBits(4, 96, 6, 32, ["", order])));
  });

  it("with zero points by groups, too", async () => {
    // By definition: ONNX Runtime 1.30 takes 8 for all of them on the CPU where both are given.
    const [K, N, blocks] = [64, 3, 4];
    const order = draws(4, K, blocks);
    const zeros = bytes(5, N * 2);
    const more = [raw("z", [N * 2], zeros), raw("g", [K], Int32Array.from(order))];
    const weight = await onlyWeight(single(nBits(4, K, N, 16, more)));
    const { data } = await weight.kernel();
    const [codes, factors] = [bytes(1, (N * K) / 2), floats(2, N * blocks)];
    const half = (of: Uint8Array, at: number) => (of[at >> 1]! >> ((at & 1) * 4)) & 15;
    const expected = Array.from({ length: N * K }, (_, at) => {
      const group = Math.floor(at / K) * blocks + order[at % K]!;
      return (half(codes, at) - half(zeros, group)) * factors[group]!;
    });
    expect(Array.from(data)).toEqual(expected);
    await checkParts(weight);
  });

  it("behind a Reshape, and with scales as [N, blocks]", async () => {
    const made = nBits(4, 64, 12, 32);
    const flat = packed("flat", [12 * 32]);
    const shape = raw("shape", [3], BigInt64Array.from([12n, 2n, 16n]));
    const file = model({
      nodes: [
        node("Reshape", ["flat", "shape"], ["b"]),
        node("MatMulNBits", ["x", "b", "s"], ["y"], made.attributes, { domain: "com.microsoft" }),
      ],
      initializers: [flat, shape, scales("s", [12, 2])],
      inputs: [value("x")],
      outputs: [value("y")],
      microsoft: true,
    });
    await compareProduct(file);
  });

  it.each([
    ["3 bits", { bits: 3 }, "3 bits"],
    ["packed for one processor", { weight_prepacked: 1 }, "one kind of processor"],
    ["another K", { K: 200 }, "expected"],
    ["no K", { K: 0 }, "doesn't fit"],
    ["blocks of 0", { block_size: 0 }, "doesn't fit"],
    ["a huge K and N", { K: 2 ** 40, N: 2 ** 40 }, "expected"],
  ])("is refused with %s, by name", async (_, attributes, reason) => {
    const made = nBits(4, 64, 12, 32);
    const { weights, unplaced } = await readWeights(
      single({ ...made, attributes: { ...made.attributes, ...attributes } }),
    );
    expect(weights).toEqual([]);
    expect(unplaced.find(({ name }) => name === "b")!.reason).toContain(reason);
    expect(unplaced.find(({ name }) => name === "s")!.reason).toContain("scales of MatMulNBits");
  });
});

describe("GatherBlockQuantized", () => {
  const compareTable = async (made: Made, rows: number): Promise<void> => {
    const file = single(made, true);
    const weight = await onlyWeight(file);
    const neurons = await weight.neurons();
    const indices = BigInt64Array.from({ length: rows }, (_, n) => BigInt(n));
    const y = await run(file, { x: new ort.Tensor("int64", indices, [rows]) });
    const axis = made.attributes.gather_axis ?? 0;
    expect(Array.from(axis === 0 ? neurons.data : (await weight.kernel()).data)).toEqual(Array.from(y));
    expect(neurons.count).toBe(rows);
    await checkParts(weight);
  };
  const table = (attributes: Readonly<Record<string, number>>, ...inputs: Tensor[]): Made => ({
    op: "GatherBlockQuantized",
    attributes: { gather_axis: 0, quantize_axis: 1, ...attributes },
    inputs,
  });

  it.each([
    ["4 bits in bytes", { bits: 4, block_size: 16 }, [packed("t", [9, 24]), scales("s", [9, 3])]],
    ["8 bits in bytes", { bits: 8, block_size: 16 }, [packed("t", [9, 40]), scales("s", [9, 3])]],
    ["a last block cut off", { bits: 4, block_size: 32 }, [packed("t", [9, 24]), scales("s", [9, 2])]],
    ["zero points", { bits: 4, block_size: 16 }, [packed("t", [9, 24]), scales("s", [9, 3]), packed("z", [9, 2], 6)]],
  ] as const)("of %s", async (_, attributes, inputs) => {
    await compareTable(table(attributes, ...inputs), 9);
  });

  it.each([
    ["uint4", Type.UINT4, 0, 1],
    ["int4", Type.INT4, 0, 1],
    ["int4 along the first axis", Type.INT4, 1, 0],
  ])("of %s", async (_, type, gathered, quantized) => {
    const shape = [32, 48];
    const scaleShape = shape.map((size, axis) => (axis === quantized ? size / 16 : size));
    const small = (name: string, dims: readonly number[], seed: number) =>
      raw(name, dims, bytes(seed, sizeOf(dims) / 2), type);
    const attributes = { gather_axis: gathered, quantize_axis: quantized, block_size: 16 };
    await compareTable(table(attributes, small("t", shape, 1), scales("s", scaleShape)), shape[gathered]!);
    await compareTable(
      table(attributes, small("t", shape, 1), scales("s", scaleShape), small("z", scaleShape, 9)),
      shape[gathered]!,
    );
  });
});

describe("MatMulBnb4", () => {
  it.each([
    [0, 16],
    [1, 16],
    [1, 64],
  ])("of type %i in blocks of %i", async (type, block) => {
    const [K, N] = [48, 6];
    await compareProduct(
      single({
        op: "MatMulBnb4",
        attributes: { K, N, block_size: block, quant_type: type },
        inputs: [packed("b", [(K * N) / 2]), scales("s", [Math.ceil((K * N) / block)])],
      }),
    );
  });
});

describe("DequantizeLinear of small types", () => {
  const shape = [16, 32];
  const small = (name: string, type: Type, bits: number, dims: readonly number[], seed: number) =>
    // Exponents below the largest and no negative zero, so that none is NaN or infinite.
    raw(
      name,
      dims,
      bytes(seed, (sizeOf(dims) * bits) / 8).map((byte) => (bits === 8 ? (byte & 0xb7) | 1 : byte)),
      type,
    );

  it.each([
    ["float8e4m3fn", Type.FLOAT8E4M3FN, 8],
    ["float8e5m2", Type.FLOAT8E5M2, 8],
    ["float8e4m3fnuz", Type.FLOAT8E4M3FNUZ, 8],
    ["float8e5m2fnuz", Type.FLOAT8E5M2FNUZ, 8],
    ["int4", Type.INT4, 4],
    ["uint4", Type.UINT4, 4],
  ])("%s, with one scale, one for each neuron, and blocks of both axes", async (_, type, bits) => {
    const ways: [Record<string, number>, Tensor][] = [
      [{}, raw("s", [], Float32Array.of(0.25))],
      [{ axis: 1 }, scales("s", [32])],
      [{ axis: 0, block_size: 4 }, scales("s", [4, 32])],
      [{ axis: 1, block_size: 16 }, scales("s", [16, 2])],
    ];
    for (const [attributes, scale] of ways) {
      const file = model({
        nodes: [node("DequantizeLinear", ["q", "s"], ["w"], attributes), node("MatMul", ["x", "w"], ["y"])],
        initializers: [small("q", type, bits, shape, 3), scale],
        inputs: [value("x")],
        outputs: [value("y")],
      });
      await compareProduct(file);
    }
  });

  it.each([
    ["float4e2m1", 23, 4, [0.5, -6, 1.5, 0]],
    ["uint2", 25, 2, [1, 3, 2, 0]],
    ["int2", 26, 2, [1, -1, -2, 0]],
  ] as const)("%s", async (_, type, bits, values) => {
    const codes = bits === 4 ? [1, 15, 3, 8] : [1, 3, 2, 0];
    const packedCodes = new Uint8Array((4 * bits) / 8);
    codes.forEach((code, n) => {
      packedCodes[Math.floor((n * bits) / 8)]! |= code << ((n * bits) % 8);
    });
    const file = model({
      nodes: [node("DequantizeLinear", ["q", "s"], ["w"]), node("MatMul", ["x", "w"], ["y"])],
      initializers: [raw("q", [2, 2], packedCodes, type as Type), raw("s", [], Float32Array.of(2))],
      inputs: [value("x")],
    });
    const weight = await onlyWeight(file);
    expect(Array.from((await weight.kernel()).data, (each) => each + 0)).toEqual(values.map((each) => each * 2));
    await checkParts(weight);
  });
});

describe("QGemm", () => {
  it.each([0, 1])("with transB %i and a scale for each neuron", async (transB) => {
    const [K, N] = [16, 5];
    const file = model({
      nodes: [
        node(
          "QGemm",
          ["q", "one", "none", "b", "s", "z"],
          ["y"],
          { transB, alpha: { float: 2 } },
          { domain: "com.microsoft" },
        ),
        node("Cast", ["x"], ["q"], { to: Type.UINT8 }),
      ].reverse(),
      initializers: [
        raw("one", [], Float32Array.of(1)),
        raw("none", [], Uint8Array.of(0)),
        packed("b", transB ? [N, K] : [K, N]),
        scales("s", [N]),
        packed("z", [N], 8),
      ],
      inputs: [value("x")],
      outputs: [value("y")],
      microsoft: true,
    });
    await compareProduct(file);
  });
});

describe("MoE and QMoE", () => {
  const [experts, hidden, inner] = [3, 32, 64];
  /** Silences all but one unit of the inner layer of an expert, and compares with what ONNX Runtime computes. */
  const output = async (file: Uint8Array<ArrayBuffer>, expert: number, x: Float32Array) =>
    run(file, {
      x: new ort.Tensor("float32", x, [1, hidden]),
      router: new ort.Tensor(
        "float32",
        Float32Array.from({ length: experts }, (_, n) => (n === expert ? 1 : -1)),
        [1, experts],
      ),
    });
  const file = (op: string, attributes: Readonly<Record<string, AttributeValue>>, tensors: readonly (Tensor | "")[]) =>
    model({
      nodes: [
        node(op, ["x", "router", ...tensors.map((t) => (t === "" ? "" : t.name!))], ["y"], attributes, {
          domain: "com.microsoft",
        }),
      ],
      initializers: tensors.filter((tensor): tensor is Tensor => tensor !== ""),
      inputs: [value("x"), value("router")],
      outputs: [value("y")],
      microsoft: true,
    });

  const relu = { k: 1, activation_type: "relu", normalize_routing_weights: 1 };
  const cases: [string, Uint8Array<ArrayBuffer>][] = [
    [
      "QMoE of 4 bits, a scale for each neuron",
      file("QMoE", { ...relu, expert_weight_bits: 4, weights_prepacked: 0 }, [
        packed("fc1", [experts, inner, hidden / 2], 3),
        scales("s1", [experts, inner]),
        "",
        packed("fc2", [experts, hidden, inner / 2], 4),
        scales("s2", [experts, hidden]),
      ]),
    ],
    [
      "QMoE of 8 bits in blocks",
      file("QMoE", { ...relu, expert_weight_bits: 8, block_size: 16, weights_prepacked: 0 }, [
        packed("fc1", [experts, inner, hidden], 3),
        scales("s1", [experts, inner, hidden / 16]),
        "",
        packed("fc2", [experts, hidden, inner], 4),
        scales("s2", [experts, hidden, inner / 16]),
      ]),
    ],
  ];

  it.each(cases)("%s", async (_, bytesOfFile) => {
    const { weights } = await readWeights(bytesOfFile);
    expect(weights.map(({ name }) => name)).toEqual(
      ["fc1", "fc2"].flatMap((name) => [0, 1, 2].map((n) => `${name} [expert ${n}, ${name}]`)),
    );
    for (const expert of [0, 2]) {
      const first = await weights[expert]!.neurons();
      const second = await weights[experts + expert]!.neurons();
      expect([first.count, first.dim, second.count, second.dim]).toEqual([inner, hidden, hidden, inner]);
      const x = floats(11, hidden);
      const row = (of: typeof first, n: number, vector: ArrayLike<number>) =>
        Array.from(vector).reduce((sum, each, k) => sum + each * of.data[n * of.dim + k]!, 0);
      const middle = Array.from({ length: inner }, (_, n) => Math.max(0, row(first, n, x)));
      const y = await output(bytesOfFile, expert, x);
      const largest = y.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
      for (let n = 0; n < hidden; n++) {
        // The CPU's kernels for 8 bits round the inputs to 8 bits, too.
        expect(Math.abs(row(second, n, middle) - y[n]!)).toBeLessThan(0.02 * largest);
      }
      await checkParts(weights[expert]!);
    }
  });

  it.each([
    [1, (n: number) => 2 * n, (n: number) => 2 * n + 1],
    [2, (n: number) => n, (n: number) => 5 + n],
  ])("a fused gate (%i) is a matrix of its own", async (fusion, gateRow, upRow) => {
    const stack = Float32Array.from({ length: 2 * 10 * 4 }, (_, n) => n);
    const { weights } = await readWeights(
      file("MoE", { k: 1, activation_type: "swiglu", swiglu_fusion: fusion }, [
        raw("fc1", [2, 10, 4], stack),
        "",
        raw("fc2", [2, 4, 5], stack.slice(0, 40)),
      ]),
    );
    expect(weights.map(({ part }) => part)).toEqual([
      "expert 0, gate",
      "expert 1, gate",
      "expert 0, up",
      "expert 1, up",
      "expert 0, fc2",
      "expert 1, fc2",
    ]);
    for (const [index, row] of [
      [1, gateRow],
      [3, upRow],
    ] as const) {
      const { data } = await weights[index]!.neurons();
      const expected = Array.from({ length: 20 }, (_, n) => (10 + row(Math.floor(n / 4))) * 4 + (n % 4));
      expect(Array.from(data)).toEqual(expected);
    }
  });

  it("is refused where the bytes are packed for one kind of processor", async () => {
    const { weights, unplaced } = await readWeights(
      file("QMoE", { k: 1, weights_prepacked: 1 }, [packed("fc1", [2, 8, 4]), scales("s1", [2, 8])]),
    );
    expect(weights).toEqual([]);
    expect(unplaced[0]!.reason).toContain("one kind of processor");
  });
});

describe("DynamicQuantizeLSTM", () => {
  it.each([
    ["forward", 1, false],
    ["bidirectional", 2, true],
  ] as const)("%s is the LSTM of its gates", async (direction, directions, channels) => {
    const [inputs, hidden] = [6, 5];
    const columns = 4 * hidden;
    const scale = (name: string, seed: number) =>
      raw(
        name,
        channels ? [directions, columns] : [directions],
        floats(seed, channels ? directions * columns : directions).map((s) => s / 90),
      );
    // ONNX Runtime wants one zero point, however many scales there are.
    const zero = (name: string, seed: number) =>
      raw(
        name,
        channels ? [directions, columns] : [directions],
        new Uint8Array(channels ? directions * columns : directions).fill(120 + seed),
      );
    const attributes = { hidden_size: hidden, direction };
    const quantized = model({
      nodes: [
        node("DynamicQuantizeLSTM", ["x", "w", "r", "", "", "", "", "", "ws", "wz", "rs", "rz"], ["y"], attributes, {
          domain: "com.microsoft",
        }),
      ],
      initializers: [
        packed("w", [directions, inputs, columns], 3),
        packed("r", [directions, hidden, columns], 4),
        scale("ws", 5),
        zero("wz", 6),
        scale("rs", 7),
        zero("rz", 8),
      ],
      inputs: [value("x")],
      outputs: [value("y")],
      microsoft: true,
    });
    const { weights } = await readWeights(quantized);
    expect(weights.length).toBe(8 * directions);
    const stacked = async (tensor: string) => {
      const gates = weights.filter((weight) => weight.tensor === tensor);
      const rows = await Promise.all(gates.map((gate) => gate.neurons()));
      return Float32Array.from(rows.flatMap(({ data }) => Array.from(data)));
    };
    const plain = model({
      nodes: [node("LSTM", ["x", "w", "r"], ["y"], attributes)],
      initializers: [
        raw("w", [directions, columns, inputs], await stacked("w")),
        raw("r", [directions, columns, hidden], await stacked("r")),
      ],
      inputs: [value("x")],
      outputs: [value("y")],
    });
    const x = new ort.Tensor("float32", floats(9, 4 * inputs), [4, 1, inputs]);
    const [got, expected] = [await run(plain, { x }), await run(quantized, { x })];
    // The quantized one rounds its inputs to eight bits.
    got.forEach((each, n) => {
      expect(Math.abs(each - expected[n]!)).toBeLessThan(0.03);
    });
    expect(Math.max(...got.map(Math.abs))).toBeGreaterThan(0.1);
    await checkParts(weights[1]!);
  });
});
