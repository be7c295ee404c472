/** An ONNX file as it is after parsing: names, attributes, and where the data of each tensor lies. No tensor data. */

/** A stretch of bytes of the file. */
export interface Segment {
  readonly offset: number;
  readonly length: number;
  /** Packed values; otherwise every value has its tag before it. */
  readonly packed: boolean;
  /** The bytes themselves, where they are few: shapes, axes, scales. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

/** Where a tensor's numbers are, by the field of TensorProto that holds them. */
export interface TensorData {
  raw: Segment | undefined;
  /** By field number: float_data 4, int32_data 5, int64_data 7, double_data 10, uint64_data 11. */
  readonly typed: Map<number, Segment[]>;
  /** Entries of `external_data`, where `data_location` says so. */
  readonly external: Map<string, string>;
  isExternal: boolean;
}

export interface StoredTensor {
  name: string;
  readonly dims: number[];
  /** TensorProto.DataType. */
  dataType: number;
  readonly data: TensorData;
  /** What holds it. */
  readonly home: "initializer" | "Constant" | "attribute";
}

export interface Attribute {
  name: string;
  /** In a function's body: the name of the call's attribute that stands here. */
  reference: string;
  integer: number | undefined;
  float: number | undefined;
  text: string | undefined;
  readonly integers: number[];
  readonly floats: number[];
  tensor: StoredTensor | undefined;
  sparse: SparseTensor | undefined;
  readonly graphs: GraphPart[];
}

export interface NodePart {
  name: string;
  op: string;
  domain: string;
  overload: string;
  readonly inputs: string[];
  readonly outputs: string[];
  readonly attributes: Map<string, Attribute>;
}

export interface SparseTensor {
  name: string;
  readonly dims: number[];
  dataType: number;
}

export interface GraphPart {
  name: string;
  readonly nodes: NodePart[];
  readonly initializers: StoredTensor[];
  readonly sparse: SparseTensor[];
  readonly inputs: string[];
  readonly outputs: string[];
}

export interface FunctionPart {
  name: string;
  domain: string;
  overload: string;
  readonly nodes: NodePart[];
  readonly inputs: string[];
  readonly outputs: string[];
  /** Attributes with a default. */
  readonly defaults: Map<string, Attribute>;
}

export interface ModelPart {
  producer: string;
  /** `metadata_props`: texts by names. */
  readonly metadata: Map<string, string>;
  /** Operator set versions by domain; the default domain is "". */
  readonly opsets: Map<string, number>;
  graph: GraphPart | undefined;
  readonly functions: FunctionPart[];
}
