/**
 * A pickle's bytes, read forwards. Whoever runs out of bytes gets a `PickleCutShort`, so that a pickle whose length isn't
 * known can be tried again with more of the file.
 */
export class PickleProblem extends Error {}

/** The bytes end before the pickle does. */
export class PickleCutShort extends PickleProblem {
  constructor() {
    super("its pickle is cut short");
  }
}

const utf8 = new TextDecoder("utf-8");

/** How many bytes the line of a name or a number may have. */
const longestLine = 65_536;

export class PickleCursor {
  at: number;
  readonly #view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    from: number,
  ) {
    this.at = from;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the next `count` bytes lie; they are passed. */
  #pass(count: number): number {
    const from = this.at;
    if (count > this.bytes.length - from) throw new PickleCutShort();
    this.at = from + count;
    return from;
  }

  uint8(): number {
    return this.bytes[this.#pass(1)]!;
  }

  uint16(): number {
    return this.#view.getUint16(this.#pass(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#pass(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#pass(4), true);
  }

  /** A length of 64 bits. Those that no file has count as cut short further on. */
  length64(): number {
    return Number(this.#view.getBigUint64(this.#pass(8), true));
  }

  float64(): number {
    return this.#view.getFloat64(this.#pass(8), false);
  }

  /** A view of the pickle's own memory. */
  take(count: number): Uint8Array {
    const from = this.#pass(count);
    return this.bytes.subarray(from, from + count);
  }

  text(count: number): string {
    return utf8.decode(this.take(count));
  }

  /** Each byte a character: Python 2's strings, which may be text or bytes. */
  byteText(count: number): string {
    return latin1(this.take(count));
  }

  /** A name or a number, up to the line's end, which is passed. */
  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0 && this.bytes.length - this.at <= longestLine) throw new PickleCutShort();
    if (end < 0 || end - this.at > longestLine) {
      throw new PickleProblem(`its pickle holds a line of more than ${longestLine} bytes`);
    }
    const text = utf8.decode(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  /** A line of any length, each byte a character: protocol 0's strings, whose other characters are escaped. */
  byteLine(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) throw new PickleCutShort();
    const text = latin1(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  /** Two's complement, of any length that a number in a checkpoint has. */
  integer(count: number): number | bigint {
    if (count > longestInteger) throw new PickleProblem(`its pickle holds an integer of ${count} bytes`);
    const bytes = this.take(count);
    let value = 0n;
    for (let n = count - 1; n >= 0; n--) value = (value << 8n) | BigInt(bytes[n]!);
    return plainInteger(BigInt.asIntN(8 * count, value));
  }
}

const longestInteger = 1024;

/** A whole number as a `number` where that is exact, else as a `bigint`. */
export function plainInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** TextDecoder's "latin1" is windows-1252, which changes 0x80 to 0x9f. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let n = 0; n < bytes.length; n += 8192) text += String.fromCharCode(...bytes.subarray(n, n + 8192));
  return text;
}

/** The bytes of a text of characters up to 0xff, or `undefined` where it holds others. */
export function latin1Bytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let n = 0; n < text.length; n++) {
    const code = text.charCodeAt(n);
    if (code > 255) return undefined;
    bytes[n] = code;
  }
  return bytes;
}
