/**
 * HDF5's bookkeeping is scattered in small pieces over the whole file. They are read through blocks of 64 KiB that stay
 * for a while, so that neighbours cost one read, and a file of gigabytes is never fetched for its directory.
 */
import { EnergyError } from "@comhe/core/layouts";
import type { ByteSource } from "../source/byte-source.js";
import { notSound } from "../source/not-sound.js";

const blockSize = 65_536;
const keptBlocks = 128;
/** No directory of a model is larger: what asks for more is a file made to cost. */
const mostBlocksRead = 20_000;

export class MetadataReader {
  /** Bytes of an address and of a length, as the superblock says. */
  offsetSize = 8;
  lengthSize = 8;
  /** Where the file's addresses begin: after a user block, if there is one. */
  base = 0;
  readonly source: ByteSource;
  readonly #blocks = new Map<number, Uint8Array<ArrayBuffer>>();
  #read = 0;

  constructor(source: ByteSource) {
    this.source = source;
  }

  /** @throws EnergyError `invalid-file` where the file ends before */
  async bytes(address: number, count: number): Promise<Cursor> {
    const from = this.base + address;
    if (count < 0 || from + count > this.source.size) {
      throw this.damaged(`what lies at byte ${from} ends at ${from + count}, the file at ${this.source.size}`);
    }
    const result = new Uint8Array(count);
    for (let filled = 0; filled < count; ) {
      const block = Math.floor((from + filled) / blockSize);
      const bytes = await this.#block(block);
      const start = from + filled - block * blockSize;
      const part = bytes.subarray(start, start + count - filled);
      result.set(part, filled);
      filled += part.length;
    }
    return new Cursor(result, this);
  }

  async #block(index: number): Promise<Uint8Array<ArrayBuffer>> {
    const kept = this.#blocks.get(index);
    if (kept) return kept;
    if (++this.#read > mostBlocksRead) throw this.damaged("its directory is larger than any model's");
    const from = index * blockSize;
    const bytes = await this.source.read(from, Math.min(blockSize, this.source.size - from));
    if (this.#blocks.size >= keptBlocks) this.#blocks.delete(this.#blocks.keys().next().value!);
    this.#blocks.set(index, bytes);
    return bytes;
  }

  damaged(problem: string): EnergyError {
    return notSound(this.source.name, "HDF5 file", problem);
  }

  unsupported(what: string): EnergyError {
    return new EnergyError(
      "unsupported",
      `${this.source.name}: ${what}, which isn't read. Write the file again with h5py's defaults.`,
    );
  }
}

/** "No address". */
export const undefinedAddress = Number.POSITIVE_INFINITY;

/** Takes what HDF5's structures are made of, little-endian, from a piece of the file. */
export class Cursor {
  at = 0;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #reader: MetadataReader;

  constructor(bytes: Uint8Array<ArrayBuffer>, reader: MetadataReader) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#reader = reader;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** @throws EnergyError `invalid-file` where the piece ends before */
  skip(count: number): number {
    const from = this.at;
    if (count < 0 || count > this.left) throw this.#reader.damaged("a structure in it ends before its parts do");
    this.at += count;
    return from;
  }

  uint8(): number {
    return this.#view.getUint8(this.skip(1));
  }
  uint16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }
  uint32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  /** 1 to 8 bytes. @throws EnergyError `invalid-file` beyond 2^53 */
  unsigned(bytes: number): number {
    let value = 0;
    const from = this.skip(bytes);
    for (let n = bytes - 1; n >= 0; n--) value = value * 256 + this.bytes[from + n]!;
    if (value > Number.MAX_SAFE_INTEGER) throw this.#reader.damaged("a size or a place in it is beyond 2^53");
    return value;
  }

  address(): number {
    const size = this.#reader.offsetSize;
    const from = this.at;
    if (this.left >= size && this.bytes.subarray(from, from + size).every((byte) => byte === 255)) {
      this.at += size;
      return undefinedAddress;
    }
    return this.unsigned(size);
  }

  length(): number {
    return this.unsigned(this.#reader.lengthSize);
  }

  /** A piece of its own. */
  take(count: number): Cursor {
    const from = this.skip(count);
    return new Cursor(this.bytes.slice(from, from + count), this.#reader);
  }

  /** Up to the first NUL. */
  text(count: number): string {
    const from = this.skip(count);
    const bytes = this.bytes.subarray(from, from + count);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  /** @throws EnergyError `invalid-file` where the four letters aren't there */
  signature(letters: string): void {
    const got = String.fromCharCode(...this.bytes.subarray(this.at, this.at + 4));
    if (got !== letters) throw this.#reader.damaged(`expected "${letters}", got ${JSON.stringify(got)}`);
    this.at += 4;
  }
}
