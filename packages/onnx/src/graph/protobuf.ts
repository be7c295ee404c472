/** From values, nodes and constants to the messages of an ONNX file. */
import { create, toBinary } from "@bufbuild/protobuf";
import type { Shape } from "@comhe/core";
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import type { ModelText, NamedValue } from "./named-value.js";
import { type ElementType, isKnown } from "./value.js";

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly graph: GraphProto };

export interface Tensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

export const dataTypes: Readonly<Record<ElementType, DataType>> = {
  float: DataType.FLOAT,
  double: DataType.DOUBLE,
  int32: DataType.INT32,
  int64: DataType.INT64,
  bool: DataType.BOOL,
};

/** 8 goes with opset 17. */
const irVersion = 8n;

export function nodeProto(
  op: string,
  input: string[],
  output: string[],
  attributes: Readonly<Record<string, Attribute>>,
): NodeProto {
  const attribute = Object.entries(attributes).map(([name, value]) => {
    if ("int" in value) return { name, type: AttributeType.INT, i: BigInt(value.int) };
    if ("float" in value) return { name, type: AttributeType.FLOAT, f: value.float };
    if ("ints" in value) return { name, type: AttributeType.INTS, ints: value.ints.map(BigInt) };
    return { name, type: AttributeType.GRAPH, g: value.graph };
  });
  return create(NodeProtoSchema, { opType: op, name: `${op}_${output[0]}`, input, output, attribute });
}

export function tensorProto({ name, type, shape, data }: Tensor): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: dataTypes[type],
    rawData: bytesOf(type, data),
  });
}

/** Little endian, as files of ONNX are whatever the machine. */
function bytesOf(type: ElementType, data: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const width = { float: 4, double: 8, int32: 4, int64: 8, bool: 1 }[type];
  const view = new DataView(new ArrayBuffer(data.length * width));
  for (let n = 0; n < data.length; n++) {
    const value = data[n]!;
    if (type === "float") view.setFloat32(4 * n, value, true);
    else if (type === "double") view.setFloat64(8 * n, value, true);
    else if (type === "int32") view.setInt32(4 * n, value, true);
    else if (type === "int64") view.setBigInt64(8 * n, BigInt(value), true);
    else view.setUint8(n, value);
  }
  return new Uint8Array(view.buffer);
}

export function valueInfo({ name, value, doc = "", lengths = {} }: NamedValue): ValueInfoProto {
  const dim = value.shape.map((length, axis) => {
    if (isKnown(length)) return { value: { case: "dimValue" as const, value: BigInt(length) } };
    return lengths[axis] ? { value: { case: "dimParam" as const, value: lengths[axis] } } : {};
  });
  const tensorType = { elemType: dataTypes[value.type], shape: { dim } };
  return create(ValueInfoProtoSchema, {
    name,
    docString: doc,
    type: { value: { case: "tensorType", value: tensorType } },
  });
}

export function graphProto(
  name: string,
  node: NodeProto[],
  input: ValueInfoProto[],
  output: ValueInfoProto[],
): GraphProto {
  return create(GraphProtoSchema, { name, node, input, output });
}

export function modelProto(graph: GraphProto, opset: number, { doc = "", metadata = {} }: ModelText): ModelProto {
  return create(ModelProtoSchema, {
    irVersion,
    opsetImport: [{ domain: "", version: BigInt(opset) }],
    producerName: "@comhe/onnx",
    docString: doc,
    graph,
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
}

export const modelBytes = (model: ModelProto): Uint8Array<ArrayBuffer> =>
  toBinary(ModelProtoSchema, model) as Uint8Array<ArrayBuffer>;
