/** What is in a group: names, each with the address of an object's header. Old files keep them in a symbol table, newer ones as messages. */
import { openFractalHeap, readRecords } from "./fractal-heap.js";
import { type Cursor, type MetadataReader, undefinedAddress } from "./metadata-reader.js";
import type { Message } from "./object-header.js";

export type Links = Map<string, number>;

const LINK_INFO = 0x02;
const LINK = 0x06;
const SYMBOL_TABLE = 0x11;
const mostLinks = 1_000_000;

/** `undefined` where the messages are no group's. Links to other files and symbolic links are passed over. */
export async function readLinks(reader: MetadataReader, messages: readonly Message[]): Promise<Links | undefined> {
  const links: Links = new Map();
  let isGroup = false;
  for (const { type, body } of messages) {
    if (type === SYMBOL_TABLE) {
      isGroup = true;
      await readSymbolTable(reader, body, links);
    } else if (type === LINK) {
      isGroup = true;
      readLink(reader, body, links);
    } else if (type === LINK_INFO) {
      isGroup = true;
      body.skip(1);
      if (body.uint8() & 1) body.skip(8);
      const heapAddress = body.address();
      const names = body.address();
      if (heapAddress === undefinedAddress || names === undefinedAddress) continue;
      const heap = await openFractalHeap(reader, heapAddress);
      for (const record of await readRecords(reader, names)) {
        // A hash of the name, then where the link is.
        record.skip(4);
        readLink(reader, await heap.object(record), links);
      }
    }
  }
  return isGroup ? links : undefined;
}

function readLink(reader: MetadataReader, cursor: Cursor, links: Links): void {
  if (cursor.uint8() !== 1) throw reader.damaged("it has a link of an unknown version");
  const flags = cursor.uint8();
  const kind = flags & 8 ? cursor.uint8() : 0;
  if (flags & 4) cursor.skip(8);
  if (flags & 16) cursor.skip(1);
  const name = cursor.text(cursor.unsigned(1 << (flags & 3)));
  if (kind === 0) add(reader, links, name, cursor.address());
}

function add(reader: MetadataReader, links: Links, name: string, address: number): void {
  if (links.size >= mostLinks) throw reader.damaged("a group has more than a million links");
  links.set(name, address);
}

/** A version 1 B-tree whose leaves name objects in a heap of names. */
async function readSymbolTable(reader: MetadataReader, message: Cursor, links: Links): Promise<void> {
  const { offsetSize, lengthSize } = reader;
  const tree = message.address();
  const heap = await reader.bytes(message.address(), 8 + 2 * lengthSize + offsetSize);
  heap.signature("HEAP");
  heap.skip(4);
  const heapSize = heap.length();
  heap.length();
  const names = await reader.bytes(heap.address(), heapSize);
  for (const leaf of await readTree(reader, tree, 0, lengthSize)) {
    const head = await reader.bytes(leaf.address, 8);
    head.signature("SNOD");
    head.skip(2);
    const count = head.uint16();
    const entries = await reader.bytes(leaf.address + 8, count * (2 * offsetSize + 24));
    for (let n = 0; n < count; n++) {
      const name = entries.unsigned(offsetSize);
      const address = entries.address();
      const kind = entries.uint32();
      entries.skip(20);
      names.at = Math.min(name, names.bytes.length);
      const text = names.text(names.left);
      // 2: a symbolic link, which has no header.
      if (kind !== 2 && address !== undefinedAddress) add(reader, links, text, address);
    }
  }
}

/** Leaves of a version 1 B-tree, each with the key before it. */
export async function readTree(
  reader: MetadataReader,
  root: number,
  kind: number,
  keySize: number,
): Promise<{ key: Cursor; address: number }[]> {
  const { offsetSize } = reader;
  const result: { key: Cursor; address: number }[] = [];
  const seen = new Set<number>();
  const visit = async (node: number, depth: number): Promise<void> => {
    if (node === undefinedAddress) return;
    if (seen.has(node) || depth > 32 || result.length > mostLinks) throw reader.damaged("a B-tree doesn't end");
    seen.add(node);
    const head = await reader.bytes(node, 8 + 2 * offsetSize);
    head.signature("TREE");
    if (head.uint8() !== kind) throw reader.damaged("a B-tree is of another kind than expected");
    const level = head.uint8();
    const count = head.uint16();
    const entries = await reader.bytes(node + 8 + 2 * offsetSize, count * (keySize + offsetSize));
    for (let n = 0; n < count; n++) {
      const key = entries.take(keySize);
      const address = entries.address();
      if (level === 0) result.push({ key, address });
      else await visit(address, depth + 1);
    }
  };
  await visit(root, 0);
  return result;
}
