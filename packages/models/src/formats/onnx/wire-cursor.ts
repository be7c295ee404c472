/**
 * A protobuf file of any size, walked through a small window.
 *
 * Parsers are generators over a cursor: they run at full speed while the window holds what they need, and yield the
 * number of bytes they need when it doesn't; whoever drives them reads those and goes on. So one synchronous parser
 * serves files, Blobs and memory, and the data of a tensor is stepped over, not read.
 *
 * Wire format: https://protobuf.dev/programming-guides/encoding/
 */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { EnergyError } from "@comhe/core/layouts";
import type { ByteSource } from "../../source/byte-source.js";

/** Yields how many bytes it needs from where the cursor stands. */
export type Parse<T> = Generator<number, T, void>;

/** A tag and a 64-bit varint, with room to spare. */
const HEADER = 24;
const WINDOW = 1 << 16;
/** Names and the like; a longer one is no name. */
const MAX_TEXT = 1 << 20;

/** How much an ONNX file may hold at most, so that a hostile one can't fill the memory. */
export interface Limits {
  /** How many nodes, tensors, attributes and names together: everything that is kept in memory. */
  readonly entries: number;
  /** How deep graphs may lie in graphs, and calls of local functions in calls. */
  readonly depth: number;
  /** How many nodes of local functions, each counted once for every call. */
  readonly inlined: number;
}

/** Field number and wire type, as they are written. */
export function tag(field: number, wire: WireType): number {
  return field * 8 + wire;
}

export class WireCursor {
  readonly #source: ByteSource;
  readonly #limits: Limits;
  #reader = new BinaryReader(new Uint8Array(0));
  #bytes = new Uint8Array(0);
  /** Where the window begins in the file. */
  #base = 0;
  #entries = 0;
  #depth = 0;
  #tag = 0;
  /** Where the payload of the field just read ends; for length-delimited fields. */
  payloadEnd = 0;

  constructor(source: ByteSource, limits: Limits) {
    this.#source = source;
    this.#limits = limits;
  }

  get position(): number {
    return this.#base + this.#reader.pos;
  }

  /** Whether the next `length` bytes are in the window, or as many as the file still has. */
  has(length: number): boolean {
    const end = this.#base + this.#bytes.length;
    return end - this.position >= length || end === this.#source.size;
  }

  /** Bytes to ask for before {@link next}; 0 where the window has enough. */
  get wanted(): number {
    return this.has(HEADER) ? 0 : HEADER;
  }

  async fill(length: number): Promise<void> {
    const from = this.position;
    const size = Math.min(Math.max(length, WINDOW), this.#source.size - from);
    this.#bytes = await this.#source.read(from, size);
    this.#reader = new BinaryReader(this.#bytes);
    this.#base = from;
  }

  /** Reads a tag, and the length of a length-delimited field; `end` is where the message ends. */
  next(end: number): number {
    const start = this.position;
    const [field, wire] = this.#reader.tag();
    this.#tag = tag(field, wire);
    if (wire === WireType.LengthDelimited) {
      const length = this.#length(start);
      this.payloadEnd = this.position + length;
      if (this.payloadEnd > end) {
        throw this.damaged(
          `field ${field} claims ${length} bytes where ${Math.max(0, end - this.position)} are left`,
          start,
        );
      }
    } else if (wire !== WireType.Varint && wire !== WireType.Bit32 && wire !== WireType.Bit64) {
      throw this.damaged(`field ${field} has wire type ${wire}, which ONNX doesn't use`, start);
    }
    return this.#tag;
  }

  #length(start: number): number {
    const before = this.#reader.pos;
    const length = this.#reader.uint32();
    const read = this.#reader.pos - before;
    if (read > 5 || (read === 5 && this.#bytes[this.#reader.pos - 1]! > 0x0f)) {
      throw this.damaged("a length of more than 32 bits", start);
    }
    return length;
  }

  /** Steps over the value of the field just read. */
  skip(): void {
    const wire = this.#tag % 8;
    if (wire === WireType.LengthDelimited) this.seek(this.payloadEnd);
    else this.#reader.skip(wire);
  }

  seek(position: number): void {
    const inWindow = position - this.#base;
    if (inWindow <= this.#bytes.length) {
      this.#reader.pos = inWindow;
      return;
    }
    this.#bytes = new Uint8Array(0);
    this.#reader = new BinaryReader(this.#bytes);
    this.#base = position;
  }

  /** A varint as int64. Beyond 2⁵³ it loses digits, and no size that large passes the checks. */
  integer(): number {
    return Number(this.#reader.int64());
  }

  float(): number {
    return this.#reader.float();
  }

  /** The payload, copied out of the window. */
  *bytes(): Parse<Uint8Array<ArrayBuffer>> {
    const length = this.payloadEnd - this.position;
    if (!this.has(length)) yield length;
    const from = this.#reader.pos;
    this.#reader.pos += length;
    return this.#bytes.slice(from, from + length);
  }

  /** The payload as text. */
  *text(): Parse<string> {
    const start = this.position;
    if (this.payloadEnd - start > MAX_TEXT) throw this.damaged("a name of more than a megabyte", start);
    const bytes = yield* this.bytes();
    try {
      return decoder.decode(bytes);
    } catch {
      throw this.damaged("a name that isn't UTF-8", start);
    }
  }

  /** Varints: one, or a packed payload of them. */
  *integers(into: number[], packed: boolean): Parse<void> {
    if (!packed) {
      this.count();
      into.push(this.integer());
      return;
    }
    const end = this.payloadEnd;
    while (this.position < end) {
      if (this.wanted > 0) yield this.wanted;
      this.count();
      into.push(this.integer());
    }
    this.expectEnd(end);
  }

  expectEnd(end: number): void {
    if (this.position !== end) throw this.damaged("a field runs past the end of what holds it", end);
  }

  /** To be called for everything that is kept. */
  count(): void {
    this.#entries++;
    if (this.#entries > this.#limits.entries) {
      throw new EnergyError(
        "invalid-file",
        `${this.#source.name}: more than ${this.#limits.entries} nodes, tensors and names. If it is no hostile file, ` +
          "raise `limits.entries`.",
      );
    }
  }

  enter(): void {
    this.#depth++;
    if (this.#depth > this.#limits.depth) {
      throw new EnergyError(
        "invalid-file",
        `${this.#source.name}: graphs nested deeper than ${this.#limits.depth}. If it is no hostile file, raise ` +
          "`limits.depth`.",
      );
    }
  }

  leave(): void {
    this.#depth--;
  }

  damaged(what: string, at = this.position): EnergyError {
    return new EnergyError(
      "invalid-file",
      `${this.#source.name}: not a whole ONNX file: at byte ${at}, ${what}. Expected a protobuf ModelProto; fetch or export it again.`,
      { offset: at },
    );
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Runs a parser over a source. @throws EnergyError `invalid-file` */
export async function parseSource<T>(
  source: ByteSource,
  limits: Limits,
  parser: (cursor: WireCursor) => Parse<T>,
): Promise<T> {
  const cursor = new WireCursor(source, limits);
  try {
    const run = parser(cursor);
    for (;;) {
      const step = run.next();
      if (step.done) return step.value;
      await cursor.fill(step.value);
    }
  } catch (error) {
    if (EnergyError.isInstance(error)) throw error;
    if (isReaderError(error)) throw cursor.damaged(error.message);
    throw error;
  }
}

/** What BinaryReader throws: plain errors for varints and tags that are none, a RangeError for the end of the bytes. */
function isReaderError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return error.constructor === Error || (error instanceof RangeError && error.message === "premature EOF");
}
