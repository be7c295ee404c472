/**
 * Datasets: where their bytes lie. In one piece they are read in place, any part of them; in chunks, those chunks are read
 * and unfiltered that a part touches. What a file claims costs nothing before it is read, and what is read is bounded by the
 * part that was asked for and one chunk: a bomb of zeros meets that wall.
 */
import type { Shape } from "@comhe/core/layouts";
import { sizeOf } from "../layer-source.js";
import { type Datatype, datatypeOf, readDataspace } from "./datatype.js";
import { type Filter, readFilters, unfilter } from "./filters.js";
import { readTree } from "./links.js";
import { type Cursor, type MetadataReader, undefinedAddress } from "./metadata-reader.js";
import type { Message } from "./object-header.js";

const DATASPACE = 0x01;
const DATATYPE = 0x03;
const LAYOUT = 0x08;
const FILTERS = 0x0b;
const largestChunk = 2 ** 28;

export interface Dataset {
  readonly shape: Shape;
  readonly type: Datatype;
  /** Whether a part costs no more than that part. */
  readonly inParts: boolean;
  /** The bytes of elements `from` … `from + count`, row major. @throws EnergyError `invalid-file`, `unsupported` */
  read(from: number, count: number): Promise<Uint8Array<ArrayBuffer>>;
}

interface Chunk {
  /** First element along each axis. */
  readonly start: readonly number[];
  readonly address: number;
  readonly bytes: number;
  /** Bit n: filter n was left out. */
  readonly mask: number;
}

/** `undefined` where the messages are no dataset's, or the dataset holds nothing. */
export async function openDataset(reader: MetadataReader, messages: readonly Message[]): Promise<Dataset | undefined> {
  const find = (type: number) => messages.find((message) => message.type === type);
  const [space, typeMessage, layout] = [find(DATASPACE), find(DATATYPE), find(LAYOUT)];
  if (!space || !typeMessage || !layout || space.flags & 2) return undefined;
  const shape = readDataspace(reader, space.body);
  if (shape === undefined) return undefined;
  const type = await datatypeOf(reader, typeMessage);
  const filterMessage = find(FILTERS);
  const filters = filterMessage ? readFilters(reader, filterMessage.body) : [];
  return { shape, type, ...readLayout(reader, layout.body, shape, type.size, filters) };
}

function readLayout(reader: MetadataReader, body: Cursor, shape: Shape, size: number, filters: readonly Filter[]) {
  const version = body.uint8();
  const refuse = (what: string) => ({
    inParts: false,
    read: () => Promise.reject<Uint8Array<ArrayBuffer>>(reader.unsupported(what)),
  });
  if (version < 3 || version > 4) return refuse(`a data layout of version ${version}`);
  const kind = body.uint8();
  if (kind === 0) {
    const stored = body.take(body.uint16()).bytes;
    return {
      inParts: true,
      read: async (from: number, count: number) => {
        if ((from + count) * size > stored.length) throw reader.damaged("a compact dataset is shorter than its shape");
        return stored.slice(from * size, (from + count) * size);
      },
    };
  }
  if (kind === 1) {
    const address = body.address();
    const length = body.length();
    return {
      inParts: true,
      read: async (from: number, count: number) => {
        // Never written: zeros, which no file needs to hold.
        if (address === undefinedAddress) throw reader.unsupported("a dataset that was never written");
        if ((from + count) * size > length) throw reader.damaged("a dataset is shorter than its shape");
        const start = reader.base + address + from * size;
        if (start + count * size > reader.source.size) {
          throw reader.damaged(`a dataset ends at byte ${start + count * size}, the file at ${reader.source.size}`);
        }
        return reader.source.read(start, count * size);
      },
    };
  }
  if (kind !== 2) return refuse("a virtual dataset");
  if (version === 3) {
    const axes = body.uint8();
    const tree = body.address();
    const sizes = Array.from({ length: axes }, () => body.uint32());
    if (axes !== shape.length + 1) throw reader.damaged(`a dataset of ${shape.length} axes has chunks of ${axes - 1}`);
    const list = () => listChunks(reader, tree, axes);
    return { inParts: false, read: chunkedRead(reader, shape, size, sizes.slice(0, -1), filters, list) };
  }
  const flags = body.uint8();
  const axes = body.uint8();
  const width = body.uint8();
  if (width < 1 || width > 8) throw reader.damaged(`it stores sizes in ${width} bytes; expected 1 to 8`);
  const sizes = Array.from({ length: axes }, () => body.unsigned(width)).slice(0, -1);
  const index = body.uint8();
  if (index !== 1) return refuse(`chunks found by an index of kind ${index} (libver="latest")`);
  if (sizes.length !== shape.length)
    throw reader.damaged(`a dataset of ${shape.length} axes has chunks of ${sizes.length}`);
  const filtered = (flags & 2) !== 0;
  const bytes = filtered ? body.length() : sizeOf(sizes) * size;
  const mask = filtered ? body.uint32() : 0;
  const address = body.address();
  const list = async () => (address === undefinedAddress ? [] : [{ start: sizes.map(() => 0), address, bytes, mask }]);
  return { inParts: false, read: chunkedRead(reader, shape, size, sizes, filters, list) };
}

async function listChunks(reader: MetadataReader, tree: number, axes: number): Promise<Chunk[]> {
  const leaves = await readTree(reader, tree, 1, 8 + 8 * axes);
  return leaves.map(({ key, address }) => {
    const bytes = key.uint32();
    const mask = key.uint32();
    return { start: Array.from({ length: axes - 1 }, () => key.unsigned(8)), address, bytes, mask };
  });
}

function chunkedRead(
  reader: MetadataReader,
  shape: Shape,
  size: number,
  chunkShape: readonly number[],
  filters: readonly Filter[],
  list: () => Promise<Chunk[]>,
) {
  const chunkBytes = sizeOf(chunkShape) * size;
  let chunks: Promise<Chunk[]> | undefined;
  return async (from: number, count: number): Promise<Uint8Array<ArrayBuffer>> => {
    if (chunkBytes === 0 || chunkBytes > largestChunk) throw reader.damaged(`it has chunks of ${chunkBytes} bytes`);
    chunks ??= list();
    // Before memory is taken for a shape that nothing stands behind.
    if ((await chunks).length * sizeOf(chunkShape) < sizeOf(shape)) {
      throw reader.unsupported("a dataset of which not every chunk was written");
    }
    const result = new Uint8Array(count * size);
    let covered = 0;
    for (const chunk of await chunks) {
      const runs = runsOf(shape, chunkShape, chunk.start, from, count);
      if (runs.length === 0) continue;
      const at = reader.base + chunk.address;
      if (!(at + chunk.bytes <= reader.source.size)) throw reader.damaged("a chunk lies beyond the file's end");
      const bytes = await unfilter(
        reader,
        await reader.source.read(at, chunk.bytes),
        filters,
        chunk.mask,
        chunkBytes,
        size,
      );
      for (const { source, target, length } of runs) {
        result.set(bytes.subarray(source * size, (source + length) * size), target * size);
        covered += length;
      }
    }
    if (covered !== count) throw reader.damaged("its chunks overlap or leave gaps");
    return result;
  };
}

/** Stretches of elements that a chunk shares with the part `from` … `from + count`, along the last axis. */
function runsOf(shape: Shape, chunk: readonly number[], start: readonly number[], from: number, count: number) {
  const runs: { source: number; target: number; length: number }[] = [];
  const last = shape.length - 1;
  if (start.some((first, axis) => first >= shape[axis]!)) return runs;
  const width = Math.min(chunk[last]!, shape[last]! - start[last]!);
  const visit = (axis: number, source: number, element: number) => {
    if (axis === last) {
      const begin = element + start[last]!;
      const low = Math.max(begin, from);
      const high = Math.min(begin + width, from + count);
      if (low < high) runs.push({ source: source + low - begin, target: low - from, length: high - low });
      return;
    }
    const sourceStep = sizeOf(chunk.slice(axis + 1));
    const step = sizeOf(shape.slice(axis + 1));
    const height = Math.min(chunk[axis]!, shape[axis]! - start[axis]!);
    for (let n = 0; n < height; n++) {
      const first = element + (start[axis]! + n) * step;
      if (first + step <= from || first >= from + count) continue;
      visit(axis + 1, source + n * sourceStep, first);
    }
  };
  visit(0, 0, 0);
  return runs;
}
