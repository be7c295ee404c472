/**
 * What was read of files on servers, in a folder: blocks of a megabyte by the version of their file, so that a changed file
 * begins anew. The folder holds no more than it may: the blocks that nobody has asked for the longest go first. It only
 * saves work; where it can't be used (a full disk, no permission), reading goes on without.
 */
import { type Builtins, builtins } from "../builtins.js";
import type { RemoteFile } from "./ranges.js";

export interface RangeCache {
  /** Reads a file through the cache. */
  through(file: RemoteFile): RemoteFile["read"];
}

const block = 1 << 20;
/** The share of what the folder may hold that is left when it was full. */
const keptWhenFull = 0.9;

/** @returns `undefined` where the server doesn't tell versions apart, or there are no files */
export async function rangeCache(
  { folder, mostBytes }: { readonly folder: string; readonly mostBytes: number },
  address: string,
  { version, size }: RemoteFile,
): Promise<RangeCache | undefined> {
  if (version === undefined || mostBytes < block) return undefined;
  const text = new TextEncoder().encode(JSON.stringify([address, version, size]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  const key = Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
  let node: Builtins;
  try {
    node = builtins(folder);
    await node.fs.mkdir(node.path.join(folder, key), { recursive: true, mode: 0o700 });
  } catch {
    return undefined;
  }
  const home = node.path.join(folder, key);
  const lengthOf = (n: number) => Math.min(block, size - n * block);

  const load = async (n: number): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    const path = node.path.join(home, String(n));
    try {
      const bytes = new Uint8Array(await node.fs.readFile(path));
      if (bytes.length !== lengthOf(n)) return undefined;
      // When it was last asked for.
      const now = new Date();
      await node.fs.utimes(path, now, now);
      return bytes;
    } catch {
      return undefined;
    }
  };

  const save = async (n: number, bytes: Uint8Array): Promise<void> => {
    const path = node.path.join(home, String(n));
    // Written aside and then named: nobody reads half a block. Two that write the same block write the same bytes.
    const aside = `${path}.${crypto.randomUUID()}`;
    try {
      await node.fs.mkdir(home, { recursive: true, mode: 0o700 });
      await node.fs.writeFile(aside, bytes, { mode: 0o600 });
      await node.fs.rename(aside, path);
    } catch {
      await node.fs.rm(aside, { force: true }).catch(() => undefined);
    }
  };

  return {
    through(file) {
      return async (from, count) => {
        const result = new Uint8Array(count);
        const put = (n: number, bytes: Uint8Array) => {
          const begin = Math.max(from, n * block);
          const end = Math.min(from + count, n * block + bytes.length);
          result.set(bytes.subarray(begin - n * block, end - n * block), begin - from);
        };
        const last = Math.ceil((from + count) / block);
        let missing: number[] = [];
        const fill = async () => {
          if (missing.length === 0) return;
          const [first] = missing as [number];
          const begin = first * block;
          const bytes = await file.read(begin, Math.min(size, (first + missing.length) * block) - begin);
          for (const n of missing) {
            const own = bytes.subarray((n - first) * block, (n - first) * block + lengthOf(n));
            put(n, own);
            await save(n, own);
          }
          missing = [];
          await trim(node, folder, mostBytes);
        };
        for (let n = Math.floor(from / block); n < last; n++) {
          const known = await load(n);
          if (known === undefined) missing.push(n);
          else {
            await fill();
            put(n, known);
          }
        }
        await fill();
        return result;
      };
    },
  };
}

interface Kept {
  readonly path: string;
  readonly size: number;
  readonly asked: number;
}

/** Takes out the blocks that nobody has asked for the longest, once there are too many. */
async function trim({ fs, path }: Builtins, folder: string, mostBytes: number): Promise<void> {
  const kept: Kept[] = [];
  for (const key of await fs.readdir(folder).catch(() => [])) {
    // Nothing but what is named as the cache names it is ever taken out.
    if (!/^[0-9a-f]{32}$/.test(key)) continue;
    for (const name of await fs.readdir(path.join(folder, key)).catch(() => [])) {
      if (!/^\d+(\.[0-9a-f-]{36})?$/.test(name)) continue;
      const file = path.join(folder, key, name);
      const status = await fs.stat(file).catch(() => undefined);
      if (status !== undefined) kept.push({ path: file, size: status.size, asked: status.mtimeMs });
    }
  }
  let total = kept.reduce((sum, { size }) => sum + size, 0);
  if (total <= mostBytes) return;
  kept.sort((a, b) => a.asked - b.asked);
  for (const { path: file, size } of kept) {
    if (total <= mostBytes * keptWhenFull) return;
    await fs.rm(file, { force: true }).catch(() => undefined);
    total -= size;
  }
}
