/**
 * What is in a page of a Parquet column, unpacked: levels that say where rows begin and what is missing, then values. hyparquet has
 * decoders, too, but they write as many values as a run claims; here a run ends where the page does, and numbers stay in
 * typed arrays. https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */
import type { FloatArray } from "@comhe/core/layouts";
import { float16, float32, float64, type NumberType } from "../../tensors/decode-numbers.js";

export type ValueKind = "float16" | "float32" | "float64" | "text";
export type Values = FloatArray | readonly string[];

const numberTypes: Readonly<Record<Exclude<ValueKind, "text">, NumberType>> = { float16, float32, float64 };

export class PageReader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  #take(count: number): Uint8Array<ArrayBuffer> {
    if (count < 0 || this.#at + count > this.#bytes.length) throw new Error("a page ends before its values do");
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  #uint32(): number {
    const four = this.#take(4);
    return new DataView(four.buffer, four.byteOffset).getUint32(0, true);
  }

  /** Levels of `count` values, of so many bits; their length stands before them unless it is given. */
  levels(count: number, most: number, length?: number): Uint8Array | Uint16Array {
    const width = 32 - Math.clz32(most);
    const bytes = this.#take(length ?? this.#uint32());
    const levels = most < 256 ? new Uint8Array(count) : new Uint16Array(count);
    if (width > 0) readRuns(bytes, width, levels);
    return levels;
  }

  /** @param dictionary what indices lead to, where the column has one */
  values(kind: ValueKind, count: number, encoding: string, dictionary: Values | undefined): Values {
    if (encoding === "PLAIN") return kind === "text" ? this.#plainTexts(count) : this.#plainNumbers(kind, count);
    if (encoding === "BYTE_STREAM_SPLIT" && kind !== "text") return this.#splitNumbers(kind, count);
    if (encoding !== "PLAIN_DICTIONARY" && encoding !== "RLE_DICTIONARY") {
      throw new Error(`encoding ${encoding} isn't read; write the column with the writer's defaults`);
    }
    if (dictionary === undefined) throw new Error("its dictionary is missing");
    const width = count === 0 ? 0 : this.#take(1)[0]!;
    if (width > 32) throw new Error(`indices of ${width} bits`);
    const indices = new Uint32Array(count);
    if (width > 0) readRuns(this.#bytes.subarray(this.#at), width, indices);
    for (const index of indices)
      if (index >= dictionary.length) throw new Error(`index ${index} of ${dictionary.length}`);
    if (kind === "text") return Array.from(indices, (index) => (dictionary as readonly string[])[index]!);
    const numbers = dictionary as FloatArray;
    const result = kind === "float64" ? new Float64Array(count) : new Float32Array(count);
    for (let n = 0; n < count; n++) result[n] = numbers[indices[n]!]!;
    return result;
  }

  #plainNumbers(kind: Exclude<ValueKind, "text">, count: number): FloatArray {
    const { bytes, decode } = numberTypes[kind];
    return decode(this.#take(count * bytes).slice()) as FloatArray;
  }

  /** All first bytes, then all second bytes, … */
  #splitNumbers(kind: Exclude<ValueKind, "text">, count: number): FloatArray {
    const { bytes: size, decode } = numberTypes[kind];
    const stored = this.#take(count * size);
    const joined = new Uint8Array(count * size);
    for (let byte = 0; byte < size; byte++) {
      for (let n = 0; n < count; n++) joined[n * size + byte] = stored[byte * count + n]!;
    }
    return decode(joined) as FloatArray;
  }

  #plainTexts(count: number): string[] {
    const decoder = new TextDecoder();
    if (count * 4 > this.#bytes.length - this.#at) throw new Error("a page ends before its values do");
    return Array.from({ length: count }, () => decoder.decode(this.#take(this.#uint32())));
  }
}

/** Runs of one value, or of values packed bit by bit, until `out` is full. */
function readRuns(bytes: Uint8Array, width: number, out: Uint8Array | Uint16Array | Uint32Array): void {
  let at = 0;
  const next = () => {
    if (at >= bytes.length) throw new Error("a page ends before its values do");
    return bytes[at++]!;
  };
  for (let filled = 0; filled < out.length; ) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      if (shift > 28) throw new Error("a run of impossible length");
      const byte = next();
      header += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    const size = Math.floor(header / 2);
    if (header % 2 === 0) {
      let value = 0;
      for (let n = 0; n < width; n += 8) value += next() * 2 ** n;
      const end = Math.min(out.length, filled + size);
      if (end === filled) throw new Error("a run of no values");
      out.fill(value, filled, end);
      filled = end;
      continue;
    }
    // Groups of eight values; the last one may be filled up.
    let bits = 0;
    let held = 0;
    const end = Math.min(out.length, filled + size * 8);
    if (end === filled) throw new Error("a run of no values");
    for (const start = at; filled < end; filled++) {
      while (held < width) {
        bits += next() * 2 ** held;
        held += 8;
      }
      out[filled] = bits % 2 ** width;
      bits = Math.floor(bits / 2 ** width);
      held -= width;
      if (filled === end - 1) at = Math.min(bytes.length, start + size * width);
    }
  }
}
