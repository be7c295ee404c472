/**
 * GGUF's metadata: named values of thirteen types. Long arrays, such as a vocabulary, are passed over and remembered by
 * their place, since a header is read whole to find the tensors, and few readers want the names.
 */
import type { ByteSource } from "../../source/byte-source.js";
import { HeaderCursor } from "../../source/header-cursor.js";
import { damaged } from "./damaged.js";

export type MetadataValue = number | string | boolean | readonly MetadataValue[] | LongArray;

/** An array that wasn't kept: where its entries begin. */
export interface LongArray {
  readonly length: number;
  /** Number of the type of its entries. */
  readonly type: number;
  readonly offset: number;
}

const mostEntries = 1_000_000;
const longestKey = 65_535;
const longestText = 64 * 2 ** 20;
/** Arrays of numbers up to this length are kept: one for each layer of a network, say. */
const keptLength = 16_384;
const deepest = 8;
/** Values and characters of a header that are kept in all. */
const mostKept = 2 ** 28;
const STRING = 8;
const ARRAY = 9;

/** uint8 int8 uint16 int16 uint32 int32 float32 bool; uint64 int64 float64. */
const sizes: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };

export async function readMetadata(source: ByteSource, cursor: HeaderCursor, count: number) {
  // A key takes 8 bytes of length and 4 of type at least.
  if (count > mostEntries || count * 12 > cursor.left) {
    throw damaged(source, `it claims ${count} metadata entries in ${cursor.left} bytes`);
  }
  const result = new Map<string, MetadataValue>();
  const budget = { left: mostKept };
  for (let n = 0; n < count; n++) {
    const key = await readText(source, cursor, longestKey);
    await cursor.need(4);
    const type = cursor.uint32();
    if (result.has(key)) throw damaged(source, `metadata "${key}" is there twice`);
    result.set(key, await readValue(source, cursor, key, type, budget, 0));
  }
  return result;
}

export async function readText(source: ByteSource, cursor: HeaderCursor, longest: number): Promise<string> {
  if (!cursor.has(8)) await cursor.need(8);
  const length = cursor.uint64();
  if (length > longest) throw damaged(source, `a text at byte ${cursor.position} claims ${length} bytes`);
  if (!cursor.has(length)) await cursor.need(length);
  return cursor.text(length);
}

async function readValue(
  source: ByteSource,
  cursor: HeaderCursor,
  key: string,
  type: number,
  budget: { left: number },
  depth: number,
): Promise<MetadataValue> {
  const size = sizes[type];
  if (size !== undefined) {
    if (!cursor.has(size)) await cursor.need(size);
    return readNumber(cursor.take(size), type);
  }
  // Chat templates and licences are long; nothing is fetched that the file doesn't have.
  if (type === STRING) {
    const text = await readText(source, cursor, longestText);
    spend(source, budget, text.length);
    return text;
  }
  if (type !== ARRAY) throw damaged(source, `metadata "${key}" has type ${type}; expected 0 to 12`);
  if (depth >= deepest) throw damaged(source, `metadata "${key}" has arrays nested more than ${deepest} deep`);
  await cursor.need(12);
  const entry = cursor.uint32();
  const length = cursor.uint64();
  const entrySize = sizes[entry];
  if (length * (entrySize ?? (entry === STRING ? 8 : 12)) > cursor.left) {
    throw damaged(source, `metadata "${key}" claims ${length} entries in ${cursor.left} bytes`);
  }
  const offset = cursor.position;
  if (length > keptLength && entry !== ARRAY) {
    if (entrySize !== undefined) cursor.jump(length * entrySize);
    else if (entry === STRING) await skipTexts(cursor, length);
    else throw damaged(source, `metadata "${key}" has entries of type ${entry}; expected 0 to 12`);
    return { length, type: entry, offset };
  }
  const values: MetadataValue[] = [];
  // An entry costs some 32 bytes of memory, however short it is in the file.
  spend(source, budget, length * 32);
  for (let n = 0; n < length; n++) values.push(await readValue(source, cursor, key, entry, budget, depth + 1));
  return values;
}

function spend(source: ByteSource, budget: { left: number }, cost: number): void {
  budget.left -= cost;
  if (budget.left < 0) throw damaged(source, "its metadata is larger than any model's");
}

async function skipTexts(cursor: HeaderCursor, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    if (!cursor.has(8)) await cursor.need(8);
    const length = cursor.uint64();
    if (cursor.has(length)) cursor.skip(length);
    else cursor.jump(length);
  }
}

function readNumber(view: DataView, type: number): number | boolean {
  switch (type) {
    case 0:
      return view.getUint8(0);
    case 1:
      return view.getInt8(0);
    case 2:
      return view.getUint16(0, true);
    case 3:
      return view.getInt16(0, true);
    case 4:
      return view.getUint32(0, true);
    case 5:
      return view.getInt32(0, true);
    case 6:
      return view.getFloat32(0, true);
    case 7:
      return view.getUint8(0) !== 0;
    case 10:
      return Number(view.getBigUint64(0, true));
    case 11:
      return Number(view.getBigInt64(0, true));
    default:
      return view.getFloat64(0, true);
  }
}

/** An array of texts, kept or not. @throws EnergyError `invalid-file` where it is damaged */
export async function textsOf(
  source: ByteSource,
  value: MetadataValue | undefined,
): Promise<readonly string[] | undefined> {
  if (Array.isArray(value)) return value.every((entry) => typeof entry === "string") ? value : undefined;
  if (typeof value !== "object" || (value as LongArray).type !== STRING) return undefined;
  const { length, offset } = value as LongArray;
  const cursor = new HeaderCursor(source, (problem) => damaged(source, problem));
  cursor.jump(offset);
  const result: string[] = [];
  for (let n = 0; n < length; n++) result.push(await readText(source, cursor, longestText));
  return result;
}
