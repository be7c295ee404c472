/** ModelProto, GraphProto, NodeProto, AttributeProto and FunctionProto. Field numbers are those of onnx.proto. */
import { WireType } from "@bufbuild/protobuf/wire";
import type { Attribute, FunctionPart, GraphPart, ModelPart, NodePart } from "./model-parts.js";
import { parseSparse, parseTensor } from "./parse-tensor.js";
import { type Parse, tag, type WireCursor } from "./wire-cursor.js";

const { LengthDelimited: bytes, Varint: varint, Bit32: bit32 } = WireType;

export function* parseModel(cursor: WireCursor, end: number): Parse<ModelPart> {
  const model: ModelPart = { producer: "", metadata: new Map(), opsets: new Map(), graph: undefined, functions: [] };
  while (cursor.position < end) {
    if (cursor.wanted > 0) yield cursor.wanted;
    switch (cursor.next(end)) {
      case tag(2, bytes):
        model.producer = yield* cursor.text();
        break;
      case tag(7, bytes):
        // A message that comes in pieces is one message: so says protobuf.
        model.graph ??= emptyGraph();
        yield* parseGraph(cursor, cursor.payloadEnd, model.graph);
        break;
      case tag(8, bytes): {
        const [domain, version] = yield* parseOpset(cursor, cursor.payloadEnd);
        model.opsets.set(domain, version);
        break;
      }
      case tag(14, bytes): {
        // Whatever a writer puts there, nothing depends on it.
        if (cursor.payloadEnd - cursor.position > longestEntry) cursor.skip();
        else model.metadata.set(...(yield* parseMetadata(cursor, cursor.payloadEnd)));
        break;
      }
      case tag(25, bytes):
        model.functions.push(yield* parseFunction(cursor, cursor.payloadEnd));
        break;
      default:
        cursor.skip();
    }
  }
  cursor.expectEnd(end);
  return model;
}

/** Bytes of an entry of `metadata_props` that is read. */
const longestEntry = 1 << 18;

/** StringStringEntryProto, whose texts needn't be any. */
function* parseMetadata(cursor: WireCursor, end: number): Parse<[key: string, value: string]> {
  cursor.count();
  const entry: [key: string, value: string] = ["", ""];
  while (cursor.position < end) {
    if (cursor.wanted > 0) yield cursor.wanted;
    const field = cursor.next(end);
    if (field === tag(1, bytes) || field === tag(2, bytes)) {
      entry[field === tag(1, bytes) ? 0 : 1] = new TextDecoder().decode(yield* cursor.bytes());
    } else cursor.skip();
  }
  cursor.expectEnd(end);
  return entry;
}

function emptyGraph(): GraphPart {
  return { name: "", nodes: [], initializers: [], sparse: [], inputs: [], outputs: [] };
}

function* parseGraph(cursor: WireCursor, end: number, graph: GraphPart): Parse<void> {
  cursor.count();
  cursor.enter();
  while (cursor.position < end) {
    if (cursor.wanted > 0) yield cursor.wanted;
    switch (cursor.next(end)) {
      case tag(1, bytes):
        graph.nodes.push(yield* parseNode(cursor, cursor.payloadEnd));
        break;
      case tag(2, bytes):
        graph.name = yield* cursor.text();
        break;
      case tag(5, bytes):
        graph.initializers.push(yield* parseTensor(cursor, cursor.payloadEnd, "initializer"));
        break;
      case tag(11, bytes):
        graph.inputs.push(yield* parseValueName(cursor, cursor.payloadEnd));
        break;
      case tag(12, bytes):
        graph.outputs.push(yield* parseValueName(cursor, cursor.payloadEnd));
        break;
      case tag(15, bytes):
        graph.sparse.push(yield* parseSparse(cursor, cursor.payloadEnd));
        break;
      default:
        cursor.skip();
    }
  }
  cursor.expectEnd(end);
  cursor.leave();
}

function* parseNode(cursor: WireCursor, end: number): Parse<NodePart> {
  cursor.count();
  const node: NodePart = { name: "", op: "", domain: "", overload: "", inputs: [], outputs: [], attributes: new Map() };
  while (cursor.position < end) {
    if (cursor.wanted > 0) yield cursor.wanted;
    switch (cursor.next(end)) {
      case tag(1, bytes):
        yield* parseText(cursor, node.inputs);
        break;
      case tag(2, bytes):
        yield* parseText(cursor, node.outputs);
        break;
      case tag(3, bytes):
        node.name = yield* cursor.text();
        break;
      case tag(4, bytes):
        node.op = yield* cursor.text();
        break;
      case tag(5, bytes): {
        const attribute = yield* parseAttribute(cursor, cursor.payloadEnd);
        node.attributes.set(attribute.name, attribute);
        break;
      }
      case tag(7, bytes):
        node.domain = yield* cursor.text();
        break;
      case tag(8, bytes):
        node.overload = yield* cursor.text();
        break;
      default:
        cursor.skip();
    }
  }
  cursor.expectEnd(end);
  return node;
}

function* parseText(cursor: WireCursor, into: string[]): Parse<void> {
  cursor.count();
  into.push(yield* cursor.text());
}

function* parseAttribute(cursor: WireCursor, end: number): Parse<Attribute> {
  cursor.count();
  const attribute: Attribute = {
    name: "",
    reference: "",
    integer: undefined,
    float: undefined,
    text: undefined,
    integers: [],
    floats: [],
    tensor: undefined,
    sparse: undefined,
    graphs: [],
  };
  // The graph of field 6 may come in pieces; those of field 11 are one each.
  let graph: GraphPart | undefined;
  while (cursor.position < end) {
    if (cursor.wanted > 0) yield cursor.wanted;
    const read = cursor.next(end);
    switch (read) {
      case tag(1, bytes):
        attribute.name = yield* cursor.text();
        break;
      case tag(2, bit32):
        attribute.float = cursor.float();
        break;
      case tag(3, varint):
        attribute.integer = cursor.integer();
        break;
      case tag(4, bytes):
        attribute.text = yield* parseShortText(cursor);
        break;
      case tag(5, bytes):
        attribute.tensor = yield* parseTensor(cursor, cursor.payloadEnd, "attribute");
        break;
      case tag(6, bytes):
        if (graph === undefined) {
          graph = emptyGraph();
          attribute.graphs.push(graph);
        }
        yield* parseGraph(cursor, cursor.payloadEnd, graph);
        break;
      case tag(7, bit32):
      case tag(7, bytes):
        yield* parseFloats(cursor, attribute.floats, read === tag(7, bytes));
        break;
      case tag(8, varint):
      case tag(8, bytes):
        yield* cursor.integers(attribute.integers, read === tag(8, bytes));
        break;
      case tag(11, bytes): {
        const next = emptyGraph();
        attribute.graphs.push(next);
        yield* parseGraph(cursor, cursor.payloadEnd, next);
        break;
      }
      case tag(21, bytes):
        attribute.reference = yield* cursor.text();
        break;
      case tag(22, bytes):
        attribute.sparse = yield* parseSparse(cursor, cursor.payloadEnd);
        break;
      default:
        cursor.skip();
    }
  }
  cursor.expectEnd(end);
  return attribute;
}

/** String attributes are bytes, of any size and content; the ones that matter here are short words. */
function* parseShortText(cursor: WireCursor): Parse<string | undefined> {
  if (cursor.payloadEnd - cursor.position > 1024) {
    cursor.skip();
    return undefined;
  }
  return new TextDecoder().decode(yield* cursor.bytes());
}

function* parseFloats(cursor: WireCursor, into: number[], packed: boolean): Parse<void> {
  if (!packed) {
    cursor.count();
    into.push(cursor.float());
    return;
  }
  const end = cursor.payloadEnd;
  while (cursor.position < end) {
    if (cursor.wanted > 0) yield cursor.wanted;
    cursor.count();
    into.push(cursor.float());
  }
  cursor.expectEnd(end);
}

/** ValueInfoProto, for its name. */
function* parseValueName(cursor: WireCursor, end: number): Parse<string> {
  cursor.count();
  let name = "";
  while (cursor.position < end) {
    if (cursor.wanted > 0) yield cursor.wanted;
    if (cursor.next(end) === tag(1, bytes)) name = yield* cursor.text();
    else cursor.skip();
  }
  cursor.expectEnd(end);
  return name;
}

function* parseOpset(cursor: WireCursor, end: number): Parse<[domain: string, version: number]> {
  cursor.count();
  let domain = "";
  let version = 0;
  while (cursor.position < end) {
    if (cursor.wanted > 0) yield cursor.wanted;
    switch (cursor.next(end)) {
      case tag(1, bytes):
        domain = yield* cursor.text();
        break;
      case tag(2, varint):
        version = cursor.integer();
        break;
      default:
        cursor.skip();
    }
  }
  cursor.expectEnd(end);
  return [domain, version];
}

function* parseFunction(cursor: WireCursor, end: number): Parse<FunctionPart> {
  cursor.count();
  const part: FunctionPart = {
    name: "",
    domain: "",
    overload: "",
    nodes: [],
    inputs: [],
    outputs: [],
    defaults: new Map(),
  };
  while (cursor.position < end) {
    if (cursor.wanted > 0) yield cursor.wanted;
    switch (cursor.next(end)) {
      case tag(1, bytes):
        part.name = yield* cursor.text();
        break;
      case tag(4, bytes):
        yield* parseText(cursor, part.inputs);
        break;
      case tag(5, bytes):
        yield* parseText(cursor, part.outputs);
        break;
      case tag(7, bytes):
        part.nodes.push(yield* parseNode(cursor, cursor.payloadEnd));
        break;
      case tag(10, bytes):
        part.domain = yield* cursor.text();
        break;
      case tag(11, bytes): {
        const attribute = yield* parseAttribute(cursor, cursor.payloadEnd);
        part.defaults.set(attribute.name, attribute);
        break;
      }
      case tag(13, bytes):
        part.overload = yield* cursor.text();
        break;
      default:
        cursor.skip();
    }
  }
  cursor.expectEnd(end);
  return part;
}
