/**
 * Damages a model, deterministically: bytes as storage and networks damage them, and fields as someone hostile would.
 */
import { clone, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type RandomStream, randomStream } from "@comhe/core";
import {
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
} from "onnx-buf";

/**
 * The n-th damaged model. Damaged bytes are mostly caught where the file is parsed; damaged fields get further, so there
 * are more of those.
 */
export function mutant(seeds: readonly Uint8Array[], n: number): Uint8Array {
  const random = randomStream(20261125, "fuzz", n);
  let bytes = seeds[random.below(seeds.length)]!;
  const inBytes = random.below(3) === 0;
  for (let hits = 1 + random.below(inBytes ? 2 : 5); hits > 0; hits--) {
    bytes = inBytes ? mutateBytes(bytes, seeds, random) : mutateFields(bytes, random);
  }
  return bytes;
}

const BYTES = [0, 1, 0x7f, 0x80, 0xff];

function mutateBytes(bytes: Uint8Array, seeds: readonly Uint8Array[], random: RandomStream): Uint8Array {
  if (bytes.length === 0) return bytes;
  const at = random.below(bytes.length);
  const length = 1 + random.below(Math.min(32, bytes.length - at));
  const copy = bytes.slice();
  switch (random.below(9)) {
    case 0:
      copy[at] = copy[at]! ^ (1 << random.below(8));
      return copy;
    case 1:
      copy[at] = random.below(256);
      return copy;
    case 2:
      copy[at] = BYTES[random.below(BYTES.length)]!;
      return copy;
    case 3:
      return bytes.slice(0, at);
    case 4:
      return concat(bytes.subarray(0, at), bytes.subarray(at + length));
    case 5:
      return concat(bytes.subarray(0, at + length), bytes.subarray(at));
    case 6:
      return concat(
        bytes.subarray(0, at),
        Uint8Array.from({ length }, () => random.below(256)),
        bytes.subarray(at),
      );
    case 7:
      // A varint without end, or one of more than 32 bits.
      return concat(bytes.subarray(0, at), new Uint8Array(1 + random.below(12)).fill(0xff), bytes.subarray(at));
    default: {
      const other = seeds[random.below(seeds.length)]!;
      const from = random.below(other.length);
      return concat(bytes.subarray(0, at), other.subarray(from, from + 64), bytes.subarray(at + length));
    }
  }
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function mutateFields(bytes: Uint8Array, random: RandomStream): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const found = collect(model);
  if (found.tensors.length > 0 && random.below(4) === 0) {
    mutateTensor(found.tensors[random.below(found.tensors.length)]!, random);
  } else if (found.nodes.length > 0) {
    mutateNode(found, random);
  }
  return toBinary(ModelProtoSchema, model);
}

interface Found {
  readonly graphs: GraphProto[];
  readonly nodes: NodeProto[];
  readonly tensors: TensorProto[];
  readonly names: string[];
}

function collect(model: ModelProto): Found {
  const found: Found = { graphs: [], nodes: [], tensors: [], names: [""] };
  const inNodes = (nodes: NodeProto[]) => {
    for (const node of nodes) {
      found.nodes.push(node);
      found.names.push(...node.input, ...node.output);
      for (const { g, t, graphs } of node.attribute) {
        if (t !== undefined) found.tensors.push(t);
        if (g !== undefined) inGraph(g);
        graphs.forEach(inGraph);
      }
    }
  };
  const inGraph = (graph: GraphProto) => {
    found.graphs.push(graph);
    found.tensors.push(...graph.initializer);
    inNodes(graph.node);
  };
  if (model.graph !== undefined) inGraph(model.graph);
  for (const each of model.functions) inNodes(each.node);
  return found;
}

const SIZES = [0n, 1n, -1n, 2n, 3n, 1n << 31n, 1n << 32n, 1n << 40n, (1n << 63n) - 1n, -(1n << 63n)];

function mutateTensor(tensor: TensorProto, random: RandomStream): void {
  const size = () => SIZES[random.below(SIZES.length)]!;
  switch (random.below(8)) {
    case 0:
      tensor.dims[random.below(tensor.dims.length + 1)] = size();
      return;
    case 1:
      tensor.dims = Array.from({ length: random.below(80) }, () => (random.below(8) === 0 ? size() : 1n));
      return;
    case 2:
      tensor.dims.reverse();
      return;
    case 3:
      tensor.dataType = random.below(32);
      return;
    case 4:
      tensor.rawData = tensor.rawData.slice(0, random.below(tensor.rawData.length + 1));
      return;
    case 5:
      tensor.name = ["w", "x", "q", "", "conv"][random.below(5)]!;
      return;
    case 6:
      tensor.floatData = Array.from({ length: random.below(100) }, () => random.below(100) - 50);
      return;
    default: {
      const location = ["w.bin", "../w.bin", "/etc/passwd", "", "missing.bin"][random.below(5)]!;
      const numbers = ["0", "4", "-1", "1e9", "256", "99999999999999999999", "9007199254740991"];
      const number = () => numbers[random.below(numbers.length)]!;
      tensor.dataLocation = 1;
      tensor.externalData = Object.entries({ location, offset: number(), length: number() }).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      );
    }
  }
}

const OPERATORS = ["Conv", "ConvTranspose", "Gemm", "MatMul", "Gather", "LSTM", "GRU", "RNN", "Identity", "Transpose"];
OPERATORS.push("Reshape", "Slice", "Concat", "Split", "Squeeze", "Unsqueeze", "Flatten", "Cast", "DequantizeLinear");
OPERATORS.push(
  "QuantizeLinear",
  "QLinearConv",
  "QLinearMatMul",
  "MatMulInteger",
  "ConvInteger",
  "Constant",
  "If",
  "Inner",
);
const ATTRIBUTES = [
  "axis",
  "perm",
  "group",
  "transB",
  "hidden_size",
  "block_size",
  "axes",
  "to",
  "allowzero",
  "value_ints",
];

function mutateNode({ graphs, nodes, names }: Found, random: RandomStream): void {
  const node = nodes[random.below(nodes.length)]!;
  const name = () => names[random.below(names.length)]!;
  switch (random.below(9)) {
    case 0:
      node.opType = OPERATORS[random.below(OPERATORS.length)]!;
      return;
    case 1:
      node.domain = ["", "local", "com.microsoft", "ai.onnx"][random.below(4)]!;
      return;
    case 2:
    case 3:
      node.input[random.below(node.input.length + 1)] = name();
      return;
    case 4:
      node.output[random.below(node.output.length + 1)] = name();
      return;
    case 5: {
      const attribute = create(AttributeProtoSchema, { name: ATTRIBUTES[random.below(ATTRIBUTES.length)]! });
      attribute.i = SIZES[random.below(SIZES.length)]!;
      attribute.ints = Array.from({ length: random.below(5) }, () => BigInt(random.below(6) - 2));
      node.attribute = node.attribute.filter((each) => each.name !== attribute.name);
      node.attribute.push(attribute);
      return;
    }
    case 6: {
      // A graph in itself, a few times over.
      const graph = graphs[random.below(graphs.length)];
      if (graph === undefined || nodes.length > 1000) return;
      const copy = clone(GraphProtoSchema, graph);
      graph.node.push(
        create(NodeProtoSchema, {
          opType: "If",
          attribute: [create(AttributeProtoSchema, { name: "then_branch", g: copy })],
        }),
      );
      return;
    }
    case 7: {
      const graph = graphs[random.below(graphs.length)];
      if (graph === undefined || nodes.length > 1000) return;
      const copy = clone(NodeProtoSchema, node);
      for (let copies = random.below(50); copies > 0; copies--) graph.node.push(copy);
      return;
    }
    default:
      node.input.length = random.below(node.input.length + 1);
  }
}
