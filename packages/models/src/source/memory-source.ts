/** Bytes in memory, and Blobs: what a page has of a file that was dropped on it. */
import { EnergyError } from "@comhe/core/layouts";
import type { ByteSource } from "./byte-source.js";

/** Bytes, or a Blob or File. @throws EnergyError `invalid-file` for anything else */
export function memorySource(file: Uint8Array | ArrayBuffer | Blob, name: string): ByteSource {
  if (file instanceof ArrayBuffer) return bytesSource(new Uint8Array(file), name);
  if (file instanceof Uint8Array) return bytesSource(file, name);
  if (typeof Blob !== "undefined" && file instanceof Blob) return blobSource(file, name);
  const got = file === null || file === undefined ? String(file) : (file as object).constructor?.name;
  throw new EnergyError(
    "invalid-file",
    `${name}: expected a path, a Uint8Array, an ArrayBuffer or a Blob, got ${got}.`,
  );
}

function bytesSource(bytes: Uint8Array, name: string): ByteSource {
  const size = bytes.byteLength;
  return {
    name,
    size,
    async read(from, count) {
      checkRange(name, size, from, count);
      // A copy: what is made of it may be changed, and typed arrays need their own alignment.
      return new Uint8Array(bytes.subarray(from, from + count));
    },
  };
}

function blobSource(blob: Blob, name: string): ByteSource {
  const { size } = blob;
  return {
    name,
    size,
    async read(from, count) {
      checkRange(name, size, from, count);
      if (count <= mostAtOnce) return readSlice(blob, name, from, count);
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count; at += mostAtOnce) {
        bytes.set(await readSlice(blob, name, from + at, Math.min(mostAtOnce, count - at)), at);
      }
      return bytes;
    },
  };
}

/** Browsers hand out no more than 2 GiB at once. */
const mostAtOnce = 2 ** 30;

async function readSlice(blob: Blob, name: string, from: number, count: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await blob
    .slice(from, from + count)
    .arrayBuffer()
    .catch((error: unknown) => {
      // What a browser says of a file that was changed or taken away since it was chosen.
      throw new EnergyError("invalid-file", `${name}: can't be read (${(error as Error).message}).`, {}, error);
    });
  if (bytes.byteLength === count) return new Uint8Array(bytes);
  throw new EnergyError("invalid-file", `${name}: it changed while it was read; read it again.`);
}

/** @throws EnergyError `invalid-file` where the range doesn't lie inside of the source */
export function checkRange(name: string, size: number, from: number, count: number): void {
  if (from >= 0 && count >= 0 && from + count <= size) return;
  throw new EnergyError(
    "invalid-file",
    `${name}: it is cut short: expected at least ${from + count} bytes, got ${size}. Copy or download it again.`,
  );
}
