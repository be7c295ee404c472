/** Compressed buffers of Arrow: eight bytes of length (−1: not compressed after all), then an LZ4 frame or zstd. */
import type { ByteSource } from "../../source/byte-source.js";
import { damaged } from "./messages.js";

/** How many bytes a column in a batch may have. */
const largestBuffer = 2 ** 30;
/** zstd writes a run of 128 KiB in four bytes; nothing here packs closer. */
const closest = 40_000;

/** Whether so many bytes can come out of what is stored; a claim of more costs nothing to refuse. */
export const canUnpackTo = (length: number, packed: number, codec: string | undefined): boolean =>
  codec === undefined ? length <= packed : length <= packed * closest && length <= largestBuffer;

/** @throws EnergyError `invalid-file` where it doesn't unpack to the length it states */
export async function decompressBuffer(
  source: ByteSource,
  packed: Uint8Array<ArrayBuffer>,
  codec: "lz4" | "zstd",
): Promise<Uint8Array<ArrayBuffer>> {
  if (packed.length < 8) throw damaged(source, "a compressed column doesn't state its length");
  const length = Number(new DataView(packed.buffer, packed.byteOffset).getBigInt64(0, true));
  const body = packed.slice(8);
  if (length === -1) return body;
  if (length < 0 || !canUnpackTo(length, packed.length, codec))
    throw damaged(source, `a compressed column claims ${length} bytes`);
  let result: Uint8Array;
  try {
    if (codec === "lz4") result = lz4Frame(body, length);
    else {
      const { decompress } = await import("fzstd");
      result = decompress(body, new Uint8Array(length));
    }
  } catch (error) {
    throw damaged(source, `a column can't be decompressed (${(error as Error).message})`, error);
  }
  if (result.length !== length) throw damaged(source, `a column unpacks to ${result.length} bytes; expected ${length}`);
  return result as Uint8Array<ArrayBuffer>;
}

/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md */
function lz4Frame(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 7 || view.getUint32(0, true) !== 0x184d2204) throw new Error("no LZ4 frame");
  const flags = bytes[4]!;
  // Version, then: blocks apart, checksums of blocks, content size, checksum of all, reserved, dictionary.
  if (flags >> 6 !== 1 || flags & 1) throw new Error("an LZ4 frame of another version, or with a dictionary");
  const checked = (flags & 16) !== 0;
  let at = 7 + (flags & 8 ? 8 : 0);
  const out = new Uint8Array(length);
  let filled = 0;
  for (;;) {
    if (at + 4 > bytes.length) throw new Error("an LZ4 frame without end");
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) break;
    const size = word & 0x7fffffff;
    if (at + size > bytes.length) throw new Error("an LZ4 block is cut short");
    const block = bytes.subarray(at, at + size);
    if (word >>> 31) {
      if (filled + size > length) throw new Error("more than it states");
      out.set(block, filled);
      filled += size;
    } else filled = lz4Block(block, out, filled);
    at += size + (checked ? 4 : 0);
  }
  return out.subarray(0, filled);
}

/** Appends to `out` from `filled` on; matches may reach into what earlier blocks left there. */
function lz4Block(block: Uint8Array, out: Uint8Array, filled: number): number {
  let at = 0;
  const extended = (nibble: number) => {
    let value = nibble;
    if (nibble !== 15) return value;
    for (;;) {
      if (at >= block.length) throw new Error("an LZ4 block is cut short");
      const byte = block[at++]!;
      value += byte;
      if (byte !== 255) return value;
    }
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = extended(token >> 4);
    if (at + literals > block.length || filled + literals > out.length) throw new Error("an LZ4 block is too long");
    out.set(block.subarray(at, at + literals), filled);
    at += literals;
    filled += literals;
    if (at >= block.length) break;
    if (at + 2 > block.length) throw new Error("an LZ4 block is cut short");
    const distance = block[at]! | (block[at + 1]! << 8);
    at += 2;
    const length = extended(token & 15) + 4;
    if (distance === 0 || distance > filled || filled + length > out.length)
      throw new Error("an LZ4 match leads out of it");
    for (let n = 0; n < length; n++, filled++) out[filled] = out[filled - distance]!;
  }
  return filled;
}
