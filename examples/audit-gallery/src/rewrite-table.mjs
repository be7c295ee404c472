/**
 * Formats of vectors that no package ships a model in: the first rows of a real table, written in each of them. They show that every format tells the same of the same numbers; the
 * yardstick counts them once.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openModel } from "@comhe/models";
import { parquetWriteBuffer } from "hyparquet-writer";

const count = 2048;

/** Whether a file is one of these. */
export const isRewritten = (path) => /[\\/]wordllama-2048\.\w+$/.test(path);

/** @returns {Promise<string[]>} paths of the files */
export async function rewriteTable(model, into) {
  const opened = await openModel(model);
  const [{ shape, readPart, read }] = opened.layers;
  const dim = shape[1];
  const data = Float32Array.from((await (readPart?.(0, count * dim) ?? read())).subarray(0, count * dim));
  await opened.close();
  const rows = Array.from({ length: count }, (_, row) => data.subarray(row * dim, (row + 1) * dim));
  const bytes = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  const files = {
    "wordllama-2048.npy": Buffer.concat([npyHeader(dim), bytes(data)]),
    "wordllama-2048.fvecs": Buffer.concat(rows.flatMap((row) => [bytes(Int32Array.of(dim)), bytes(row)])),
    "wordllama-2048.vec": `${count} ${dim}\n${rows.map((row, n) => `token${n} ${row.join(" ")}\n`).join("")}`,
    "wordllama-2048.csv": rows.map((row) => `${row.join(",")}\n`).join(""),
    "wordllama-2048.parquet": Buffer.from(parquetWriteBuffer({ columnData: columnsOf(rows) })),
    "wordllama-2048.gguf": ggufOf(dim, bytes(data)),
  };
  return Object.entries(files).map(([name, content]) => {
    const path = join(into, name);
    writeFileSync(path, content);
    return path;
  });
}

/** A column for each dimension: what it writes of lists is JSON. */
const columnsOf = (rows) =>
  Array.from(rows[0], (_, k) => ({ name: `x${k}`, type: "FLOAT", data: Float32Array.from(rows, (row) => row[k]) }));

function npyHeader(dim) {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, ${dim}), }`.padEnd(117);
  return Buffer.concat([Buffer.from("\x93NUMPY\x01\x00v\x00", "latin1"), Buffer.from(`${text}\n`)]);
}

/** Version 3: a model of one float32 tensor; sizes stand from the fastest axis on, data is aligned to 32 bytes. */
function ggufOf(dim, data) {
  const u32 = (value) => bytesOf(Uint32Array.of(value));
  const u64 = (value) => bytesOf(BigUint64Array.of(BigInt(value)));
  const text = (value) => Buffer.concat([u64(value.length), Buffer.from(value)]);
  const head = Buffer.concat([
    ...[Buffer.from("GGUF"), u32(3), u64(1), u64(1)],
    ...[text("general.architecture"), u32(8), text("llama")],
    ...[text("token_embd.weight"), u32(2), u64(dim), u64(count), u32(0), u64(0)],
  ]);
  return Buffer.concat([head, Buffer.alloc((32 - (head.length % 32)) % 32), data]);
}

const bytesOf = (array) => Buffer.from(array.buffer);
