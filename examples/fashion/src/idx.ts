/**
 * The IDX format of the MNIST family: two zero bytes, a type byte, the number of dimensions, each dimension as a
 * big-endian 32-bit number, then the values. Only unsigned bytes (type 8) occur here.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { UserError } from "@comhe-examples/study-kit/worker";

export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 8;

/** Reads a file, gzipped or not. @throws UserError that names the file, what was expected and what was found. */
export function readIdx(path: string, rank: number): IdxArray {
  return parseIdx(unzip(readFileSync(path), path), rank, path);
}

function unzip(bytes: Buffer, path: string): Uint8Array {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new UserError(
      `${path}: expected a whole gzip file, got ${bytes.length} bytes that don't unpack (${(error as Error).message}).`,
    );
  }
}

function parseIdx(bytes: Uint8Array, rank: number, path: string): IdxArray {
  const headerLength = 4 + 4 * rank;
  const expected = `0000${hex(UNSIGNED_BYTE)}${hex(rank)}`;
  const found = [...bytes.subarray(0, 4)].map(hex).join("");
  if (found !== expected) {
    throw new UserError(
      `${path}: expected an IDX file of unsigned bytes with ${rank} dimensions (magic number ${expected}), got ${found || "an empty file"}.`,
    );
  }
  if (bytes.length < headerLength) {
    throw new UserError(
      `${path}: expected an IDX header of ${headerLength} bytes, got ${bytes.length}: it is cut short.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  const data = bytes.subarray(headerLength);
  if (data.length !== size) {
    throw new UserError(
      `${path}: expected ${size} values (${shape.join(" × ")}), got ${data.length}: the file is ${data.length < size ? "cut short" : "too long"}.`,
    );
  }
  return { shape, data };
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
