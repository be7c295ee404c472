/** What another reader makes of the same bytes: protobuf in one piece, numbers one by one. */
import { fromBinary } from "@bufbuild/protobuf";
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType as Type,
} from "onnx-buf";

export interface Oracle {
  /** Stored tensors, sparse ones included. */
  readonly count: number;
  /** Float tensors by the name that weights have; several where a name is used in several graphs. */
  readonly tensors: ReadonlyMap<string, readonly TensorProto[]>;
}

/** `undefined` where it is no protobuf to it. */
export function readByOracle(bytes: Uint8Array): Oracle | undefined {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch {
    return undefined;
  }
  const tensors = new Map<string, TensorProto[]>();
  let count = 0;
  const add = (name: string, tensor: TensorProto) => {
    count++;
    tensors.set(name, [...(tensors.get(name) ?? []), tensor]);
  };
  const inNodes = (nodes: readonly NodeProto[]) => {
    for (const node of nodes) {
      // Of two attributes of one name, the last one counts.
      for (const attribute of new Map(node.attribute.map((each) => [each.name, each])).values()) {
        const constant = node.opType === "Constant" && (node.domain === "" || node.domain === "ai.onnx");
        if (constant && attribute.t !== undefined) add(node.output[0] ?? node.name, attribute.t);
        if (constant && attribute.sparseTensor !== undefined) count++;
        if (attribute.g !== undefined) inGraph(attribute.g);
        attribute.graphs.forEach(inGraph);
      }
    }
  };
  const inGraph = (graph: GraphProto) => {
    for (const tensor of graph.initializer) add(tensor.name, tensor);
    count += graph.sparseInitializer.length;
    inNodes(graph.node);
  };
  if (model.graph !== undefined) inGraph(model.graph);
  for (const each of model.functions) inNodes(each.node);
  return { count, tensors };
}

/** The numbers of a float tensor; `undefined` where it keeps them elsewhere. */
export function oracleNumbers(tensor: TensorProto): number[] | undefined {
  if (tensor.dataLocation === 1) return undefined;
  const bytes = tensor.rawData;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const each = (size: number, read: (at: number) => number) =>
    Array.from({ length: Math.floor(bytes.length / size) }, (_, n) => read(n * size));
  const isRaw = bytes.length > 0;
  switch (tensor.dataType) {
    case Type.FLOAT:
      return isRaw ? each(4, (at) => view.getFloat32(at, true)) : tensor.floatData;
    case Type.DOUBLE:
      return isRaw ? each(8, (at) => view.getFloat64(at, true)) : tensor.doubleData;
    case Type.FLOAT16:
      return (isRaw ? each(2, (at) => view.getUint16(at, true)) : tensor.int32Data).map(half);
    case Type.BFLOAT16:
      return (isRaw ? each(2, (at) => view.getUint16(at, true)) : tensor.int32Data).map(brain);
    default:
      return undefined;
  }
}

function half(word: number): number {
  const bits = word & 0xffff;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  const size =
    exponent === 0
      ? fraction * 2 ** -14
      : exponent === 31
        ? fraction
          ? Number.NaN
          : Infinity
        : (1 + fraction) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

function brain(word: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, word & 0xffff);
  return view.getFloat32(0);
}
