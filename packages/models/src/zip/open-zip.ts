/**
 * Zip archives over any source of bytes: .npz, .keras and PyTorch's checkpoints. The directory at the end is read once and
 * checked against the file; entries are read in place where they are stored, else unpacked from their start. Every number
 * in the directory is a claim: no array is as large as a claim before as many bytes have come.
 *
 * APPNOTE.TXT, version 6.3.10, sections 4.3.7 to 4.3.16; zip64 included.
 */
import { EnergyError } from "@comhe/core/layouts";
import type { ByteSource } from "../source/byte-source.js";
import { checkRange } from "../source/memory-source.js";
import { notSound } from "../source/not-sound.js";
import { unpack } from "./unpack.js";
import type { ZipEntry } from "./zip-entry.js";

const mostEntries = 100_000;
/** Names of 100,000 entries need less. */
const largestDirectory = 64 * 2 ** 20;
/** The end record, and its comment of at most 65,535 bytes. */
const endSize = 22;
const longestEnd = endSize + 65_535;

interface DirectoryEntry {
  readonly name: string;
  readonly encrypted: boolean;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly header: number;
}

/** All files of an archive in the order of its directory; folders are left out. @throws EnergyError `invalid-file` */
export async function openZip(source: ByteSource): Promise<readonly ZipEntry[]> {
  const damaged = (problem: string) => notSound(source.name, "zip archive", problem);
  const { count, start, size } = await findDirectory(source, damaged);
  if (count > mostEntries) throw damaged(`it holds ${count} entries, more than ${mostEntries}`);
  if (size > largestDirectory) throw damaged(`its directory claims ${size} bytes`);
  if (start + size > source.size) throw damaged("its directory lies beyond its end");
  const directory = await source.read(start, size);
  return parseDirectory(directory, count, damaged)
    .filter(({ name }) => !name.endsWith("/"))
    .map((entry) => readable(source, entry));
}

type Damaged = (problem: string) => EnergyError;

async function findDirectory(source: ByteSource, damaged: Damaged) {
  const length = Math.min(longestEnd, source.size);
  if (length < endSize) throw damaged("it is too short");
  const tailStart = source.size - length;
  const tail = await source.read(tailStart, length);
  const view = viewOf(tail);
  let at = length - endSize;
  // The comment's length must lead to the end of the file, or a comment could hold a record of its own.
  while (
    at >= 0 &&
    !(view.getUint32(at, true) === 0x06054b50 && at + endSize + view.getUint16(at + 20, true) === length)
  )
    at--;
  if (at < 0) throw damaged("its end record is missing: it is cut short or something else");
  const found = {
    count: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    start: view.getUint32(at + 16, true),
  };
  if (found.count !== 0xffff && found.size !== 0xffffffff && found.start !== 0xffffffff) return found;
  const locator = tailStart + at - 20;
  if (locator < 0) return found;
  const pointer = viewOf(await source.read(locator, 20));
  if (pointer.getUint32(0, true) !== 0x07064b50) return found;
  const record = wholeNumber(pointer, 8, damaged);
  if (record + 56 > source.size) throw damaged("its zip64 end record lies beyond its end");
  const wide = viewOf(await source.read(record, 56));
  if (wide.getUint32(0, true) !== 0x06064b50) throw damaged("its zip64 end record is missing");
  return {
    count: wholeNumber(wide, 32, damaged),
    size: wholeNumber(wide, 40, damaged),
    start: wholeNumber(wide, 48, damaged),
  };
}

function parseDirectory(bytes: Uint8Array, count: number, damaged: Damaged): DirectoryEntry[] {
  const view = viewOf(bytes);
  const entries: DirectoryEntry[] = [];
  let at = 0;
  for (let n = 0; n < count; n++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50)
      throw damaged(`entry ${n} of its directory is missing`);
    const flags = view.getUint16(at + 8, true);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [
      number,
      number,
      number,
    ];
    const nameEnd = at + 46 + nameLength;
    if (nameEnd + extraLength + commentLength > bytes.length) throw damaged(`entry ${n} of its directory is cut short`);
    // Bit 11: UTF-8. Without it, code page 437, of which ASCII is all that anybody writes here.
    const name = new TextDecoder((flags & 0x800) !== 0 ? "utf-8" : "latin1").decode(bytes.subarray(at + 46, nameEnd));
    const plain = {
      size: view.getUint32(at + 24, true),
      packed: view.getUint32(at + 20, true),
      header: view.getUint32(at + 42, true),
    };
    const wide = zip64Numbers(viewOf(bytes.subarray(nameEnd, nameEnd + extraLength)), plain, damaged);
    entries.push({
      name,
      encrypted: (flags & 1) !== 0,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      ...wide,
    });
    at = nameEnd + extraLength + commentLength;
  }
  return entries;
}

/** Numbers that don't fit into 32 bits stand in an extra field, in this order, those and no others. */
function zip64Numbers<T extends { size: number; packed: number; header: number }>(
  extra: DataView,
  plain: T,
  damaged: Damaged,
): T {
  const found = { ...plain };
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const [id, length] = [extra.getUint16(at, true), extra.getUint16(at + 2, true)];
    if (id === 1) {
      let field = at + 4;
      const end = Math.min(field + length, extra.byteLength);
      for (const key of ["size", "packed", "header"] as const) {
        if (plain[key] !== 0xffffffff) continue;
        if (field + 8 > end) throw damaged("a zip64 field is cut short");
        found[key] = wholeNumber(extra, field, damaged);
        field += 8;
      }
      return found;
    }
    at += 4 + length;
  }
  return found;
}

function readable(source: ByteSource, entry: DirectoryEntry): ZipEntry {
  const { name, size, packed, method } = entry;
  const fail = (problem: string) => new EnergyError("invalid-file", `${source.name}: "${name}": ${problem}.`);
  let start: Promise<number> | undefined;
  const dataStart = () => {
    start ??= findData(source, entry, fail);
    return start;
  };
  const stored = method === 0;
  return {
    name,
    size,
    stored,
    async read(from, count) {
      if (entry.encrypted) throw fail("it is encrypted, and no password can be given; save the archive without one");
      if (!stored && method !== 8)
        throw fail(`compression method ${method} isn't read; store it, or compress it by deflate`);
      checkRange(`${source.name}: "${name}"`, size, from, count);
      if (stored) {
        if (packed !== size) throw fail(`it is stored, but its sizes are ${packed} and ${size}`);
        return source.read((await dataStart()) + from, count);
      }
      return unpack(source, { start: await dataStart(), packed, size, crc: entry.crc }, from, count, fail);
    },
  };
}

/** Its data follow its local header, whose name and extra field have lengths of their own. */
async function findData(source: ByteSource, { header, packed }: DirectoryEntry, fail: Damaged): Promise<number> {
  if (header + 30 > source.size) throw fail("its header lies beyond the end of the archive");
  const view = viewOf(await source.read(header, 30));
  if (view.getUint32(0, true) !== 0x04034b50) throw fail("its header is missing");
  const start = header + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + packed > source.size) throw fail("it is cut short");
  return start;
}

function wholeNumber(view: DataView, at: number, damaged: Damaged): number {
  const value = Number(view.getBigUint64(at, true));
  if (!Number.isSafeInteger(value)) throw damaged(`it claims ${value} bytes`);
  return value;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
