/** Models that hold everything the reader knows, for the fuzzer to damage. */
import { type Graph, ints, model, node, normal, raw, scalar, type Tensor, Type, value } from "./build-model.js";

/** What the models keep outside. */
export const EXTERNAL_DATA = { "w.bin": new Uint8Array(normal([64]).buffer) };

const matrix = (name: string, rows: number, columns: number, seed: number) =>
  raw(name, [rows, columns], normal([rows, columns], seed));

function plain(): Uint8Array {
  return model({
    nodes: [
      node("Conv", ["x", "conv", "b"], ["a"], { group: 2, pads: [1, 1, 1, 1] }),
      node("ConvTranspose", ["a", "up"], ["b1"]),
      node("Gemm", ["b1", "gemm", "b"], ["c"], { transB: 1 }),
      node("MatMul", ["c", "stack"], ["d"]),
      node("Gather", ["table", "i"], ["e"], { axis: 0 }),
      node("LSTM", ["e", "w", "r", "lb"], ["f"], { hidden_size: 2, direction: "bidirectional" }),
      node("BatchNormalization", ["f", "b", "b", "b", "b"], ["y"], { epsilon: { float: 1e-5 } }),
    ],
    initializers: [
      raw("conv", [4, 2, 3, 3], normal([72], 1)),
      raw("up", [4, 3, 2, 2], normal([48], 2)),
      raw("b", [4], normal([4], 3)),
      matrix("gemm", 5, 3, 4),
      raw("stack", [2, 5, 3], normal([30], 5)),
      matrix("table", 7, 3, 6),
      raw("w", [2, 8, 3], normal([48], 7)),
      raw("r", [2, 8, 2], normal([32], 8)),
      raw("lb", [2, 16], normal([32], 9)),
    ],
    inputs: [value("x", [1, 4, 8, 8]), value("i", [2], Type.INT64)],
    outputs: [value("y")],
  });
}

function quantized(): Uint8Array {
  const q = Int8Array.from({ length: 24 }, (_, n) => n * 9 - 100);
  return model({
    nodes: [
      node("DequantizeLinear", ["q", "s6", "z6"], ["k"], { axis: 1 }),
      node("Transpose", ["k"], ["kt"], { perm: [1, 0] }),
      node("MatMul", ["x", "kt"], ["a"]),
      node("QLinearConv", ["a", "s", "z", "qc", "s4", "z4", "s", "z"], ["b"]),
      node("MatMulInteger", ["b", "q", "", "z6"], ["c"]),
      node("DequantizeLinear", ["n", "blocks"], ["nk"], { axis: 0, block_size: 2 }),
      node("Gemm", ["c", "nk"], ["d"]),
      node("QuantizeLinear", ["f", "s", "z"], ["fq"]),
      node("DequantizeLinear", ["fq", "s", "z"], ["fk"]),
      node("MatMul", ["d", "fk"], ["y"]),
    ],
    initializers: [
      raw("q", [4, 6], q),
      raw("qc", [4, 3, 2], q),
      { name: "n", dims: [4n, 6n], dataType: Type.INT4, rawData: new Uint8Array(q.buffer.slice(0, 12)) },
      raw("s6", [6], Float32Array.of(1, 2, 3, 4, 5, 6)),
      raw("z6", [6], new Int8Array(6)),
      raw("s4", [4], Float32Array.of(1, 2, 3, 4)),
      raw("z4", [4], new Int8Array(4)),
      raw("blocks", [2, 6], normal([12])),
      scalar("s", 0.5),
      raw("z", [], Int8Array.of(3)),
      matrix("f", 3, 5, 4),
    ],
  });
}

function typed(): Uint8Array {
  const typedTensor = (name: string, dataType: Type, more: Partial<Tensor>): Tensor =>
    ({ name, dims: [2n, 3n], dataType, ...more }) as Tensor;
  const tensors = [
    typedTensor("f", Type.FLOAT, { floatData: [1, 2, 3, 4, 5, 6] }),
    typedTensor("d", Type.DOUBLE, { doubleData: [1, 2, 3, 4, 5, 6] }),
    typedTensor("h", Type.FLOAT16, { int32Data: [1, 2, 3, 4, 5, 6] }),
    typedTensor("b", Type.BFLOAT16, { int32Data: [1, 2, 3, 4, 5, 6] }),
    typedTensor("r", Type.FLOAT16, { rawData: new Uint8Array(12) }),
    typedTensor("e", Type.FLOAT, {
      dataLocation: 1,
      externalData: [
        { key: "location", value: "w.bin" },
        { key: "offset", value: "16" },
        { key: "length", value: "24" },
      ] as never,
    }),
  ];
  return model({ nodes: tensors.map(({ name }, n) => node("MatMul", ["x", name!], [`y${n}`])), initializers: tensors });
}

function moved(): Uint8Array {
  return model({
    nodes: [
      node("Constant", [], ["w"], { value: { tensor: raw("", [8, 3], normal([24])) } }),
      node("Constant", [], ["zero"], { value_ints: [0] }),
      node("Slice", ["w", "zero", "four", "zero"], ["a"]),
      node("Slice", ["w", "four", "many", "zero"], ["b"]),
      node("Concat", ["b", "a"], ["c"], { axis: 0 }),
      node("Unsqueeze", ["c", "zero"], ["u"]),
      node("LSTM", ["x", "u", "r"], ["h"], { hidden_size: 2 }),
      node("Reshape", ["w", "shape"], ["m"]),
      node("Cast", ["m"], ["m16"], { to: Type.FLOAT16 }),
      node("Split", ["m16"], ["p", "q"], { axis: 1, num_outputs: 2 }),
      node("MatMul", ["h", "q"], ["y"]),
      node("Flatten", ["u"], ["flat"]),
      node("Squeeze", ["u", "zero"], ["squeezed"]),
      node("MatMul", ["flat", "x"], ["z"]),
    ],
    initializers: [
      ints("four", [4]),
      ints("many", [1 << 30]),
      ints("shape", [4, -1]),
      raw("r", [1, 8, 2], normal([16])),
    ],
    inputs: [value("x")],
  });
}

function nested(): Uint8Array {
  const branch = (weight: string): Graph => ({
    name: "branch",
    node: [node("MatMul", ["x", weight], ["m"]), node("LayerCall", ["m", weight], ["y"], {}, { domain: "local" })],
    initializer: [matrix("own", 3, 4, 3)],
    output: [value("y")],
  });
  const body: Graph = {
    name: "body",
    node: [node("If", ["c"], ["y"], { then_branch: { graph: branch("w") }, else_branch: { graph: branch("own") } })],
    input: [value("i"), value("c"), value("x")],
    output: [value("c"), value("y")],
  };
  const functions = ["LayerCall", "Inner"].map((name) => ({
    name,
    domain: "local",
    input: ["a", "b"],
    output: ["out"],
    attribute: ["side"],
    node:
      name === "Inner"
        ? [node("Gemm", ["a", "b"], ["out"], { transB: { reference: "side" } })]
        : [node("Inner", ["a", "b"], ["out"], { side: 1 }, { domain: "local" })],
    opsetImport: [{ domain: "", version: 21n }],
  }));
  return model({
    nodes: [
      node("Loop", ["n", "c", "x"], ["y"], { body: { graph: body } }),
      node("Einsum", ["y", "w"], ["z"], { equation: "ij,jk->ik" }),
    ],
    initializers: [matrix("w", 3, 4, 1)],
    inputs: [value("x"), value("c")],
    functions,
  });
}

/** Operators of ONNX Runtime's own, with their codes of few bits. */
function blocks(): Uint8Array {
  const bytes = (name: string, dims: readonly number[]) =>
    raw(
      name,
      dims,
      Uint8Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, n) => (n * 37) % 251),
    );
  const scales = (name: string, dims: readonly number[]) => raw(name, dims, normal(dims, 7));
  const own = { domain: "com.microsoft" };
  return model({
    nodes: [
      node("GatherBlockQuantized", ["t", "i", "ts"], ["a"], { block_size: 16, bits: 4 }, own),
      node("MatMulNBits", ["a", "b", "s", "z", "g"], ["c"], { K: 32, N: 3, bits: 4, block_size: 16 }, own),
      node("MatMulNBits", ["c", "b8", "s8", "z8"], ["d"], { K: 16, N: 3, bits: 8, block_size: 16 }, own),
      node("MatMulBnb4", ["d", "nf", "ns"], ["e"], { K: 16, N: 3, block_size: 16, quant_type: 1 }, own),
      node("QGemm", ["e", "one", "none", "q", "qs"], ["f"], { transB: 1 }, own),
      node("QMoE", ["f", "r", "q1", "q1s", "", "q2", "q2s"], ["h"], { expert_weight_bits: 4, swiglu_fusion: 1 }, own),
      node("MoE", ["h", "r", "m1", "", "m2"], ["k"], { swiglu_fusion: 2 }, own),
      node("DynamicQuantizeLSTM", ["k", "w", "rr", "", "", "", "", "", "ws", "wz", "ws", "wz"], ["y"], {}, own),
      node("DequantizeLinear", ["e8", "one"], ["fe"]),
      node("MatMul", ["y", "fe"], ["l"]),
    ],
    initializers: [
      bytes("t", [5, 16]),
      scales("ts", [5, 2]),
      bytes("b", [3, 2, 8]),
      scales("s", [6]),
      bytes("z", [3]),
      raw(
        "g",
        [32],
        Int32Array.from({ length: 32 }, (_, n) => n % 2),
      ),
      bytes("b8", [3, 1, 16]),
      scales("s8", [3]),
      scales("z8", [3]),
      bytes("nf", [24]),
      scales("ns", [3]),
      scalar("one", 1),
      raw("none", [], Uint8Array.of(0)),
      bytes("q", [3, 8]),
      scales("qs", [3]),
      bytes("q1", [2, 4, 8]),
      scales("q1s", [2, 4]),
      bytes("q2", [2, 16, 1]),
      scales("q2s", [2, 16]),
      scales("m1", [2, 4, 3]),
      scales("m2", [2, 3, 2]),
      bytes("w", [1, 3, 8]),
      bytes("rr", [1, 2, 8]),
      scales("ws", [1]),
      bytes("wz", [1]),
      { name: "e8", dims: [3n, 4n], dataType: Type.FLOAT8E4M3FN, rawData: new Uint8Array(12).fill(57) },
    ],
    inputs: [value("x"), value("r")],
  });
}

export function fuzzSeeds(): Uint8Array[] {
  return [plain(), quantized(), typed(), moved(), nested(), blocks()];
}
