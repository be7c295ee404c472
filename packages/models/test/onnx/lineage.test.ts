/** Between a stored tensor and its operator: what we compute is what ONNX Runtime computes, to the last bit. */
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { readWeights } from "../../src/onnx.js";
import { ints, model, type Node, node, normal, raw, scalar, type Tensor, Type, value } from "./support/build-model.js";

interface Chain {
  readonly title: string;
  /** Turns the stored tensor "w" into the value "k", which a MatMul multiplies with. */
  readonly nodes: Node[];
  readonly tensors: Tensor[];
  readonly via: readonly string[];
  readonly opset?: number;
  /** The rank of "k", if not 2. */
  readonly rank?: number;
}

const w = raw("w", [4, 6], normal([4, 6]));
const bytes = Int8Array.from({ length: 24 }, (_, n) => ((n * 37) % 251) - 125);
const halves = Uint16Array.from({ length: 24 }, (_, n) => (n * 2731 + 77) % 0x7c00);

const chains: Chain[] = [
  { title: "Identity", nodes: [node("Identity", ["w"], ["k"])], tensors: [w], via: [] },
  { title: "Transpose", nodes: [node("Transpose", ["w"], ["k"], { perm: [1, 0] })], tensors: [w], via: ["Transpose"] },
  {
    title: "Transpose of three axes",
    nodes: [node("Transpose", ["w"], ["k"], { perm: [2, 0, 1] })],
    tensors: [raw("w", [2, 3, 4], normal([24]))],
    via: ["Transpose"],
    rank: 3,
  },
  {
    title: "Transpose without perm, Reshape with 0 and −1",
    nodes: [node("Transpose", ["w"], ["t"]), node("Reshape", ["t", "s"], ["k"])],
    tensors: [raw("w", [2, 3, 4], normal([24])), ints("s", [0, -1])],
    via: ["Transpose", "Reshape"],
  },
  {
    title: "Flatten",
    nodes: [node("Flatten", ["w"], ["k"], { axis: -1 })],
    tensors: [raw("w", [2, 3, 4], normal([24]))],
    via: ["Flatten"],
  },
  {
    title: "Squeeze and Unsqueeze by inputs",
    nodes: [node("Unsqueeze", ["w", "u"], ["a"]), node("Squeeze", ["a", "q"], ["k"])],
    tensors: [w, ints("u", [0, -1]), ints("q", [-1])],
    via: ["Unsqueeze", "Squeeze"],
    rank: 3,
  },
  {
    title: "Squeeze, Unsqueeze and Slice by attributes",
    nodes: [
      node("Unsqueeze", ["w"], ["a"], { axes: [1] }),
      node("Squeeze", ["a"], ["b"], { axes: [1] }),
      node("Slice", ["b"], ["k"], { axes: [1], starts: [1], ends: [1000] }),
    ],
    tensors: [w],
    via: ["Unsqueeze", "Squeeze", "Slice"],
    opset: 9,
  },
  {
    title: "Slice with negative bounds and steps",
    nodes: [node("Slice", ["w", "f", "t", "a", "s"], ["k"])],
    tensors: [w, ints("f", [-1, 1]), ints("t", [-1000, -1]), ints("a", [1, 0]), ints("s", [-2, 1])],
    via: ["Slice"],
  },
  {
    title: "gates in another order: Slice and Concat",
    nodes: [
      node("Slice", ["w", "zero", "two", "zero"], ["a"]),
      node("Slice", ["w", "two", "four", "zero"], ["b"]),
      node("Concat", ["b", "a"], ["k"], { axis: 0 }),
    ],
    tensors: [w, ints("zero", [0]), ints("two", [2]), ints("four", [4])],
    via: ["Slice", "Concat"],
  },
  {
    title: "Concat along the last axis",
    nodes: [node("Concat", ["w", "v", "w"], ["k"], { axis: -1 })],
    tensors: [w, raw("v", [4, 1], normal([4], 2))],
    via: ["Concat"],
  },
  {
    title: "Split with sizes",
    nodes: [node("Split", ["w", "sizes"], ["a", "k"], { axis: 1 })],
    tensors: [w, ints("sizes", [2, 4])],
    via: ["Split"],
  },
  {
    title: "Split in parts, the last one shorter",
    nodes: [node("Split", ["w"], ["a", "b", "c", "k"], { axis: 1, num_outputs: 4 })],
    tensors: [raw("w", [2, 7], normal([14]))],
    via: ["Split"],
  },
  {
    title: "DequantizeLinear per tensor",
    nodes: [node("DequantizeLinear", ["w", "scale", "zero"], ["k"])],
    tensors: [raw("w", [4, 6], bytes), scalar("scale", 0.0371), raw("zero", [], Int8Array.of(-7))],
    via: ["DequantizeLinear"],
  },
  {
    title: "DequantizeLinear per axis, then Transpose",
    nodes: [node("DequantizeLinear", ["w", "scale", "zero"], ["a"], { axis: 0 }), node("Transpose", ["a"], ["k"])],
    tensors: [
      raw("w", [4, 6], new Uint8Array(bytes.buffer)),
      raw("scale", [4], Float32Array.of(0.1, 0.02, 3e-4, 7)),
      raw("zero", [4], Uint8Array.of(0, 128, 3, 255)),
    ],
    via: ["DequantizeLinear", "Transpose"],
  },
  {
    title: "DequantizeLinear of int4 in blocks",
    nodes: [node("DequantizeLinear", ["w", "scale"], ["k"], { axis: 0, block_size: 2 })],
    tensors: [
      { name: "w", dims: [4n, 6n], dataType: Type.INT4, rawData: new Uint8Array(bytes.buffer.slice(0, 12)) },
      raw("scale", [2, 6], normal([12])),
    ],
    via: ["DequantizeLinear"],
  },
  {
    title: "QuantizeLinear and DequantizeLinear of float weights",
    nodes: [
      node("QuantizeLinear", ["w", "scale", "zero"], ["q"], { axis: 1 }),
      node("DequantizeLinear", ["q", "scale", "zero"], ["k"], { axis: 1 }),
    ],
    tensors: [
      w,
      raw("scale", [6], Float32Array.of(0.01, 0.02, 0.5, 0.03, 1, 0.004)),
      raw("zero", [6], new Int8Array(6)),
    ],
    via: ["QuantizeLinear", "DequantizeLinear"],
  },
  {
    title: "float16 cast to float32",
    nodes: [node("Cast", ["w"], ["k"], { to: Type.FLOAT })],
    tensors: [raw("w", [4, 6], halves)],
    via: ["Cast"],
  },
  {
    title: "float32 through float16",
    nodes: [node("Cast", ["w"], ["h"], { to: Type.FLOAT16 }), node("Cast", ["h"], ["k"], { to: Type.FLOAT })],
    tensors: [
      raw(
        "w",
        [4, 6],
        normal([24]).map((x, n) => x * 10 ** ((n % 12) - 9)),
      ),
    ],
    via: ["Cast", "Cast"],
  },
  {
    title: "float32 through bfloat16",
    nodes: [node("Cast", ["w"], ["h"], { to: Type.BFLOAT16 }), node("Cast", ["h"], ["k"], { to: Type.FLOAT })],
    tensors: [
      raw(
        "w",
        [4, 6],
        normal([24]).map((x, n) => x * 10 ** ((n % 12) - 9)),
      ),
    ],
    via: ["Cast", "Cast"],
  },
  {
    title: "float64 cast to float32",
    nodes: [node("Cast", ["w"], ["k"], { to: Type.FLOAT })],
    tensors: [
      raw(
        "w",
        [4, 6],
        Float64Array.from(normal([24]), (x) => x * Math.PI),
      ),
    ],
    via: ["Cast"],
  },
];

describe("exact operators", () => {
  it.each(chains.map((each) => [each.title, each] as const))(
    "%s",
    async (_, { nodes, tensors, via, opset = 21, rank = 2 }) => {
      const file = model({
        nodes: [...nodes, node("MatMul", ["x", "k"], ["y"])],
        initializers: tensors,
        inputs: [value("x")],
        outputs: [value("k")],
        opset,
      });
      // ONNX Runtime gets the chain alone: its own optimizer must not touch it.
      const chain = model({ nodes, initializers: tensors, outputs: [value("k")], opset });
      const session = await ort.InferenceSession.create(chain, {
        graphOptimizationLevel: "disabled",
        logSeverityLevel: 3,
      });
      const { k } = await session.run({});
      await session.release();

      const { weights } = await readWeights(file);
      const stack = k!.dims.slice(0, rank - 2).reduce((all, size) => all * size, 1);
      expect(weights).toHaveLength(stack);
      expect(weights[0]!.via).toEqual(via);
      expect(weights[0]!.shape).toEqual(k!.dims.slice(-2));
      const kernels = await Promise.all(weights.map((weight) => weight.kernel()));
      expect(kernels.flatMap(({ data }) => Array.from(data))).toEqual(Array.from(k!.data as Float32Array));
    },
  );

  it("float64 weights stay float64", async () => {
    const data = Float64Array.from(normal([24]), (x) => x * Math.PI);
    const { weights } = await readWeights(
      model({ nodes: [node("MatMul", ["x", "w"], ["y"])], initializers: [raw("w", [4, 6], data)] }),
    );
    expect((await weights[0]!.kernel()).data).toEqual(data);
    expect(weights[0]!.dataType).toBe("float64");
  });
});

describe("what isn't exact, or isn't constant, is not followed", () => {
  it.each([
    ["a product", [node("Mul", ["w", "v"], ["k"])], 'input 0 of Mul "k", which has no neurons there'],
    [
      "a shape from outside",
      [node("Reshape", ["w", "x"], ["k"])],
      'input 0 of Reshape "k", which has no neurons there',
    ],
    [
      "half a Concat",
      [node("Concat", ["w", "x"], ["k"], { axis: 0 })],
      'input 0 of Concat "k", which has no neurons there',
    ],
    ["whole numbers", [node("Cast", ["w"], ["k"], { to: Type.INT8 })], "passes through Cast to int8"],
    ["a shape that doesn't fit", [node("Reshape", ["w", "s"], ["k"])], "passes through Reshape of [4, 6] to [5, -1]"],
    [
      "a wrong perm",
      [node("Transpose", ["w"], ["k"], { perm: [0, 0] })],
      "passes through Transpose of [4, 6] by [0, 0]",
    ],
    ["an axis outside", [node("Unsqueeze", ["w", "s"], ["k"])], "passes through Unsqueeze of [4, 6] at [5, -1]"],
    [
      "a scale too many",
      [node("DequantizeLinear", ["q", "v"], ["k"])],
      "passes through DequantizeLinear with a scale of shape [3] for [4, 6], axis 1",
    ],
  ] as const)("%s", async (_, nodes, reason) => {
    const file = model({
      nodes: [...nodes, node("MatMul", ["x", "k"], ["y"])],
      initializers: [w, raw("v", [3], normal([3])), ints("s", [5, -1]), raw("q", [4, 6], bytes)],
      inputs: [value("x")],
    });
    const { weights, unplaced } = await readWeights(file);
    expect(weights).toEqual([]);
    expect(unplaced.map(({ reason: said }) => said)).toContain(reason);
  });
});
