/** Vectors of a Parquet file. hyparquet (https://github.com/hyparam/hyparquet) reads the directory and decodes pages. */
import { EnergyError } from "@comhe/core/layouts";
import type { FileMetaData, SchemaTree } from "hyparquet";
import { parquetMetadataAsync, parquetSchema } from "hyparquet/src/metadata.js";
import type { ModelParts } from "../../format.js";
import type { SkippedTensor } from "../../layer-source.js";
import type { ByteSource } from "../../source/byte-source.js";
import { notSound } from "../../source/not-sound.js";
import { layerOfColumn, nameColumn, type VectorColumn } from "../../tables/vector-column.js";
import { openColumnChunk } from "./column-chunk.js";
import type { ValueKind } from "./page-values.js";

/** A directory of more columns and row groups is no table's. */
const largestDirectory = 2 ** 27;
/** Bytes in a row with their highest bit set: a number that goes on so long takes the square of its length to read. */
const longestNumber = 4096;
const mostColumns = 100_000;
/** Names are read whole. */
const mostNames = 20_000_000;

interface Leaf {
  readonly name: string;
  readonly path: readonly SchemaTree[];
  /** Axes of lists in a row: 0 for single values, 1 for vectors. */
  readonly lists: number;
  /** Position among all leaves, which is that of the chunk in a row group. */
  readonly index: number;
}

/** @throws EnergyError `invalid-file` */
export async function readParquet(source: ByteSource): Promise<ModelParts> {
  const metadata = await readDirectory(source);
  try {
    return listColumns(source, metadata);
  } catch (error) {
    // What a damaged directory leaves out.
    throw EnergyError.isInstance(error)
      ? error
      : damaged(source, `its directory can't be read (${(error as Error).message})`, error);
  }
}

function listColumns(source: ByteSource, metadata: FileMetaData): ModelParts {
  const rows = Number(metadata.num_rows);
  const leaves = leavesOf(parquetSchema(metadata));
  if (leaves.length > mostColumns)
    throw damaged(source, `it has ${leaves.length} columns; expected at most ${mostColumns}`);
  for (const { columns } of metadata.row_groups) {
    if (columns.length !== leaves.length) throw damaged(source, "a row group has other columns than the schema");
  }
  const texts = leaves.filter((leaf) => leaf.lists === 0 && isText(leaf));
  const naming = nameColumn(texts.map(({ name }) => name));
  const namingLeaf = texts.find(({ name }) => name === naming);
  const rowNames = namingLeaf && rows <= mostNames ? namesFrom(source, metadata, namingLeaf) : undefined;
  const skipped: SkippedTensor[] = [];
  const leaveOut = ({ name, path, lists }: Leaf, reason: string) =>
    skipped.push({ name, shape: lists === 0 ? [rows] : [], dataType: typeName(path), reason });
  const vectors = leaves.filter((leaf) => leaf.lists === 1 && isFloat(leaf));
  const columns: VectorColumn[] = [];
  for (const leaf of vectors) {
    const column = columnOf(source, metadata, [leaf], rows, rowNames);
    if (typeof column === "string") leaveOut(leaf, column);
    else columns.push(column);
  }
  const singles = leaves.filter((leaf) => leaf.lists === 0 && isFloat(leaf));
  // A table without vectors may itself be one: a column for each dimension.
  const table =
    vectors.length === 0 && singles.length > 1 ? columnOf(source, metadata, singles, rows, rowNames) : undefined;
  if (table !== undefined && typeof table !== "string") columns.push(table);
  for (const leaf of leaves) {
    if (vectors.includes(leaf) || (typeof table === "object" && singles.includes(leaf))) continue;
    if (leaf === namingLeaf) leaveOut(leaf, "names of the rows");
    else if (leaf.lists > 1) leaveOut(leaf, "lists of lists: no vectors of one length");
    else if (!isFloat(leaf)) leaveOut(leaf, `${typeName(leaf.path)}, not floating point`);
    else leaveOut(leaf, typeof table === "string" ? table : "a column of single numbers");
  }
  return { layers: columns.map(layerOfColumn), skipped };
}

async function readDirectory(source: ByteSource): Promise<FileMetaData> {
  if (source.size < 12) throw damaged(source, "it is cut short");
  const tail = await source.read(source.size - 8, 8);
  const length = new DataView(tail.buffer).getUint32(0, true);
  const mark = String.fromCharCode(...tail.subarray(4));
  if (mark === "PARE")
    throw new EnergyError("unsupported", `${source.name}: an encrypted Parquet file, which isn't read.`);
  if (mark !== "PAR1") throw damaged(source, "it doesn't end as one: it is cut short or altered");
  if (length > largestDirectory || length + 12 > source.size)
    throw damaged(source, `its directory claims ${length} bytes`);
  const directory = await source.read(source.size - 8 - length, length);
  for (let n = 0, run = 0; n < length; n++) {
    run = directory[n]! >= 128 ? run + 1 : 0;
    if (run > longestNumber) throw damaged(source, "its directory holds a number without end");
  }
  try {
    return await parquetMetadataAsync(bufferOf(source), { geoparquet: false });
  } catch (error) {
    if (EnergyError.isInstance(error)) throw error;
    throw damaged(source, `its directory can't be read (${(error as Error).message})`, error);
  }
}

const bufferOf = ({ size, read }: ByteSource) => ({
  byteLength: size,
  slice: async (start: number, end: number = size) => {
    const from = Math.max(0, start < 0 ? size + start : start);
    return (await read(from, Math.max(0, Math.min(end, size) - from))).buffer;
  },
});

function leavesOf(root: SchemaTree): Leaf[] {
  const result: Leaf[] = [];
  const visit = (tree: SchemaTree, path: readonly SchemaTree[], lists: number) => {
    const own = [...path, tree];
    const depth = lists + (tree.element.repetition_type === "REPEATED" ? 1 : 0);
    if (tree.children.length > 0) {
      for (const child of tree.children) visit(child, own, depth);
      return;
    }
    // "embedding.list.element" is shown as "embedding".
    const names = tree.path.filter((part, n) => n === 0 || !/^(list|element|item|array|bag|array_element)$/.test(part));
    result.push({ name: names.join("."), path: own, lists: depth, index: result.length });
  };
  for (const child of root.children) visit(child, [root], 0);
  return result;
}

const typeOf = (path: readonly SchemaTree[]) => path.at(-1)!.element;

function typeName(path: readonly SchemaTree[]): string {
  const { type, logical_type: logical, converted_type: converted } = typeOf(path);
  if (type === "FLOAT") return "float32";
  if (type === "DOUBLE") return "float64";
  return logical?.type === "FLOAT16" ? "float16" : (logical?.type ?? converted ?? type ?? "nothing").toLowerCase();
}

const isFloat = ({ path }: Leaf) => /^float(16|32|64)$/.test(typeName(path));
const isText = ({ path }: Leaf) => typeOf(path).type === "BYTE_ARRAY" && /^(utf8|string)$/.test(typeName(path));

/** One column of vectors, or several of single numbers side by side. @returns why not, where its rows differ */
function columnOf(
  source: ByteSource,
  metadata: FileMetaData,
  leaves: readonly Leaf[],
  rows: number,
  rowNames: VectorColumn["rowNames"],
): VectorColumn | string {
  const first = leaves[0]!;
  let dim: number | undefined;
  const groups: { start: number; rows: number; chunks: ReturnType<typeof openColumnChunk>[] }[] = [];
  let start = 0;
  for (const group of metadata.row_groups) {
    const groupRows = Number(group.num_rows);
    if (!(groupRows >= 0)) throw damaged(source, `a row group claims ${groupRows} rows`);
    if (groupRows === 0) continue;
    const chunks = leaves.map((leaf) => {
      const column = group.columns[leaf.index]!.meta_data;
      if (!column) throw damaged(source, `column "${leaf.name}" has no description`);
      const here = Number(column.num_values) / groupRows;
      dim ??= here;
      if (here !== dim || !Number.isInteger(here)) return undefined;
      return openColumnChunk(source, column, leaf.path, typeName(leaf.path) as ValueKind, here);
    });
    if (chunks.some((chunk) => chunk === undefined)) return "its rows have lists of different lengths, or null";
    groups.push({ start, rows: groupRows, chunks: chunks as ReturnType<typeof openColumnChunk>[] });
    start += groupRows;
  }
  if (start !== rows) throw damaged(source, `it claims ${rows} rows, and its row groups have ${start}`);
  if (dim === undefined || rows === 0) return "empty";
  const width = leaves.length > 1 ? leaves.length : dim;
  if (width < 2) return "vectors of one number";
  if (!Number.isSafeInteger(rows * width)) throw damaged(source, `it claims ${rows} rows of ${width} numbers`);
  const wide = leaves.some(({ path }) => typeName(path) === "float64");
  const make = (count: number) => (wide ? new Float64Array(count) : new Float32Array(count));
  return {
    name: leaves.length > 1 ? "table" : first.name,
    count: rows,
    dim: width,
    dataType: wide ? "float64" : typeName(first.path),
    note: leaves.length > 1 ? `${leaves.length} columns of numbers: ${shownNames(leaves)}` : undefined,
    rowNames,
    async read(from, count) {
      const result = make(count);
      for (const group of groups) {
        const [low, high] = [
          Math.max(from, group.start * width),
          Math.min(from + count, (group.start + group.rows) * width),
        ];
        if (low >= high) continue;
        const inGroup = low - group.start * width;
        if (leaves.length === 1) {
          await group.chunks[0]!.read(inGroup, result.subarray(low - from, high - from));
          continue;
        }
        const firstRow = Math.floor(inGroup / width);
        const lastRow = Math.ceil((high - group.start * width) / width);
        const column = make(lastRow - firstRow);
        for (let c = 0; c < width; c++) {
          await group.chunks[c]!.read(firstRow, column);
          for (let row = firstRow; row < lastRow; row++) {
            const at = (group.start + row) * width + c - from;
            if (at >= low - from && at < high - from) result[at] = column[row - firstRow]!;
          }
        }
      }
      return result;
    },
  };
}

const shownNames = (leaves: readonly Leaf[]) =>
  leaves.length <= 4 ? leaves.map(({ name }) => name).join(", ") : `${leaves[0]!.name} … ${leaves.at(-1)!.name}`;

function namesFrom(source: ByteSource, metadata: FileMetaData, leaf: Leaf) {
  return async () => {
    const names: string[] = [];
    for (const { columns } of metadata.row_groups) {
      const column = columns[leaf.index]!.meta_data;
      if (!column) throw damaged(source, `column "${leaf.name}" has no description`);
      for (const name of await openColumnChunk(source, column, leaf.path, "text", 1).texts()) names.push(name);
    }
    return names;
  };
}

function damaged(source: ByteSource, problem: string, cause?: unknown): EnergyError {
  return notSound(source.name, "Parquet file", problem, cause);
}
