/**
 * Where bytes come from: a file, a Blob or memory, all read in pieces. Nothing here reads a whole model; a tensor is read
 * when it is asked for, and nothing stays open between reads.
 */
import { EnergyError } from "@comhe/core/layouts";
import { fileSource } from "./node-files.js";

export interface ByteSource {
  /** For messages. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset`, which the caller has checked to lie inside.
   *
   * @throws EnergyError `invalid-file` where they can't be had any more
   */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A model: a path or file URL (Node, Bun, Deno), or bytes or a Blob (anywhere). */
export type ModelFile = string | URL | Uint8Array | ArrayBuffer | Blob;

/** @throws EnergyError `invalid-file`, `unsupported` (a path where there are no files) */
export async function openSource(file: ModelFile, name: string): Promise<ByteSource> {
  if (typeof file === "string" || file instanceof URL) return fileSource(file);
  return memorySource(file, name);
}

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
  return {
    name,
    size: bytes.byteLength,
    // A copy: what is made of it may be changed, and typed arrays need their own alignment.
    read: async (offset, length) => new Uint8Array(bytes.subarray(offset, offset + length)),
  };
}

function blobSource(blob: Blob, name: string): ByteSource {
  return {
    name,
    size: blob.size,
    async read(offset, length) {
      const bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
      if (bytes.length !== length) throw new EnergyError("invalid-file", `${name}: it changed while it was read.`);
      return bytes;
    },
  };
}
