/**
 * .npy: a magic string, a version, and a header that is a Python dict literal of three known keys; then the numbers. The
 * header is matched against exactly that form: nothing in it is ever evaluated.
 */
import { EnergyError, type FloatArray, type Shape, toNeurons } from "@comhe/core/layouts";
import { bfloat16, float16, float32, float64, type NumberType } from "./decode-numbers.js";
import { sizeOf } from "./model-file.js";

/** Bytes at an offset of the array, whether it is a file of its own or an entry of an archive. */
export type ReadBytes = (offset: number, length: number) => Promise<Uint8Array<ArrayBuffer>>;

export interface NpyArray {
  readonly shape: Shape;
  readonly type: NumberType;
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
  const damaged = (problem: string) => new EnergyError("invalid-file", `${name}: not a sound .npy array: ${problem}.`);
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
  const { type, bigEndian } = numberType(descr, record);
  const expected = sizeOf(shape) * type.bytes;
  if (type.bytes > 0 && from + length + expected !== size) {
    throw damaged(
      `shape [${shape.join(", ")}] of ${type.name} needs ${expected} bytes after its header, but there are ${size - from - length}`,
    );
  }
  return { shape, type, start: from + length, fortranOrder: order === "True", bigEndian };
}

/** Numbers of known types; anything else is named, and can't be read. */
function numberType(descr: string | undefined, record: string | undefined): { type: NumberType; bigEndian: boolean } {
  if (descr === undefined) return { type: { name: `record ${record!.slice(0, 40)}`, bytes: 0 }, bigEndian: false };
  const bigEndian = descr.startsWith(">");
  const code = descr.replace(/^[<>=|]/, "");
  const floats: Readonly<Record<string, NumberType>> = {
    f8: float64,
    f4: float32,
    f2: float16,
    bfloat16,
    V2: bfloat16,
  };
  if (Object.hasOwn(floats, code)) return { type: floats[code]!, bigEndian };
  const sized = /^([iubc?])(\d{1,2})$/.exec(code);
  return { type: { name: sized ? `${names[sized[1]!]}${Number(sized[2]) * 8}` : descr, bytes: 0 }, bigEndian };
}

const names: Readonly<Record<string, string>> = { i: "int", u: "uint", b: "bool", c: "complex", "?": "bool" };

/** @throws EnergyError `invalid-file` */
export async function readNpyNumbers(array: NpyArray, read: ReadBytes, from = 0, count = sizeOf(array.shape)) {
  const { type, start, bigEndian, fortranOrder, shape } = array;
  const bytes = await read(start + from * type.bytes, count * type.bytes);
  if (bigEndian) for (let n = 0; n < bytes.length; n += type.bytes) bytes.subarray(n, n + type.bytes).reverse();
  const numbers = type.decode!(bytes);
  return fortranOrder ? rowMajor(numbers, shape) : numbers;
}

/** Fortran order is C order of the axes reversed. */
function rowMajor(data: FloatArray, shape: Shape): FloatArray {
  const axes = shape.map((_, axis) => shape.length - 1 - axis);
  const reversed = [...shape].reverse();
  return toNeurons({ data, shape: reversed, layout: { neuronAxes: axes.slice(0, -1) } }).data;
}
