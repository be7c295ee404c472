/** Vectors of an Arrow file: columns of lists of floats, or all columns of floats together. */
import type { FloatArray } from "@comhe/core/layouts";
import type { ModelParts } from "../../format.js";
import type { SkippedTensor } from "../../layer-source.js";
import type { ByteSource } from "../../source/byte-source.js";
import { layerOfColumn, nameColumn, type VectorColumn } from "../../tables/vector-column.js";
import { float16, float32, float64, type NumberType } from "../../tensors/decode-numbers.js";
import { canUnpackTo, decompressBuffer } from "./decompress.js";
import { type ArrowBatch, type ArrowField, type ArrowMessages, damaged, readMessages } from "./messages.js";

const numberTypes: Readonly<Record<string, NumberType>> = { float16, float32, float64 };
const isFloat = ({ type, dictionary }: ArrowField) => !dictionary && Object.hasOwn(numberTypes, type);
const isText = ({ type, dictionary }: ArrowField) => !dictionary && (type === "utf8" || type === "large utf8");
const isVectors = ({ type, children, dictionary }: ArrowField) =>
  !dictionary && /^(fixed list|list|large list)$/.test(type) && children.length === 1 && isFloat(children[0]!);

/** A column with the numbers of its first node and buffer, depth first among all. */
interface Column {
  readonly field: ArrowField;
  readonly node: number;
  /** In a batch without views; those before it shift it. */
  readonly buffer: (batch: ArrowBatch) => number;
}

/** @throws EnergyError `invalid-file`, `unsupported` */
export async function readArrow(source: ByteSource): Promise<ModelParts> {
  const messages = await readMessages(source);
  const columns = placeColumns(messages.fields);
  const rows = messages.batches.reduce((sum, batch) => sum + batch.rows, 0);
  const texts = columns.filter(({ field }) => isText(field));
  const naming = nameColumn(texts.map(({ field }) => field.name));
  const namingColumn = texts.find(({ field }) => field.name === naming);
  const rowNames = namingColumn && (() => readTexts(source, messages, namingColumn));
  const vectors = columns.filter(({ field }) => isVectors(field));
  const singles = columns.filter(({ field }) => isFloat(field));
  const found: VectorColumn[] = [];
  const skipped: SkippedTensor[] = [];
  const leaveOut = ({ field }: Column, reason: string) =>
    skipped.push({ name: field.name, shape: [rows], dataType: typeName(field), reason });
  for (const column of vectors) {
    const made = vectorsOf(source, messages, column, rows, rowNames);
    if (typeof made === "string") leaveOut(column, made);
    else found.push(made);
  }
  const table =
    vectors.length === 0 && singles.length > 1 ? tableOf(source, messages, singles, rows, rowNames) : undefined;
  if (typeof table === "object") found.push(table);
  for (const column of columns) {
    if (vectors.includes(column) || (typeof table === "object" && singles.includes(column))) continue;
    if (column === namingColumn) leaveOut(column, "names of the rows");
    else if (!isFloat(column.field)) leaveOut(column, `${typeName(column.field)}, not floating point`);
    else leaveOut(column, typeof table === "string" ? table : "a column of single numbers");
  }
  return { layers: found.map(layerOfColumn), skipped };
}

const typeName = ({ type, children }: ArrowField): string =>
  /list$/.test(type) && children.length === 1 ? `${type} of ${children[0]!.type}` : type;

function placeColumns(fields: readonly ArrowField[]): Column[] {
  let nodes = 0;
  let buffers = 0;
  let views = 0;
  const count = (field: ArrowField): void => {
    nodes++;
    buffers += bufferCount(field);
    if (!field.dictionary && / ?view$/.test(field.type) && !/list/.test(field.type)) views++;
    if (!field.dictionary) for (const child of field.children) count(child);
  };
  return fields.map((field) => {
    const [node, first, before] = [nodes, buffers, views];
    count(field);
    const shift = ({ variadic }: ArrowBatch) => variadic.slice(0, before).reduce((sum, more) => sum + more, 0);
    return { field, node, buffer: (batch) => first + shift(batch) };
  });
}

/** Validity, and what else a type has of its own. */
function bufferCount({ type, size, dictionary }: ArrowField): number {
  if (dictionary) return 2;
  if (type === "null" || type === "run-end encoded") return 0;
  if (type === "struct" || type === "fixed list") return 1;
  if (type === "union") return size === 1 ? 2 : 1;
  return /^(large )?(utf8|binary)$|list view$/.test(type) ? 3 : 2;
}

/** One column's buffer in one batch; the last one that was unpacked is kept. */
function bufferReader(source: ByteSource) {
  let kept: { batch: ArrowBatch; index: number; bytes: Promise<Uint8Array<ArrayBuffer>> } | undefined;
  return async (batch: ArrowBatch, index: number, from: number, count: number): Promise<Uint8Array<ArrayBuffer>> => {
    const buffer = batch.buffers[index];
    if (buffer === undefined) throw damaged(source, "a batch has fewer columns than the schema");
    if (batch.codec === undefined) {
      if (from < 0 || from + count > buffer.length) throw damaged(source, "a column is shorter than its rows");
      return source.read(buffer.offset + from, count);
    }
    if (kept?.batch !== batch || kept.index !== index) {
      const { codec } = batch;
      const bytes = source.read(buffer.offset, buffer.length).then((packed) => decompressBuffer(source, packed, codec));
      kept = { batch, index, bytes };
    }
    const bytes = await kept.bytes;
    if (from < 0 || from + count > bytes.length) throw damaged(source, "a column is shorter than its rows");
    return bytes.slice(from, from + count);
  };
}

/** Before memory is taken for rows that nothing stands behind. */
function checkRoom(source: ByteSource, { buffers, codec }: ArrowBatch, index: number, bytes: number): void {
  const stored = buffers[index]?.length ?? 0;
  if (!canUnpackTo(bytes, stored, codec))
    throw damaged(source, `a batch claims ${bytes} bytes of numbers in ${stored} bytes`);
}

function nodeOf(source: ByteSource, batch: ArrowBatch, index: number) {
  const node = batch.nodes[index];
  if (node === undefined) throw damaged(source, "a batch has fewer columns than the schema");
  return node;
}

/** @returns why not, where rows are missing or differ in length */
function vectorsOf(
  source: ByteSource,
  { batches }: ArrowMessages,
  { field, node, buffer }: Column,
  rows: number,
  rowNames: VectorColumn["rowNames"],
): VectorColumn | string {
  const child = field.children[0]!;
  const type = numberTypes[child.type]!;
  const fixed = field.type === "fixed list";
  let dim = fixed ? field.size : 0;
  for (const batch of batches) {
    if (batch.rows === 0) continue;
    const list = nodeOf(source, batch, node);
    const numbers = nodeOf(source, batch, node + 1);
    if (list.nulls > 0 || numbers.nulls > 0) return "rows that are null, or have a null in them";
    if (list.length !== batch.rows)
      throw damaged(source, `column "${field.name}" has ${list.length} rows in a batch of ${batch.rows}`);
    checkRoom(
      source,
      batch,
      buffer(batch) + bufferCount(field) + 1,
      (fixed ? dim * batch.rows : numbers.length) * type.bytes,
    );
    if (fixed) continue;
    if (dim === 0) dim = numbers.length / batch.rows;
    if (numbers.length !== dim * batch.rows || !Number.isInteger(dim))
      return "its rows have lists of different lengths";
  }
  if (rows === 0) return "empty";
  if (dim < 2) return dim === 1 ? "vectors of one number" : "vectors of no numbers";
  if (!Number.isSafeInteger(rows * dim)) throw damaged(source, `it claims ${rows} rows of ${dim} numbers`);
  const read = bufferReader(source);
  const offsetBytes = field.type === "large list" ? 8 : 4;
  const starts = new Map<ArrowBatch, Promise<number>>();
  /** Lists say where each begins: at equal steps, or rows differ in length. */
  const startOf = async (batch: ArrowBatch): Promise<number> => {
    if (fixed) return 0;
    checkRoom(source, batch, buffer(batch) + 1, (batch.rows + 1) * offsetBytes);
    const bytes = await bufferReader(source)(batch, buffer(batch) + 1, 0, (batch.rows + 1) * offsetBytes);
    const offsets = offsetBytes === 8 ? new BigInt64Array(bytes.buffer) : new Int32Array(bytes.buffer);
    const first = Number(offsets[0]);
    for (let n = 0; n < offsets.length; n++) {
      if (Number(offsets[n]) !== first + n * dim) {
        throw damaged(source, `column "${field.name}" has lists of different lengths; expected ${dim} numbers in each`);
      }
    }
    return first;
  };
  return {
    name: field.name,
    count: rows,
    dim,
    dataType: type.name,
    rowNames,
    read: (from, count) =>
      readBatches(batches, dim, from, count, type, async (batch, first, length) => {
        if (!starts.has(batch)) starts.set(batch, startOf(batch));
        const at = (await starts.get(batch)!) + first;
        // After the list's own buffers comes its child's validity, then its numbers.
        return read(batch, buffer(batch) + bufferCount(field) + 1, at * type.bytes, length * type.bytes);
      }),
  };
}

/** Puts together what lies in several batches. */
async function readBatches(
  batches: readonly ArrowBatch[],
  dim: number,
  from: number,
  count: number,
  type: NumberType,
  read: (batch: ArrowBatch, first: number, length: number) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<FloatArray> {
  const result = type.name === "float64" ? new Float64Array(count) : new Float32Array(count);
  let start = 0;
  for (const batch of batches) {
    const end = start + batch.rows * dim;
    const [low, high] = [Math.max(from, start), Math.min(from + count, end)];
    if (low < high) result.set(type.decode(await read(batch, low - start, high - low)), low - from);
    start = end;
  }
  return result;
}

function tableOf(
  source: ByteSource,
  { batches }: ArrowMessages,
  columns: readonly Column[],
  rows: number,
  rowNames: VectorColumn["rowNames"],
): VectorColumn | string {
  for (const batch of batches) {
    for (const { node, field, buffer } of columns) {
      checkRoom(source, batch, buffer(batch) + 1, batch.rows * numberTypes[field.type]!.bytes);
      const { length, nulls } = nodeOf(source, batch, node);
      if (nulls > 0) return "a null among its numbers";
      if (length !== batch.rows) throw damaged(source, `a column has ${length} rows in a batch of ${batch.rows}`);
    }
  }
  if (rows === 0) return "empty";
  const width = columns.length;
  const wide = columns.some(({ field }) => field.type === "float64");
  const readers = columns.map(() => bufferReader(source));
  return {
    name: "table",
    count: rows,
    dim: width,
    dataType: wide ? "float64" : columns[0]!.field.type,
    note: `${width} columns of numbers: ${columns[0]!.field.name} … ${columns.at(-1)!.field.name}`,
    rowNames,
    async read(from, count) {
      const result = wide ? new Float64Array(count) : new Float32Array(count);
      const [firstRow, lastRow] = [Math.floor(from / width), Math.ceil((from + count) / width)];
      for (const [c, { field, buffer }] of columns.entries()) {
        const type = numberTypes[field.type]!;
        const numbers = await readBatches(batches, 1, firstRow, lastRow - firstRow, type, (batch, first, length) =>
          readers[c]!(batch, buffer(batch) + 1, first * type.bytes, length * type.bytes),
        );
        for (let row = firstRow; row < lastRow; row++) {
          const at = row * width + c - from;
          if (at >= 0 && at < count) result[at] = numbers[row - firstRow]!;
        }
      }
      return result;
    },
  };
}

async function readTexts(source: ByteSource, { batches }: ArrowMessages, { field, buffer }: Column): Promise<string[]> {
  const result: string[] = [];
  const decoder = new TextDecoder();
  const large = field.type === "large utf8";
  for (const batch of batches) {
    if (batch.rows === 0) continue;
    checkRoom(source, batch, buffer(batch) + 1, (batch.rows + 1) * (large ? 8 : 4));
    const bytes = await bufferReader(source)(batch, buffer(batch) + 1, 0, (batch.rows + 1) * (large ? 8 : 4));
    const offsets = large ? new BigInt64Array(bytes.buffer) : new Int32Array(bytes.buffer);
    const [first, last] = [Number(offsets[0]), Number(offsets[batch.rows])];
    if (last < first) throw damaged(source, `column "${field.name}" has texts of negative length`);
    const text = await bufferReader(source)(batch, buffer(batch) + 2, first, last - first);
    for (let n = 0; n < batch.rows; n++) {
      result.push(decoder.decode(text.subarray(Number(offsets[n]) - first, Number(offsets[n + 1]) - first)));
    }
  }
  return result;
}
