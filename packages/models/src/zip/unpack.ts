/** Deflated data, unpacked piece by piece and no further than asked for: a zip bomb meets that wall, not memory. */
import { EnergyError } from "@comhe/core/layouts";
import { Inflate } from "fflate";
import type { ByteSource } from "../source/byte-source.js";
import { crc32 } from "./crc32.js";

/** Unpacked bytes that may be asked for. Larger arrays are stored, or come from another format. */
const largestUnpacked = 2 ** 30;
/** Read at once; unpacked, it could be a thousand times as large, so that it is handed over in parts. */
const piece = 2 ** 18;
const part = 2 ** 14;

export interface Packed {
  readonly start: number;
  readonly packed: number;
  /** Unpacked, as the archive claims. */
  readonly size: number;
  readonly crc: number;
}

/** @throws EnergyError `invalid-file` */
export async function unpack(
  source: ByteSource,
  { start, packed, size, crc }: Packed,
  from: number,
  count: number,
  fail: (problem: string) => EnergyError,
): Promise<Uint8Array<ArrayBuffer>> {
  const end = from + count;
  if (end > largestUnpacked) {
    throw fail(
      `it unpacks to ${size} bytes; expected at most ${largestUnpacked}. Save it uncompressed (numpy.savez), to have it read in place`,
    );
  }
  // Grown as bytes come, not by what the archive promises.
  let bytes = new Uint8Array(Math.min(count, 65_548));
  let seen = 0;
  let sum = 0;
  const inflate = new Inflate((chunk) => {
    const [first, last] = [Math.max(0, from - seen), Math.min(chunk.length, end - seen)];
    if (first < last) {
      const at = seen + first - from;
      const needed = at + last - first;
      if (needed > bytes.length) {
        const grown = new Uint8Array(Math.min(count, Math.max(2 * bytes.length, needed)));
        grown.set(bytes);
        bytes = grown;
      }
      bytes.set(chunk.subarray(first, last), at);
    }
    seen += chunk.length;
    sum = crc32(chunk, sum);
  });
  for (let at = 0; at < packed && (seen < end || end === size); at += piece) {
    const length = Math.min(piece, packed - at);
    const chunk = await source.read(start + at, length);
    try {
      for (let offset = 0; offset < length && (seen < end || end === size); offset += part) {
        const last = Math.min(length, offset + part);
        inflate.push(chunk.subarray(offset, last), at + last === packed);
        if (seen > size) throw fail(`it unpacks to more than the ${size} bytes that the archive says`);
      }
    } catch (error) {
      if (EnergyError.isInstance(error)) throw error;
      throw fail(`it can't be unpacked (${(error as Error).message})`);
    }
  }
  if (seen < end) throw fail(`it is cut short: expected ${end} bytes, got ${seen}`);
  if (end === size && sum !== crc) throw fail("its checksum is wrong: it is damaged");
  return bytes.length === count ? bytes : bytes.slice(0, count);
}
