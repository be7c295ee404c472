/**
 * Where groups and objects with many links or attributes keep them (more than eight, if the order of creation is tracked):
 * a "fractal heap" of doubling blocks holds the messages, a version 2 B-tree the places of them in it.
 */
import { type Cursor, type MetadataReader, undefinedAddress } from "./metadata-reader.js";

const mostRecords = 1_000_000;

/** Bytes that hold numbers up to `limit`. */
const encodedSize = (limit: number) => Math.floor(Math.log2(Math.max(1, limit)) / 8) + 1;

/** Each record of a version 2 B-tree. @throws EnergyError `invalid-file` */
export async function readRecords(reader: MetadataReader, address: number): Promise<Cursor[]> {
  const { offsetSize, lengthSize } = reader;
  const head = await reader.bytes(address, 22 + offsetSize + lengthSize);
  head.signature("BTHD");
  head.skip(2);
  const nodeSize = head.uint32();
  const recordSize = head.uint16();
  const depth = head.uint16();
  head.skip(2);
  const root = head.address();
  const rootRecords = head.uint16();
  if (depth > 16 || recordSize === 0 || nodeSize < 32) throw reader.damaged("a B-tree has impossible sizes");
  // Sizes of a child's pointer follow from how many records can lie below it.
  let most = Math.floor((nodeSize - 10) / recordSize);
  let total = most;
  const countSize = encodedSize(most);
  const totalSizes = [0, 0];
  for (let level = 1; level < depth; level++) {
    const pointer = offsetSize + countSize + totalSizes[level]!;
    most = Math.floor((nodeSize - 10 - pointer) / (recordSize + pointer));
    total = (most + 1) * total + most;
    totalSizes.push(encodedSize(total));
  }
  const result: Cursor[] = [];
  const seen = new Set<number>();
  const visit = async (node: number, records: number, level: number): Promise<void> => {
    if (records === 0 && level === 0) return;
    if (seen.has(node) || result.length + records > mostRecords) throw reader.damaged("a B-tree doesn't end");
    seen.add(node);
    const cursor = await reader.bytes(node, nodeSize);
    cursor.signature(level === 0 ? "BTLF" : "BTIN");
    cursor.skip(2);
    for (let n = 0; n < records; n++) result.push(cursor.take(recordSize));
    if (level === 0) return;
    const children: [number, number][] = [];
    for (let n = 0; n <= records; n++) {
      children.push([cursor.address(), cursor.unsigned(countSize)]);
      if (level > 1) cursor.skip(totalSizes[level]!);
    }
    for (const [child, count] of children) await visit(child, count, level - 1);
  };
  if (root !== undefinedAddress) await visit(root, rootRecords, depth);
  return result;
}

export interface FractalHeap {
  /** The object that a heap ID names. */
  object(id: Cursor): Promise<Cursor>;
}

/** @throws EnergyError `invalid-file`; `unsupported` for filtered heaps and huge objects */
export async function openFractalHeap(reader: MetadataReader, address: number): Promise<FractalHeap> {
  const { offsetSize, lengthSize } = reader;
  const head = await reader.bytes(address, 26 + 3 * offsetSize + 12 * lengthSize);
  head.signature("FRHP");
  head.skip(3);
  if (head.uint16() !== 0) throw reader.unsupported("a filtered heap of links");
  head.skip(1);
  const largestObject = head.uint32();
  // Next huge ID and its tree, free space and its manager, then eight counts.
  head.skip(2 * (lengthSize + offsetSize) + 8 * lengthSize);
  const width = head.uint16();
  const firstSize = head.length();
  const largestBlock = head.length();
  const offsetBytes = Math.ceil(head.uint16() / 8);
  head.skip(2);
  const root = head.address();
  const rootRows = head.uint16();
  if (width === 0 || firstSize === 0 || largestBlock < firstSize || offsetBytes > 8) {
    throw reader.damaged("a heap has impossible sizes");
  }
  const lengthBytes = Math.min(Math.floor((Math.log2(largestBlock) + 7) / 8), encodedSize(largestObject));
  const directRows = Math.round(Math.log2(largestBlock) - Math.log2(firstSize)) + 2;
  const blockSize = (row: number) => firstSize * 2 ** Math.max(0, row - 1);

  /** The block that holds an offset, and where it begins, going down through indirect blocks. */
  const locate = async (offset: number): Promise<{ block: number; start: number }> => {
    let block = root;
    let start = 0;
    let rows = rootRows;
    for (let depth = 0; rows > 0; depth++) {
      if (depth > 16) throw reader.damaged("a heap doesn't end");
      let row = 0;
      let rowStart = start;
      while (row < rows && offset >= rowStart + width * blockSize(row)) rowStart += width * blockSize(row++);
      if (row >= rows) throw reader.damaged("a link lies outside of its heap");
      const column = Math.floor((offset - rowStart) / blockSize(row));
      const entries = row * width + column;
      const cursor = await reader.bytes(block, 5 + offsetSize + offsetBytes + (entries + 1) * offsetSize);
      cursor.signature("FHIB");
      cursor.skip(1 + offsetSize + offsetBytes + entries * offsetSize);
      block = cursor.address();
      start = rowStart + column * blockSize(row);
      // An indirect block of this size has as many rows as fill it.
      rows = row < directRows ? 0 : Math.round(Math.log2(blockSize(row) / width / firstSize)) + 1;
    }
    return { block, start };
  };

  return {
    async object(id) {
      const head = id.uint8();
      const kind = (head >> 4) & 3;
      if (kind === 2) return id.take((head & 15) + 1);
      if (kind === 1) throw reader.unsupported("a link or an attribute of more than 64 KiB");
      const offset = id.unsigned(offsetBytes);
      const length = id.unsigned(lengthBytes);
      const { block, start } = await locate(offset);
      return reader.bytes(block + offset - start, length);
    },
  };
}
