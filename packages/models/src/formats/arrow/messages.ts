/**
 * The messages of an Arrow file or stream: the schema, then batches of rows. Only their descriptions are read, so that a
 * column's numbers can be fetched in place. https://arrow.apache.org/docs/format/Columnar.html, Message.fbs, Schema.fbs
 */
import { EnergyError } from "@comhe/core/layouts";
import { FlatBuffer, type FlatTable } from "../../flatbuffers/table.js";
import type { ByteSource } from "../../source/byte-source.js";
import { notSound } from "../../source/not-sound.js";

export interface ArrowField {
  readonly name: string;
  /** "float32", "utf8", "list", "fixed list", …; the words of `typeOf`. */
  readonly type: string;
  /** Entries of a fixed list; 1 for a dense union. */
  readonly size: number;
  readonly children: readonly ArrowField[];
  /** Values are codes into a dictionary. */
  readonly dictionary: boolean;
}

export interface ArrowBatch {
  readonly rows: number;
  /** Length and nulls of each field, depth first. */
  readonly nodes: readonly { readonly length: number; readonly nulls: number }[];
  /** Where all buffers lie in the file, in their order. */
  readonly buffers: readonly { readonly offset: number; readonly length: number }[];
  readonly codec: "lz4" | "zstd" | undefined;
  /** Buffers of each column of views, which have as many as they need. */
  readonly variadic: readonly number[];
}

export interface ArrowMessages {
  readonly fields: readonly ArrowField[];
  readonly batches: readonly ArrowBatch[];
}

const SCHEMA = 1;
const DICTIONARY = 2;
const BATCH = 3;
const largestMessage = 2 ** 28;
const mostMessages = 1_000_000;

export function damaged(source: ByteSource, problem: string, cause?: unknown): EnergyError {
  return notSound(source.name, "Arrow file", problem, cause);
}

/** @throws EnergyError `invalid-file`, `unsupported` */
export async function readMessages(source: ByteSource): Promise<ArrowMessages> {
  const start = await source.read(0, Math.min(8, source.size));
  const letters = String.fromCharCode(...start);
  if (letters.startsWith("FEA1")) {
    throw new EnergyError(
      "unsupported",
      `${source.name}: Feather version 1, which isn't read. Write it again as version 2.`,
    );
  }
  let fields: readonly ArrowField[] | undefined;
  const batches: ArrowBatch[] = [];
  const end = letters.startsWith("ARROW1") ? await endOfMessages(source) : source.size;
  let at = letters.startsWith("ARROW1") ? 8 : 0;
  for (let n = 0; at + 8 <= end; n++) {
    if (n >= mostMessages) throw damaged(source, "it has more messages than a table");
    const head = new DataView((await source.read(at, 8)).buffer);
    // Before version 0.15 no mark stood before the length.
    const marked = head.getUint32(0, true) === 0xffffffff;
    const length = marked ? head.getInt32(4, true) : head.getInt32(0, true);
    const from = at + (marked ? 8 : 4);
    if (length === 0) break;
    if (length < 0 || length > largestMessage || from + length > end)
      throw damaged(source, `a message claims ${length} bytes`);
    const message = new FlatBuffer(await source.read(from, length), (problem) => damaged(source, problem));
    const root = message.root();
    const kind = root.int8(1);
    const header = root.table(2);
    const body = root.int64(3);
    const bodyAt = from + length;
    if (body < 0 || bodyAt + body > end)
      throw damaged(source, `it is cut short: a batch ends at byte ${bodyAt + body} of ${end}`);
    if (header === undefined) throw damaged(source, "a message has no content");
    if (kind === SCHEMA) {
      if (header.int16(0) !== 0) {
        throw new EnergyError(
          "unsupported",
          `${source.name}: a big-endian Arrow file, which isn't read. Write it on another machine.`,
        );
      }
      fields = header.tables(1).map((field) => readField(source, field, 0));
    } else if (kind === BATCH) batches.push(readBatch(source, message, header, bodyAt, body));
    else if (kind !== DICTIONARY && kind !== 0) throw damaged(source, `it has a message of the unknown kind ${kind}`);
    at = bodyAt + body;
  }
  if (fields === undefined) throw damaged(source, "it has no schema");
  return { fields, batches };
}

/** A file's messages lie between its mark and its footer, which repeats where they are. */
async function endOfMessages(source: ByteSource): Promise<number> {
  if (source.size < 22) throw damaged(source, "it is cut short");
  const tail = await source.read(source.size - 10, 10);
  const length = new DataView(tail.buffer).getInt32(0, true);
  if (String.fromCharCode(...tail.subarray(4)) !== "ARROW1")
    throw damaged(source, "it doesn't end as one: it is cut short or altered");
  const end = source.size - 10 - length;
  if (length <= 0 || end < 8) throw damaged(source, `its footer claims ${length} bytes`);
  return end;
}

function readField(source: ByteSource, field: FlatTable, depth: number): ArrowField {
  if (depth > 32) throw damaged(source, "its lists are nested more than 32 deep");
  const { type, size } = typeOf(field.int8(2), field.table(3));
  return {
    name: field.text(0) ?? "",
    type,
    size,
    dictionary: field.table(4) !== undefined,
    children: field.tables(5).map((child) => readField(source, child, depth + 1)),
  };
}

function typeOf(kind: number, type: FlatTable | undefined): { type: string; size: number } {
  switch (kind) {
    case 2:
      return { type: `${type?.int8(1) === 1 ? "" : "u"}int${type?.int32(0) ?? 0}`, size: 0 };
    case 3:
      return { type: `float${[16, 32, 64][type?.int16(0) ?? 0] ?? 0}`, size: 0 };
    case 14:
      return { type: "union", size: type?.int16(0) ?? 0 };
    case 16:
      return { type: "fixed list", size: type?.int32(0) ?? 0 };
    default: {
      const names: Readonly<Record<number, string>> = {
        1: "null",
        4: "binary",
        5: "utf8",
        6: "bool",
        7: "decimal",
        8: "date",
        9: "time",
        10: "timestamp",
        11: "interval",
        12: "list",
        13: "struct",
        15: "fixed binary",
        17: "map",
        18: "duration",
        19: "large binary",
        20: "large utf8",
        21: "large list",
        22: "run-end encoded",
        23: "binary view",
        24: "utf8 view",
        25: "list view",
        26: "large list view",
      };
      return { type: names[kind] ?? `type ${kind}`, size: 0 };
    }
  }
}

function readBatch(source: ByteSource, buffer: FlatBuffer, batch: FlatTable, bodyAt: number, body: number): ArrowBatch {
  const pairs = (field: number) => {
    const { start, length } = batch.vector(field, 16);
    return Array.from({ length }, (_, n) => [buffer.int64(start + 16 * n), buffer.int64(start + 16 * n + 8)] as const);
  };
  const rows = batch.int64(0);
  const nodes = pairs(1).map(([length, nulls]) => ({ length, nulls }));
  const buffers = pairs(2).map(([offset, length]) => ({ offset: bodyAt + offset, length }));
  for (const { offset, length } of buffers) {
    if (length < 0 || offset < bodyAt || offset + length > bodyAt + body)
      throw damaged(source, "a column lies outside of its batch");
  }
  if (rows < 0 || nodes.some(({ length, nulls }) => length < 0 || nulls < 0))
    throw damaged(source, `a batch claims ${rows} rows`);
  const compression = batch.table(3);
  const codec = compression === undefined ? undefined : compression.int8(0) === 1 ? "zstd" : "lz4";
  const counts = batch.vector(4, 8);
  const variadic = Array.from({ length: counts.length }, (_, n) => buffer.int64(counts.start + 8 * n));
  return { rows, nodes, buffers, codec, variadic };
}
