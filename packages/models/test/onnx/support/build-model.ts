/** ONNX files for tests, in few words. */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type RandomStream, randomStream } from "@comhe/core";
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type FunctionProtoSchema,
  type GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  type SparseTensorProtoSchema,
  type TensorProtoSchema,
  TensorProto_DataType as Type,
  type ValueInfoProtoSchema,
} from "onnx-buf";

export { TensorProto_DataType as Type } from "onnx-buf";
export type Tensor = MessageInitShape<typeof TensorProtoSchema>;
export type Node = MessageInitShape<typeof NodeProtoSchema>;
export type Graph = MessageInitShape<typeof GraphProtoSchema>;
export type Function = MessageInitShape<typeof FunctionProtoSchema>;
type Attribute = MessageInitShape<typeof AttributeProtoSchema>;
type ValueInfo = MessageInitShape<typeof ValueInfoProtoSchema>;

export type AttributeValue =
  | number
  | { readonly float: number }
  | readonly number[]
  | string
  | { readonly tensor: Tensor }
  | { readonly graph: Graph }
  | { readonly reference: string };

export function node(
  opType: string,
  input: string[],
  output: string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
  more: { readonly name?: string; readonly domain?: string } = {},
): Node {
  const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
  return { opType, input, output, attribute, ...more };
}

function attributeOf(name: string, value: AttributeValue): Attribute {
  if (typeof value === "number") return { name, type: AttributeType.INT, i: BigInt(value) };
  if (typeof value === "string") return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { name, type: AttributeType.INTS, ints: value.map(BigInt) };
  if ("float" in value) return { name, type: AttributeType.FLOAT, f: value.float };
  if ("tensor" in value) return { name, type: AttributeType.TENSOR, t: value.tensor };
  if ("graph" in value) return { name, type: AttributeType.GRAPH, g: value.graph };
  return { name, refAttrName: (value as { reference: string }).reference, type: AttributeType.INT };
}

type RawNumbers = Float32Array | Float64Array | Int8Array | Uint8Array | Uint16Array | Int32Array | BigInt64Array;

export function raw(name: string, dims: readonly number[], data: RawNumbers, dataType = typeOf(data)): Tensor {
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  return { name, dims: dims.map(BigInt), dataType, rawData: bytes.slice() };
}

function typeOf(data: RawNumbers): Type {
  if (data instanceof Float32Array) return Type.FLOAT;
  if (data instanceof Float64Array) return Type.DOUBLE;
  if (data instanceof Int8Array) return Type.INT8;
  if (data instanceof Uint8Array) return Type.UINT8;
  if (data instanceof Int32Array) return Type.INT32;
  if (data instanceof BigInt64Array) return Type.INT64;
  return Type.FLOAT16;
}

export const ints = (name: string, values: readonly number[]) =>
  raw(name, [values.length], BigInt64Array.from(values.map(BigInt)));

export const scalar = (name: string, value: number) => raw(name, [], Float32Array.of(value));

export function random(name: string, dims: readonly number[], seed = 1): Tensor & { readonly numbers: Float32Array } {
  const numbers = normal(dims, seed);
  return { ...raw(name, dims, numbers), numbers };
}

export function normal(dims: readonly number[], seed = 1): Float32Array {
  const count = dims.reduce((total, size) => total * size, 1);
  const stream: RandomStream = randomStream(seed, "test", count);
  return stream.fillNormal(new Float32Array(count)) as Float32Array;
}

export function value(name: string, dims?: readonly number[], elemType = Type.FLOAT): ValueInfo {
  const dim = dims?.map((size) => ({ value: { case: "dimValue" as const, value: BigInt(size) } }));
  const shape = dim === undefined ? {} : { shape: { dim } };
  return { name, type: { value: { case: "tensorType", value: { elemType, ...shape } } } };
}

export interface ModelParts {
  readonly nodes: Node[];
  readonly initializers?: Tensor[];
  readonly inputs?: ValueInfo[];
  readonly outputs?: ValueInfo[];
  readonly functions?: Function[];
  readonly opset?: number;
  readonly microsoft?: boolean;
  readonly sparse?: MessageInitShape<typeof SparseTensorProtoSchema>[];
}

export function model(parts: ModelParts): Uint8Array<ArrayBuffer> {
  const { nodes, initializers = [], inputs = [], outputs = [], functions = [], opset = 21 } = parts;
  const domains = [{ domain: "", version: BigInt(opset) }, ...new Set(functions.map(({ domain }) => domain ?? ""))].map(
    (each) => (typeof each === "string" ? { domain: each, version: 1n } : each),
  );
  if (parts.microsoft) domains.push({ domain: "com.microsoft", version: 1n });
  const graph: Graph = {
    name: "g",
    node: nodes,
    initializer: initializers,
    input: inputs,
    output: outputs,
    sparseInitializer: parts.sparse ?? [],
  };
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 10n, producerName: "test", opsetImport: domains, graph, functions }),
  ) as Uint8Array<ArrayBuffer>;
}
