/**
 * A file on a server as a source of bytes. Small reads (headers, graphs) are served from blocks, with more read ahead the
 * longer they go on in order; large ones (tensors) ask for just what they need, in pieces at a time.
 */
import type { ByteSource } from "../byte-source.js";
import { checkRange } from "../memory-source.js";
import type { RangeCache } from "./range-cache.js";
import type { RemoteFile } from "./ranges.js";
import type { RemoteSettings } from "./remote-options.js";

const block = 1 << 16;
/** Blocks that are kept. */
const mostBlocks = 64;
/** Blocks that are read ahead at most. */
const mostAhead = 16;
/** Bytes that one request asks for. */
const piece = 1 << 23;

export function remoteSource(
  name: string,
  file: RemoteFile,
  { parallel }: Pick<RemoteSettings, "parallel">,
  cache?: RangeCache,
): ByteSource {
  const { size } = file;
  const fetchRange = cache ? cache.through(file) : file.read;
  const atATime = limiter(parallel);
  const blocks = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();
  for (let at = 0; at < file.start.length; at += block) {
    const whole = Math.min(block, size - at);
    if (at + whole <= file.start.length) blocks.set(at / block, Promise.resolve(file.start.slice(at, at + whole)));
  }
  let expected = -1;
  let ahead = 1;

  /** Block `n`, and those after it that are read ahead. */
  const load = (n: number): void => {
    ahead = n === expected ? Math.min(mostAhead, ahead * 2) : 1;
    const last = Math.min(n + ahead, Math.ceil(size / block));
    expected = last;
    const from = n * block;
    const all = atATime(() => fetchRange(from, Math.min(size, last * block) - from));
    for (let each = n; each < last; each++) {
      const begin = (each - n) * block;
      const one = all.then((bytes) => bytes.slice(begin, begin + block));
      // Whoever asks for it is told; blocks that nobody asks for aren't anybody's failure.
      one.catch(() => blocks.delete(each));
      blocks.set(each, one);
    }
    for (const old of blocks.keys()) {
      if (blocks.size <= mostBlocks) break;
      if (old < n || old >= last) blocks.delete(old);
    }
  };

  const small = async (from: number, count: number) => {
    const bytes = new Uint8Array(count);
    for (let at = from; at < from + count; ) {
      const n = Math.floor(at / block);
      if (!blocks.has(n)) load(n);
      const held = await blocks.get(n)!;
      const end = Math.min(from + count, (n + 1) * block);
      bytes.set(held.subarray(at - n * block, end - n * block), at - from);
      at = end;
    }
    return bytes;
  };

  return {
    name,
    size,
    // Where the server tells none, two openings may be of two versions.
    version: `${size}, ${file.version ?? crypto.randomUUID()}`,
    async read(from, count) {
      checkRange(name, size, from, count);
      if (count === 0) return new Uint8Array(0);
      if (from + count <= file.start.length) return file.start.slice(from, from + count);
      if (count <= block) return small(from, count);
      if (count <= piece) return atATime(() => fetchRange(from, count));
      const bytes = new Uint8Array(count);
      const parts: Promise<void>[] = [];
      for (let at = 0; at < count; at += piece) {
        const wanted = Math.min(piece, count - at);
        parts.push(atATime(async () => bytes.set(await fetchRange(from + at, wanted), at)));
      }
      await Promise.all(parts);
      return bytes;
    },
  };
}

/** Runs no more than so many at a time, in the order in which they come. */
function limiter(most: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(job: () => Promise<T>): Promise<T> => {
    if (running < most) running++;
    // Whoever ends hands its place on.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
