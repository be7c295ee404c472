/**
 * The sorted table of a checkpoint's index: LevelDB's, without compression. A footer leads to a block of blocks, and entries
 * share the beginnings of their keys. https://github.com/google/leveldb/blob/main/doc/table_format.md
 */
import type { ByteSource } from "../../source/byte-source.js";

const footerSize = 48;
const magic = 0xdb4775248b80fb57n;
const largestBlock = 2 ** 26;
const mostEntries = 1_000_000;

export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Reads variable-length numbers, and fields of protocol buffers, from a piece in memory. */
export class Bytes {
  at = 0;
  readonly bytes: Uint8Array;
  readonly #fail: (problem: string) => Error;

  constructor(bytes: Uint8Array, fail: (problem: string) => Error) {
    this.bytes = bytes;
    this.#fail = fail;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.bytes.length) throw this.#fail("a number is cut short");
      const byte = this.bytes[this.at++]!;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw this.#fail("a number without end");
  }

  take(count: number): Uint8Array {
    if (!(count >= 0) || count > this.left) throw this.#fail("a part is cut short");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** Fields of a message: numbers, or the bytes of what has a length. */
  *fields(): Generator<readonly [number: number, value: number | Uint8Array]> {
    while (this.left > 0) {
      const tag = this.varint();
      const field = Math.floor(tag / 8);
      const kind = tag % 8;
      if (kind === 0) yield [field, this.varint()];
      else if (kind === 2) yield [field, this.take(this.varint())];
      else if (kind === 5) yield [field, this.take(4)];
      else if (kind === 1) yield [field, this.take(8)];
      else throw this.#fail(`a field of kind ${kind}`);
    }
  }
}

/** All entries in their order. */
export async function readTable(source: ByteSource, fail: (problem: string) => Error): Promise<Entry[]> {
  if (source.size < footerSize) throw fail("it is cut short");
  const footer = await source.read(source.size - footerSize, footerSize);
  if (new DataView(footer.buffer).getBigUint64(40, true) !== magic)
    throw fail("it doesn't end as one: it is cut short or altered");
  const cursor = new Bytes(footer, fail);
  cursor.varint();
  cursor.varint();
  const result: Entry[] = [];
  for (const { value } of await readBlock(source, cursor, fail)) {
    for (const entry of await readBlock(source, new Bytes(value, fail), fail)) {
      if (result.length >= mostEntries) throw fail("it has more entries than a model");
      result.push(entry);
    }
  }
  return result;
}

async function readBlock(source: ByteSource, handle: Bytes, fail: (problem: string) => Error): Promise<Entry[]> {
  const [offset, size] = [handle.varint(), handle.varint()];
  if (size > largestBlock || size < 4 || offset + size + 5 > source.size)
    throw fail(`a block claims ${size} bytes at ${offset}`);
  const block = await source.read(offset, size + 5);
  if (block[size] !== 0) throw fail("it has a compressed block, which TensorFlow doesn't write");
  const restarts = new DataView(block.buffer).getUint32(size - 4, true);
  const end = size - 4 - restarts * 4;
  if (end < 0) throw fail("a block has impossible sizes");
  const cursor = new Bytes(block.subarray(0, end), fail);
  const result: Entry[] = [];
  let key = new Uint8Array(0);
  while (cursor.left > 0) {
    const [shared, own, length] = [cursor.varint(), cursor.varint(), cursor.varint()];
    if (shared > key.length || shared + own > 65_536) throw fail("a key repeats more of the one before than that has");
    const next = new Uint8Array(shared + own);
    next.set(key.subarray(0, shared));
    next.set(cursor.take(own), shared);
    key = next;
    result.push({ key: new TextDecoder().decode(key), value: cursor.take(length) });
  }
  return result;
}
