/** Just enough to write an ONNX model by hand: nodes in order, scalars and small integer lists as initializers. */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";

/** The name of a value in the graph. */
export type Value = string;

export class GraphWriter {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  #next = 0;

  input(name: Value, shape: readonly number[]): Value {
    this.#inputs.push(floatInfo(name, shape));
    return name;
  }

  scalar(value: number): Value {
    const name = this.#name();
    const data = { dataType: TensorProto_DataType.FLOAT, floatData: [value] };
    this.#initializers.push(create(TensorProtoSchema, { name, dims: [], ...data }));
    return name;
  }

  integers(values: readonly number[]): Value {
    const name = this.#name();
    const data = { dataType: TensorProto_DataType.INT64, int64Data: values.map(BigInt) };
    this.#initializers.push(create(TensorProtoSchema, { name, dims: [BigInt(values.length)], ...data }));
    return name;
  }

  /** A node with one output; attributes are integers or lists of them. */
  node(opType: string, inputs: readonly Value[], attributes: Record<string, number | readonly number[]> = {}): Value {
    const output = this.#name();
    this.#nodes.push(
      create(NodeProtoSchema, {
        opType,
        input: [...inputs],
        output: [output],
        attribute: Object.entries(attributes).map(([name, value]) =>
          typeof value === "number"
            ? create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) })
            : create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) }),
        ),
      }),
    );
    return output;
  }

  /** The model's bytes, with its outputs under these names. */
  finish(outputs: Readonly<Record<string, { readonly value: Value; readonly shape: readonly number[] }>>): Uint8Array {
    for (const [name, { value }] of Object.entries(outputs)) {
      this.#nodes.push(create(NodeProtoSchema, { opType: "Identity", input: [value], output: [name] }));
    }
    const graph = create(GraphProtoSchema, {
      name: "energy",
      node: this.#nodes,
      initializer: this.#initializers,
      input: this.#inputs,
      output: Object.entries(outputs).map(([name, { shape }]) => floatInfo(name, shape)),
    });
    const opsetImport = [create(OperatorSetIdProtoSchema, { domain: "", version: 18n })];
    return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 9n, opsetImport, graph }));
  }

  #name(): Value {
    return `v${this.#next++}`;
  }
}

function floatInfo(name: Value, shape: readonly number[]): ValueInfoProto {
  const dim = shape.map((size) =>
    create(TensorShapeProto_DimensionSchema, { value: { case: "dimValue", value: BigInt(size) } }),
  );
  const tensor = create(TypeProto_TensorSchema, {
    elemType: TensorProto_DataType.FLOAT,
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value: tensor } }),
  });
}
