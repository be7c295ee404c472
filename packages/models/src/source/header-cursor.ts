/**
 * Reading forward through a header whose length nobody knows before it is read. Bytes come in pieces that grow, so that a
 * header of a megabyte costs a few reads, and no more of a large file is fetched than about twice its header.
 *
 * What is read next is made present first (`await cursor.need(8)`, which only waits at the end of a piece) and then taken
 * without waiting: a vocabulary of 262,144 entries would otherwise be as many promises.
 */
import type { ByteSource } from "./byte-source.js";

const firstPiece = 256 * 1024;
const largestPiece = 16 * 2 ** 20;

export class HeaderCursor {
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  /** Where `#bytes` begins in the file. */
  #start = 0;
  #piece = firstPiece;
  readonly #source: ByteSource;
  readonly #fail: (problem: string) => Error;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  /** @param fail makes the error for what can't be */
  constructor(source: ByteSource, fail: (problem: string) => Error) {
    this.#source = source;
    this.#fail = fail;
  }

  /** Offset in the file of what is taken next. */
  get position(): number {
    return this.#start + this.#at;
  }

  /** Bytes between here and the end of the file. */
  get left(): number {
    return this.#source.size - this.position;
  }

  /** Whether the next `count` bytes can be taken at once. */
  has(count: number): boolean {
    return this.#bytes.length - this.#at >= count;
  }

  /** @throws EnergyError `invalid-file` where the file ends before */
  async need(count: number): Promise<void> {
    if (this.has(count)) return;
    if (count > this.left) {
      throw this.#fail(`its header ends at byte ${this.position + count}, the file at ${this.#source.size}`);
    }
    const position = this.position;
    const length = Math.min(this.left, Math.max(count, this.#piece));
    this.#piece = Math.min(largestPiece, this.#piece * 2);
    this.#bytes = await this.#source.read(position, length);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    this.#start = position;
    this.#at = 0;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** Skips bytes, also beyond those that are present; they aren't fetched. @throws EnergyError `invalid-file` where the file ends before */
  jump(count: number): void {
    if (count > this.left) {
      throw this.#fail(`its header ends at byte ${this.position + count}, the file at ${this.#source.size}`);
    }
    if (this.has(count)) {
      this.#at += count;
      return;
    }
    this.#start = this.position + count;
    this.#bytes = new Uint8Array(0);
    this.#at = 0;
  }

  take(count: number): DataView {
    const from = this.#at;
    this.#at += count;
    return new DataView(this.#view.buffer, this.#view.byteOffset + from, count);
  }

  uint32(): number {
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  }

  /** @throws EnergyError `invalid-file` for more than 2^53: no count and no offset of a file is that large */
  uint64(): number {
    const low = this.#view.getUint32(this.#at, true);
    const high = this.#view.getUint32(this.#at + 4, true);
    if (high >= 2 ** 21) throw this.#fail(`a count at byte ${this.position} is more than 2^53`);
    this.#at += 8;
    return high * 2 ** 32 + low;
  }

  text(length: number): string {
    const text = this.#decoder.decode(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    return text;
  }
}
