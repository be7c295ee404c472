/** What a chunk went through before it was stored (message 11), undone last first: deflate, shuffle, Fletcher's checksum. */
import type { Cursor, MetadataReader } from "./metadata-reader.js";

export interface Filter {
  readonly id: number;
  readonly name: string;
}

const DEFLATE = 1;
const SHUFFLE = 2;
const FLETCHER32 = 3;
const names: Readonly<Record<number, string>> = {
  4: "szip",
  5: "nbit",
  6: "scaleoffset",
  32000: "lzf",
  32001: "blosc",
};

export function readFilters(reader: MetadataReader, body: Cursor): readonly Filter[] {
  const version = body.uint8();
  const count = body.uint8();
  if (version === 1) body.skip(6);
  else if (version !== 2) throw reader.damaged(`it has filters of version ${version}`);
  return Array.from({ length: count }, () => {
    const id = body.uint16();
    const nameLength = version === 1 || id >= 256 ? body.uint16() : 0;
    body.skip(2);
    const values = body.uint16();
    const own = nameLength > 0 ? body.text(version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength) : "";
    body.skip(values * 4 + (version === 1 && values % 2 === 1 ? 4 : 0));
    return { id, name: names[id] ?? (own || `filter ${id}`) };
  });
}

/** @throws EnergyError `invalid-file` where a chunk doesn't unpack to its size; `unsupported` for other filters */
export async function unfilter(
  reader: MetadataReader,
  stored: Uint8Array<ArrayBuffer>,
  filters: readonly Filter[],
  mask: number,
  size: number,
  elementSize: number,
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = stored;
  for (let n = filters.length - 1; n >= 0; n--) {
    if (mask & (1 << n)) continue;
    const { id, name } = filters[n]!;
    // A checksum is stored behind what it sums.
    if (id === FLETCHER32) bytes = bytes.subarray(0, Math.max(0, bytes.length - 4));
    else if (id === DEFLATE) bytes = await inflate(reader, bytes, size + 4);
    else if (id === SHUFFLE) bytes = unshuffle(bytes, elementSize);
    else throw reader.unsupported(`a dataset compressed by ${name}`);
  }
  if (bytes.length < size) throw reader.damaged(`a chunk unpacks to ${bytes.length} bytes; expected ${size}`);
  return bytes;
}

/** Stops where more comes than a chunk can hold. */
async function inflate(
  reader: MetadataReader,
  bytes: Uint8Array<ArrayBuffer>,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const parts: Uint8Array[] = [];
  let total = 0;
  try {
    for (;;) {
      const { done, value } = await stream.read();
      if (done) break;
      parts.push(value);
      total += value.length;
      if (total > most) throw reader.damaged(`a chunk unpacks to more than its ${most} bytes`);
    }
  } catch (error) {
    await stream.cancel().catch(() => undefined);
    throw (error as { code?: unknown }).code === "invalid-file"
      ? error
      : reader.damaged(`a chunk can't be unpacked (${(error as Error).message})`);
  }
  const result = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** Stored are all first bytes of the elements, then all second bytes, … */
function unshuffle(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const count = Math.floor(bytes.length / size);
  const result = new Uint8Array(bytes.length);
  for (let byte = 0; byte < size; byte++) {
    for (let n = 0, from = byte * count; n < count; n++) result[n * size + byte] = bytes[from + n]!;
  }
  result.set(bytes.subarray(count * size), count * size);
  return result;
}
