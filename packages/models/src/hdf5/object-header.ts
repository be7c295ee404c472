/** An object's header: a list of messages, each of which says one thing of it (its type, its shape, where its numbers lie). */
import { type Cursor, type MetadataReader, undefinedAddress } from "./metadata-reader.js";

export interface Message {
  readonly type: number;
  /** Bit 1: the message lies elsewhere, and this one says where. */
  readonly flags: number;
  readonly body: Cursor;
}

const CONTINUATION = 0x10;
const mostMessages = 100_000;
const mostChunks = 10_000;

/** @throws EnergyError `invalid-file` */
export async function readMessages(reader: MetadataReader, address: number): Promise<Message[]> {
  if (address === undefinedAddress) throw reader.damaged("an object has no header");
  const start = await reader.bytes(address, 4);
  return start.bytes[0] === 1 ? readVersion1(reader, address) : readVersion2(reader, address);
}

async function readVersion1(reader: MetadataReader, address: number): Promise<Message[]> {
  const head = await reader.bytes(address, 16);
  head.skip(2);
  const count = head.uint16();
  head.skip(4);
  const result: Message[] = [];
  const chunks = [{ address: address + 16, length: head.uint32() }];
  for (let n = 0; n < chunks.length; n++) {
    const chunk = await reader.bytes(chunks[n]!.address, chunks[n]!.length);
    while (chunk.left >= 8 && result.length < count) {
      const type = chunk.uint16();
      const size = chunk.uint16();
      const flags = chunk.uint8();
      chunk.skip(3);
      addMessage(reader, { type, flags, body: chunk.take(size) }, result, chunks);
    }
  }
  return result;
}

async function readVersion2(reader: MetadataReader, address: number): Promise<Message[]> {
  const head = await reader.bytes(address, 6);
  head.signature("OHDR");
  const version = head.uint8();
  if (version !== 2) throw reader.damaged(`it has an object header of version ${version}`);
  const flags = head.uint8();
  const before = (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const width = 1 << (flags & 3);
  const sizes = await reader.bytes(address + 6, before + width);
  sizes.skip(before);
  const result: Message[] = [];
  const chunks = [{ address: address + 6 + before + width, length: sizes.unsigned(width) }];
  for (let n = 0; n < chunks.length; n++) {
    let chunk: Cursor;
    if (n === 0) {
      chunk = await reader.bytes(chunks[0]!.address, chunks[0]!.length);
    } else {
      // A continuation has its own signature before and its checksum behind.
      const whole = await reader.bytes(chunks[n]!.address, chunks[n]!.length);
      whole.signature("OCHK");
      chunk = whole.take(whole.left - 4);
    }
    const header = flags & 4 ? 6 : 4;
    while (chunk.left >= header) {
      const type = chunk.uint8();
      const size = chunk.uint16();
      const own = chunk.uint8();
      if (flags & 4) chunk.skip(2);
      addMessage(reader, { type, flags: own, body: chunk.take(size) }, result, chunks);
    }
  }
  return result;
}

function addMessage(
  reader: MetadataReader,
  message: Message,
  result: Message[],
  chunks: { address: number; length: number }[],
): void {
  if (result.length >= mostMessages || chunks.length >= mostChunks)
    throw reader.damaged("an object header doesn't end");
  result.push(message);
  if (message.type !== CONTINUATION) return;
  const address = message.body.address();
  const length = message.body.length();
  if (chunks.some((chunk) => chunk.address === address)) throw reader.damaged("an object header goes on in itself");
  chunks.push({ address, length });
}
