/**
 * A safetensors file of any size that costs little disk: a header, and a file as long as it says, with holes. Holes read as
 * zeros, dead neurons; every `filled`-th layer has seeded numbers.
 */
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { randomStream } from "@comhe/core";

/**
 * @param {string} path
 * @param {{ layers: number, rows: number, columns: number, filled: number, seed?: number, extra?: Record<string, [number, number]> }} options
 *   `extra`: more layers of holes, by name
 */
export function writeSparseSafetensors(path, { layers, rows, columns, filled, seed = 1, extra = {} }) {
  const shapes = Object.fromEntries(
    Array.from({ length: layers }, (_, n) => [`layers.${String(n).padStart(3, "0")}.weight`, [rows, columns]]),
  );
  const header = {};
  let end = 0;
  for (const [name, shape] of Object.entries({ ...shapes, ...extra })) {
    const bytes = shape[0] * shape[1] * 4;
    header[name] = { dtype: "F32", shape, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const start = 8 + text.length;
  const file = openSync(path, "w");
  try {
    writeSync(file, Buffer.concat([length, text]), 0, start, 0);
    ftruncateSync(file, start + end);
    for (let n = 0; n < layers; n += filled) {
      const numbers = randomStream(seed, "layer", n).fillNormal(new Float32Array(rows * columns));
      writeSync(file, new Uint8Array(numbers.buffer), 0, numbers.byteLength, start + n * rows * columns * 4);
    }
  } finally {
    closeSync(file);
  }
  return { bytes: start + end, names: Object.keys(header) };
}
