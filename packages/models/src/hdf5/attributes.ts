/** Attributes: small named values of an object, such as Keras' `layer_names` and `model_config`. Texts and lists of texts are read; others are passed over. */
import { type Datatype, followShared, readDataspace, readDatatype } from "./datatype.js";
import { openFractalHeap, readRecords } from "./fractal-heap.js";
import { type Cursor, type MetadataReader, undefinedAddress } from "./metadata-reader.js";
import type { Message } from "./object-header.js";

const ATTRIBUTE = 0x0c;
const ATTRIBUTE_INFO = 0x15;
const mostTexts = 1_000_000;

export type AttributeValue = string | readonly string[];

export async function readAttributes(
  reader: MetadataReader,
  messages: readonly Message[],
): Promise<Map<string, AttributeValue>> {
  const result = new Map<string, AttributeValue>();
  for (const { type, flags, body } of messages) {
    if (type === ATTRIBUTE && (flags & 2) === 0) await readAttribute(reader, body, result);
    if (type === ATTRIBUTE_INFO) {
      body.skip(1);
      if (body.uint8() & 1) body.skip(2);
      const heapAddress = body.address();
      const names = body.address();
      if (heapAddress === undefinedAddress || names === undefinedAddress) continue;
      const heap = await openFractalHeap(reader, heapAddress);
      for (const record of await readRecords(reader, names))
        await readAttribute(reader, await heap.object(record), result);
    }
  }
  return result;
}

async function readAttribute(reader: MetadataReader, body: Cursor, result: Map<string, AttributeValue>): Promise<void> {
  const version = body.uint8();
  if (version < 1 || version > 3) throw reader.damaged(`it has an attribute of version ${version}`);
  const flags = body.uint8();
  const sizes = [body.uint16(), body.uint16(), body.uint16()] as const;
  if (version === 3) body.skip(1);
  // Version 1 pads each part to eight bytes.
  const part = (size: number) => body.take(Math.min(body.left, version === 1 ? Math.ceil(size / 8) * 8 : size));
  const name = part(sizes[0]).text(sizes[0]);
  const typePart = part(sizes[1]);
  const spacePart = part(sizes[2]);
  const type =
    version > 1 && flags & 1 ? readDatatype(await followShared(reader, typePart, 3)) : readDatatype(typePart);
  if (version > 1 && flags & 2) return;
  const shape = readDataspace(reader, spacePart);
  if (shape === undefined || shape.length > 1) return;
  const texts = await readTexts(reader, type, body, shape[0] ?? 1);
  if (texts) result.set(name, shape.length === 0 ? texts[0]! : texts);
}

async function readTexts(reader: MetadataReader, type: Datatype, body: Cursor, count: number) {
  if (count > mostTexts) throw reader.damaged(`an attribute claims ${count} texts`);
  const result: string[] = [];
  if (type.kind === "text") {
    for (let n = 0; n < count; n++) result.push(body.text(type.size));
    return result;
  }
  if (type.kind !== "variable text") return undefined;
  for (let n = 0; n < count; n++) {
    const length = body.uint32();
    const heap = body.address();
    const index = body.uint32();
    result.push(length === 0 || heap === undefinedAddress ? "" : await readHeapText(reader, heap, index, length));
  }
  return result;
}

/** Texts of variable length lie in a collection of objects of all sizes. */
async function readHeapText(reader: MetadataReader, address: number, index: number, length: number): Promise<string> {
  const { lengthSize } = reader;
  const head = await reader.bytes(address, 8 + lengthSize);
  head.signature("GCOL");
  head.skip(4);
  const end = address + head.length();
  for (let at = address + 8 + lengthSize; at + 8 + lengthSize <= end; ) {
    const object = await reader.bytes(at, 8 + lengthSize);
    const number = object.uint16();
    object.skip(6);
    const size = object.length();
    if (number === index)
      return (await reader.bytes(at + 8 + lengthSize, Math.min(size, length))).text(Math.min(size, length));
    // 0: what is free to the collection's end.
    if (number === 0) break;
    at += 8 + lengthSize + Math.ceil(size / 8) * 8;
  }
  throw reader.damaged("a text isn't where it should be");
}
