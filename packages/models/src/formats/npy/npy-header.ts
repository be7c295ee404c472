/**
 * .npy: a magic string, a version, and a header that is a Python dict literal of three known keys; then the numbers. The
 * header is matched against exactly that form: nothing in it is ever evaluated.
 */
import type { Shape } from "@comhe/core/layouts";
import { sizeOf } from "../../layer-source.js";
import { notSound } from "../../source/not-sound.js";
import * as numbers from "../../tensors/decode-numbers.js";
import type { NumberArray } from "../../tensors/stored-tensor.js";
import { gather, rowMajor } from "../../tensors/strided.js";

/** Bytes at an offset of the array, whether it is a file of its own or an entry of an archive. */
export type ReadBytes = (offset: number, length: number) => Promise<Uint8Array<ArrayBuffer>>;

export interface NpyArray {
  readonly shape: Shape;
  /** `undefined` where they aren't numbers that are read. */
  readonly type: numbers.NumberType | undefined;
  /** What the type is called where it is shown: "float32", "complex64", "object". */
  readonly typeName: string;
  /** Where the numbers begin. */
  readonly start: number;
  readonly fortranOrder: boolean;
  readonly bigEndian: boolean;
}

const largestHeader = 65_536;

/** No two parts of it can match the same text, so that a hostile header costs no more than its length. */
const headerForm =
  /^\s*\{\s*'descr'\s*:\s*(?:'([^']{1,64})'|(\[.*\]))\s*,\s*'fortran_order'\s*:\s*(True|False)\s*,\s*'shape'\s*:\s*\(((?:\s*\d{1,16}\s*,)*(?:\s*\d{1,16})?\s*)\)\s*(?:,\s*)?\}\s*$/;

/**
 * @param size of the whole array file, header included
 * @throws EnergyError `invalid-file`
 */
export async function readNpyHeader(name: string, size: number, read: ReadBytes): Promise<NpyArray> {
  const damaged = (problem: string) => notSound(name, ".npy array", problem);
  if (size < 12) throw damaged(`${size} bytes are too few for a header`);
  const first = await read(0, 12);
  if (String.fromCharCode(...first.subarray(0, 6)) !== "\x93NUMPY") throw damaged("it doesn't begin with \\x93NUMPY");
  const version = first[6]!;
  if (version < 1 || version > 3) throw damaged(`version ${version} is unknown`);
  const view = new DataView(first.buffer, first.byteOffset);
  const [from, length] = version === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (length > Math.min(largestHeader, size - from)) {
    throw damaged(`its header claims ${length} bytes; expected at most ${Math.min(largestHeader, size - from)}`);
  }
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(await read(from, length));
  const match = headerForm.exec(text);
  if (!match) throw damaged("its header isn't the dict of descr, fortran_order and shape that NumPy writes");
  const [, descr, record, order, list] = match;
  const shape = list!.split(",").flatMap((part) => (part.trim() === "" ? [] : [Number(part)]));
  const { type, typeName, bigEndian } = numberType(descr, record);
  const expected = sizeOf(shape) * (type?.bytes ?? 0);
  if (type !== undefined && from + length + expected !== size) {
    throw damaged(
      `shape [${shape.join(", ")}] of ${typeName} needs ${expected} bytes after its header, but there are ${size - from - length}`,
    );
  }
  return { shape, type, typeName, start: from + length, fortranOrder: order === "True", bigEndian };
}

const types: Readonly<Record<string, numbers.NumberType>> = {
  f8: numbers.float64,
  f4: numbers.float32,
  f2: numbers.float16,
  bfloat16: numbers.bfloat16,
  V2: numbers.bfloat16,
  i1: numbers.int8,
  i2: numbers.int16,
  i4: numbers.int32,
  i8: numbers.int64,
  u1: numbers.uint8,
  u2: numbers.uint16,
  u4: numbers.uint32,
  u8: numbers.uint64,
  b1: numbers.bool,
};

/** Numbers of known types; anything else is named, and can't be read. */
function numberType(
  descr: string | undefined,
  record: string | undefined,
): Pick<NpyArray, "type" | "typeName" | "bigEndian"> {
  if (descr === undefined) return { type: undefined, typeName: `record ${record!.slice(0, 40)}`, bigEndian: false };
  const bigEndian = descr.startsWith(">");
  const code = descr.replace(/^[<>=|]/, "");
  const type = Object.hasOwn(types, code) ? types[code] : undefined;
  return { type, typeName: type?.name ?? otherName(code) ?? descr, bigEndian };
}

/** Names of types that aren't read. */
function otherName(code: string): string | undefined {
  if (code === "O") return "object";
  const sized = /^([iufcSUmM])(\d{1,10})/.exec(code);
  if (sized === null) return undefined;
  const [, letter, size] = sized;
  if (letter === "S" || letter === "U") return "text";
  if (letter === "m" || letter === "M") return "times";
  return `${{ i: "int", u: "uint", f: "float", c: "complex" }[letter!]}${Number(size) * 8}`;
}

/** @throws EnergyError `invalid-file` */
export async function readNpyNumbers(
  array: NpyArray,
  read: ReadBytes,
  from = 0,
  count = sizeOf(array.shape),
): Promise<NumberArray> {
  const { start, bigEndian, fortranOrder, shape } = array;
  const type = array.type!;
  const bytes = await read(start + from * type.bytes, count * type.bytes);
  if (bigEndian) for (let n = 0; n < bytes.length; n += type.bytes) bytes.subarray(n, n + type.bytes).reverse();
  const decoded = type.decode(bytes);
  return fortranOrder ? fromFortran(decoded, shape) : decoded;
}

/** Fortran order is C order of the axes reversed. */
function fromFortran(data: NumberArray, shape: Shape): NumberArray {
  const steps = rowMajor([...shape].reverse()).reverse();
  return gather(data, { sizes: shape, steps, offset: 0 });
}
