/** TensorProto and SparseTensorProto: names, shapes, and where the numbers lie. Field numbers are those of onnx.proto. */
import { WireType } from "@bufbuild/protobuf/wire";
import type { Segment, SparseTensor, StoredTensor } from "./model-parts.js";
import { type Parse, tag, type WireCursor } from "./wire-cursor.js";

const { LengthDelimited: bytes, Varint: varint, Bit32: bit32, Bit64: bit64 } = WireType;

/** Data of up to this many bytes are kept: shapes and axes are needed to place what passes through a Reshape. */
const KEPT_BYTES = 512;
const MAX_RANK = 64;

/** Fields of numbers, with the wire type of one of them. */
const NUMBERS = new Map<number, WireType>([
  [4, bit32],
  [5, varint],
  [7, varint],
  [10, bit64],
  [11, varint],
]);

export function* parseTensor(cursor: WireCursor, end: number, home: StoredTensor["home"]): Parse<StoredTensor> {
  cursor.count();
  const tensor: StoredTensor = {
    name: "",
    dims: [],
    dataType: 0,
    data: { raw: undefined, typed: new Map(), external: new Map(), isExternal: false },
    home,
  };
  while (cursor.position < end) {
    if (cursor.wanted > 0) yield cursor.wanted;
    const start = cursor.position;
    const read = cursor.next(end);
    switch (read) {
      case tag(1, varint):
      case tag(1, bytes):
        yield* parseDims(cursor, tensor.dims, read === tag(1, bytes));
        break;
      case tag(2, varint):
        tensor.dataType = cursor.integer();
        break;
      case tag(8, bytes):
        tensor.name = yield* cursor.text();
        break;
      case tag(9, bytes):
        tensor.data.raw = yield* parseSegment(cursor);
        break;
      case tag(13, bytes): {
        const [key, value] = yield* parseEntry(cursor, cursor.payloadEnd);
        tensor.data.external.set(key, value);
        break;
      }
      case tag(14, varint):
        tensor.data.isExternal = cursor.integer() === 1;
        break;
      default:
        yield* parseNumbers(cursor, tensor, read, start);
    }
  }
  cursor.expectEnd(end);
  return tensor;
}

export function* parseDims(cursor: WireCursor, dims: number[], packed: boolean): Parse<void> {
  yield* cursor.integers(dims, packed);
  if (dims.length > MAX_RANK) throw cursor.damaged(`a tensor of more than ${MAX_RANK} axes`);
}

function* parseNumbers(cursor: WireCursor, tensor: StoredTensor, read: number, start: number): Parse<void> {
  const field = Math.floor(read / 8);
  const wire = NUMBERS.get(field);
  if (wire === undefined || (read !== tag(field, wire) && read !== tag(field, bytes))) {
    cursor.skip();
    return;
  }
  const segments = tensor.data.typed.get(field) ?? [];
  tensor.data.typed.set(field, segments);
  if (read === tag(field, bytes)) {
    cursor.count();
    segments.push(yield* parseSegment(cursor));
    return;
  }
  cursor.skip();
  const last = segments.at(-1);
  const length = cursor.position - start;
  // Values one by one, each with its tag: neighbours make one stretch.
  if (last !== undefined && !last.packed && last.offset + last.length === start) {
    segments[segments.length - 1] = { offset: last.offset, length: last.length + length, packed: false };
  } else {
    cursor.count();
    segments.push({ offset: start, length, packed: false });
  }
}

function* parseSegment(cursor: WireCursor): Parse<Segment> {
  const offset = cursor.position;
  const length = cursor.payloadEnd - offset;
  if (length <= KEPT_BYTES) return { offset, length, packed: true, bytes: yield* cursor.bytes() };
  cursor.skip();
  return { offset, length, packed: true };
}

/** StringStringEntryProto. */
function* parseEntry(cursor: WireCursor, end: number): Parse<[key: string, value: string]> {
  cursor.count();
  let key = "";
  let value = "";
  while (cursor.position < end) {
    if (cursor.wanted > 0) yield cursor.wanted;
    switch (cursor.next(end)) {
      case tag(1, bytes):
        key = yield* cursor.text();
        break;
      case tag(2, bytes):
        value = yield* cursor.text();
        break;
      default:
        cursor.skip();
    }
  }
  cursor.expectEnd(end);
  return [key, value];
}

/** SparseTensorProto: only what is needed to name it. */
export function* parseSparse(cursor: WireCursor, end: number): Parse<SparseTensor> {
  cursor.count();
  const sparse: SparseTensor = { name: "", dims: [], dataType: 0 };
  while (cursor.position < end) {
    if (cursor.wanted > 0) yield cursor.wanted;
    const read = cursor.next(end);
    switch (read) {
      case tag(1, bytes): {
        const values = yield* parseTensor(cursor, cursor.payloadEnd, "initializer");
        sparse.name = values.name;
        sparse.dataType = values.dataType;
        break;
      }
      case tag(3, varint):
      case tag(3, bytes):
        yield* parseDims(cursor, sparse.dims, read === tag(3, bytes));
        break;
      default:
        cursor.skip();
    }
  }
  cursor.expectEnd(end);
  return sparse;
}
