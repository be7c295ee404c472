/**
 * Flatbuffers: a table is a list of fields that may be missing, each found by an offset, which is how Arrow and TensorFlow
 * Lite describe themselves. Every offset is a claim and is checked; tables may be shared, so that only their use is bounded.
 * https://flatbuffers.dev/internals/
 */

export class FlatTable {
  readonly #buffer: FlatBuffer;
  readonly #at: number;
  readonly #vtable: number;
  readonly #fields: number;

  constructor(buffer: FlatBuffer, at: number) {
    this.#buffer = buffer;
    this.#at = at;
    this.#vtable = at - buffer.int32(at);
    const size = buffer.uint16(this.#vtable);
    if (size < 4 || size % 2 !== 0) throw buffer.damaged("it has a table of impossible size");
    this.#fields = (size - 4) / 2;
  }

  /** Where field number `field` lies; `undefined` where it is missing. */
  #place(field: number): number | undefined {
    if (field >= this.#fields) return undefined;
    const offset = this.#buffer.uint16(this.#vtable + 4 + 2 * field);
    return offset === 0 ? undefined : this.#at + offset;
  }

  int8(field: number, missing = 0): number {
    const at = this.#place(field);
    return at === undefined ? missing : this.#buffer.int8(at);
  }
  int16(field: number, missing = 0): number {
    const at = this.#place(field);
    return at === undefined ? missing : this.#buffer.int16(at);
  }
  int32(field: number, missing = 0): number {
    const at = this.#place(field);
    return at === undefined ? missing : this.#buffer.int32(at);
  }
  int64(field: number, missing = 0): number {
    const at = this.#place(field);
    return at === undefined ? missing : this.#buffer.int64(at);
  }

  table(field: number): FlatTable | undefined {
    const at = this.#place(field);
    return at === undefined ? undefined : new FlatTable(this.#buffer, this.#buffer.follow(at));
  }

  text(field: number): string | undefined {
    const at = this.#place(field);
    if (at === undefined) return undefined;
    const { start, length } = this.#buffer.vector(this.#buffer.follow(at), 1);
    return new TextDecoder().decode(this.#buffer.bytes.subarray(start, start + length));
  }

  /** A vector of structs or numbers, each of `size` bytes: where it begins and how many there are. */
  vector(field: number, size: number): { readonly start: number; readonly length: number } {
    const at = this.#place(field);
    return at === undefined ? { start: 0, length: 0 } : this.#buffer.vector(this.#buffer.follow(at), size);
  }

  tables(field: number): FlatTable[] {
    const { start, length } = this.vector(field, 4);
    return Array.from({ length }, (_, n) => new FlatTable(this.#buffer, this.#buffer.follow(start + 4 * n)));
  }

  texts(field: number): string[] {
    const { start, length } = this.vector(field, 4);
    return Array.from({ length }, (_, n) => {
      const text = this.#buffer.vector(this.#buffer.follow(start + 4 * n), 1);
      return new TextDecoder().decode(this.#buffer.bytes.subarray(text.start, text.start + text.length));
    });
  }
}

export class FlatBuffer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly damaged: (problem: string) => Error;

  /** @param damaged makes the error for what can't be */
  constructor(bytes: Uint8Array<ArrayBuffer>, damaged: (problem: string) => Error) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.damaged = damaged;
  }

  /** The table that the first four bytes lead to. */
  root(): FlatTable {
    return new FlatTable(this, this.follow(0));
  }

  #check(at: number, count: number): number {
    if (!(at >= 0 && at + count <= this.bytes.length)) throw this.damaged("an offset leads out of it");
    return at;
  }

  int8(at: number): number {
    return this.#view.getInt8(this.#check(at, 1));
  }
  int16(at: number): number {
    return this.#view.getInt16(this.#check(at, 2), true);
  }
  uint16(at: number): number {
    return this.#view.getUint16(this.#check(at, 2), true);
  }
  int32(at: number): number {
    return this.#view.getInt32(this.#check(at, 4), true);
  }
  float32(at: number): number {
    return this.#view.getFloat32(this.#check(at, 4), true);
  }
  int64(at: number): number {
    const value = Number(this.#view.getBigInt64(this.#check(at, 8), true));
    if (!Number.isSafeInteger(value)) throw this.damaged("it has a number beyond 2^53");
    return value;
  }

  /** Offsets are from where they stand, and forward. */
  follow(at: number): number {
    return at + this.#view.getUint32(this.#check(at, 4), true);
  }

  vector(at: number, size: number): { readonly start: number; readonly length: number } {
    const length = this.#view.getUint32(this.#check(at, 4), true);
    this.#check(at + 4, length * size);
    return { start: at + 4, length };
  }
}
