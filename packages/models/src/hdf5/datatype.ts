/** What the bytes of an element mean (message 3) and how many there are (message 1). */
import type { Shape } from "@comhe/core/layouts";
import type { Cursor, MetadataReader } from "./metadata-reader.js";
import { type Message, readMessages } from "./object-header.js";

export interface Datatype {
  readonly kind: "integer" | "float" | "text" | "variable text" | "opaque" | "other";
  /** What the type is called where it is shown: "float32", "compound". */
  readonly name: string;
  /** Bytes of an element. */
  readonly size: number;
  readonly bigEndian: boolean;
  readonly signed: boolean;
  /** Bits of the mantissa: what tells bfloat16 from float16. */
  readonly mantissa: number;
}

const classNames = [
  "integer",
  "float",
  "time",
  "text",
  "bitfield",
  "opaque",
  "compound",
  "reference",
  "enumeration",
  "variable length",
  "array",
];

export function readDatatype(cursor: Cursor): Datatype {
  const head = cursor.uint8();
  const bits = cursor.uint8();
  cursor.skip(2);
  const size = cursor.uint32();
  const number = head & 15;
  const base = { size, bigEndian: (bits & 1) === 1, signed: (bits & 8) !== 0, mantissa: 0 };
  if (number === 0) return { ...base, kind: "integer", name: `${base.signed ? "" : "u"}int${size * 8}` };
  if (number === 1) {
    cursor.skip(5);
    const exponent = cursor.uint8();
    cursor.skip(1);
    const mantissa = cursor.uint8();
    const known = { "2 5 10": "float16", "2 8 7": "bfloat16", "4 8 23": "float32", "8 11 52": "float64" } as const;
    const name = (known as Record<string, string>)[`${size} ${exponent} ${mantissa}`];
    // VAX order and others are told by bit 6.
    if (name === undefined || bits & 64) return { ...base, kind: "other", name: `float of ${size} bytes` };
    return { ...base, kind: "float", name, mantissa };
  }
  if (number === 3) return { ...base, kind: "text", name: "text" };
  if (number === 5) return { ...base, kind: "opaque", name: `opaque (${size} bytes)` };
  if (number === 9 && (bits & 15) === 1) return { ...base, kind: "variable text", name: "text" };
  return { ...base, kind: "other", name: classNames[number] ?? `class ${number}` };
}

/** A datatype message, wherever it lies: a committed datatype is an object of its own. */
export async function datatypeOf(reader: MetadataReader, message: Message): Promise<Datatype> {
  if ((message.flags & 2) === 0) return readDatatype(message.body);
  return readDatatype(await followShared(reader, message.body, 3));
}

/** @throws EnergyError `unsupported` for messages in a shared heap */
export async function followShared(reader: MetadataReader, body: Cursor, type: number): Promise<Cursor> {
  const version = body.uint8();
  const kind = body.uint8();
  if (version === 1) body.skip(6);
  else if (kind === 1) throw reader.unsupported("messages in a shared heap");
  const found = (await readMessages(reader, body.address())).find((message) => message.type === type);
  if (!found || found.flags & 2) throw reader.damaged("a committed datatype isn't where it should be");
  return found.body;
}

/** Sizes along each axis; [] for a single value, `undefined` for nothing at all. */
export function readDataspace(reader: MetadataReader, cursor: Cursor): Shape | undefined {
  const version = cursor.uint8();
  const rank = cursor.uint8();
  if ((version !== 1 && version !== 2) || rank > 32)
    throw reader.damaged(`it has a dataspace of version ${version} and rank ${rank}`);
  cursor.skip(1);
  if (version === 1) cursor.skip(5);
  else if (cursor.uint8() === 2) return undefined;
  const shape = Array.from({ length: rank }, () => cursor.length());
  if (!Number.isSafeInteger(shape.reduce((product, size) => product * size, 1))) {
    throw reader.damaged(`a dataset claims shape [${shape.join(", ")}]`);
  }
  return shape;
}
