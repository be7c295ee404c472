/**
 * msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md) with Flax' extension for arrays: type 1 holds a shape, a
 * type's name and the bytes (flax/serialization.py). The structure is walked and the bytes are left where they lie; arrays of
 * more than a gigabyte come in pieces.
 */
import type { EnergyError } from "@comhe/core/layouts";
import type { ModelParts } from "../../format.js";
import { type SkippedTensor, sizeOf } from "../../layer-source.js";
import type { ByteSource } from "../../source/byte-source.js";
import { HeaderCursor } from "../../source/header-cursor.js";
import { notSound } from "../../source/not-sound.js";
import * as numbers from "../../tensors/decode-numbers.js";
import type { NumberArray, StoredTensor } from "../../tensors/stored-tensor.js";

interface StoredArray {
  readonly shape: readonly number[];
  readonly type: string;
  /** In the file. */
  readonly offset: number;
  readonly bytes: number;
}

type Value = number | string | boolean | undefined | StoredArray | Map<string, Value>;

const mostEntries = 2_000_000;
const deepest = 64;
const longestText = 2 ** 20;
const ARRAY = 1;
const chunked = "__msgpack_chunked_array__";

const types: Readonly<Record<string, numbers.NumberType>> = Object.fromEntries(
  Object.values(numbers).flatMap((type) =>
    typeof type === "object" && "decode" in type ? [[type.name, type] as const] : [],
  ),
);

/** @throws EnergyError `invalid-file` */
export async function readFlax(source: ByteSource): Promise<ModelParts> {
  const reader = new MessageReader(source);
  const root = await reader.value(0);
  if (!(root instanceof Map)) throw reader.fail("it holds no names");
  if (reader.left > 0) throw reader.fail(`${reader.left} bytes follow its end`);
  const tensors: StoredTensor[] = [];
  const skipped: SkippedTensor[] = [];
  const visit = (value: Value, path: readonly string[]): void => {
    const pieces = piecesOf(value, reader);
    if (pieces === undefined) {
      if (value instanceof Map) for (const [key, child] of value) visit(child, [...path, key]);
      return;
    }
    const { shape, type, arrays } = pieces;
    const name = path.join("/");
    const known = Object.hasOwn(types, type) ? types[type]! : undefined;
    const leaveOut = (reason: string) => skipped.push({ name, shape, dataType: type, reason });
    if (path.some((part) => /^(opt_state|optimizer|opt)$/.test(part))) leaveOut("state of the optimizer, not a weight");
    else if (known === undefined) leaveOut(`${type}, not floating point`);
    else {
      if (arrays.reduce((sum, { bytes }) => sum + bytes, 0) !== sizeOf(shape) * known.bytes) {
        throw reader.fail(
          `array "${name}" of shape [${shape.join(", ")}] and type ${type} has another number of bytes than that takes`,
        );
      }
      tensors.push(tensorOf(source, name, shape, arrays, known));
    }
  };
  visit(root, []);
  return { tensors, skipped };
}

function tensorOf(
  source: ByteSource,
  name: string,
  shape: readonly number[],
  arrays: readonly StoredArray[],
  { name: dataType, floating, bytes, decode }: numbers.NumberType,
): StoredTensor {
  const read = async (from: number, count: number): Promise<NumberArray> => {
    const [low, high] = [from * bytes, (from + count) * bytes];
    const whole = new Uint8Array(high - low);
    let start = 0;
    for (const { offset, bytes: length } of arrays) {
      const [first, last] = [Math.max(low, start), Math.min(high, start + length)];
      if (first < last) whole.set(await source.read(offset + first - start, last - first), first - low);
      start += length;
    }
    return decode(whole);
  };
  return { name, shape, dataType, floating, inParts: true, read };
}

/** One array, or one in pieces. */
function piecesOf(value: Value, reader: MessageReader) {
  if (typeof value !== "object") return undefined;
  if (!(value instanceof Map)) return { shape: value.shape, type: value.type, arrays: [value] };
  if (value.get(chunked) !== true) return undefined;
  const [shape, chunks] = [value.get("shape"), value.get("chunks")];
  if (!(shape instanceof Map) || !(chunks instanceof Map))
    throw reader.fail("an array in pieces doesn't state its shape");
  const arrays = Array.from({ length: chunks.size }, (_, n) => chunks.get(String(n)));
  const sizes = Array.from({ length: shape.size }, (_, n) => shape.get(String(n)));
  const isArray = (entry: Value): entry is StoredArray => typeof entry === "object" && !(entry instanceof Map);
  const isSize = (size: Value): size is number => typeof size === "number" && Number.isInteger(size) && size >= 0;
  if (!arrays.every(isArray) || !sizes.every(isSize) || arrays.length === 0)
    throw reader.fail("the pieces of an array don't fill its shape");
  if (!arrays.every(({ type }) => type === arrays[0]!.type))
    throw reader.fail("the pieces of an array have different types");
  return { shape: sizes, type: arrays[0]!.type, arrays };
}

class MessageReader {
  readonly #cursor: HeaderCursor;
  readonly #source: ByteSource;
  #entries = 0;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#cursor = new HeaderCursor(source, (problem) => this.fail(problem));
  }

  get left(): number {
    return this.#cursor.left;
  }

  fail(problem: string): EnergyError {
    return notSound(this.#source.name, "msgpack file", problem);
  }

  async #take(count: number): Promise<DataView> {
    if (!this.#cursor.has(count)) await this.#cursor.need(count);
    return this.#cursor.take(count);
  }

  async #unsigned(bytes: number): Promise<number> {
    const view = await this.#take(bytes);
    let value = 0;
    for (let n = 0; n < bytes; n++) value = value * 256 + view.getUint8(n);
    return value;
  }

  async #text(length: number): Promise<string> {
    if (length > longestText) throw this.fail(`it has a text of ${length} bytes`);
    if (!this.#cursor.has(length)) await this.#cursor.need(length);
    return this.#cursor.text(length);
  }

  async value(depth: number): Promise<Value> {
    if (depth > deepest) throw this.fail(`it is nested more than ${deepest} levels deep`);
    if (++this.#entries > mostEntries) throw this.fail(`it has more than ${mostEntries} entries`);
    const head = await this.#unsigned(1);
    if (head < 0x80) return head;
    if (head < 0x90) return this.#map(head & 15, depth);
    if (head < 0xa0) return this.#list(head & 15, depth);
    if (head < 0xc0) return this.#text(head & 31);
    if (head >= 0xe0) return head - 256;
    switch (head) {
      case 0xc0:
        return undefined;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        this.#cursor.jump(await this.#unsigned(1 << (head - 0xc4)));
        return undefined;
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(await this.#unsigned(1 << (head - 0xc7)));
      case 0xca:
        return (await this.#take(4)).getFloat32(0);
      case 0xcb:
        return (await this.#take(8)).getFloat64(0);
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return this.#unsigned(1 << (head - 0xcc));
      case 0xd0:
        return (await this.#take(1)).getInt8(0);
      case 0xd1:
        return (await this.#take(2)).getInt16(0);
      case 0xd2:
        return (await this.#take(4)).getInt32(0);
      case 0xd3:
        return Number((await this.#take(8)).getBigInt64(0));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(await this.#unsigned(1 << (head - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#list(await this.#unsigned(2 << (head - 0xdc)), depth);
      case 0xde:
      case 0xdf:
        return this.#map(await this.#unsigned(2 << (head - 0xde)), depth);
      case 0xc1:
        throw this.fail("it has the byte 0xc1 where a value begins, which none begins with");
      default:
        return this.#extension(1 << (head - 0xd4));
    }
  }

  async #map(size: number, depth: number): Promise<Map<string, Value>> {
    if (size * 2 > this.left) throw this.fail(`a map claims ${size} entries in ${this.left} bytes`);
    const result = new Map<string, Value>();
    for (let n = 0; n < size; n++) {
      const key = await this.value(depth + 1);
      if (typeof key !== "string" && typeof key !== "number")
        throw this.fail("a map has a key that is neither text nor number");
      if (result.has(String(key))) throw this.fail(`the key "${key}" is there twice`);
      result.set(String(key), await this.value(depth + 1));
    }
    return result;
  }

  async #list(size: number, depth: number): Promise<Map<string, Value>> {
    if (size > this.left) throw this.fail(`a list claims ${size} entries in ${this.left} bytes`);
    const result = new Map<string, Value>();
    for (let n = 0; n < size; n++) result.set(String(n), await this.value(depth + 1));
    return result;
  }

  async #extension(length: number): Promise<Value> {
    const kind = (await this.#take(1)).getInt8(0);
    const end = this.#cursor.position + length;
    if (length > this.left) throw this.fail(`an extension claims ${length} bytes, and ${this.left} are left`);
    if (kind !== ARRAY) {
      this.#cursor.jump(length);
      return undefined;
    }
    if ((await this.#unsigned(1)) !== 0x93) throw this.fail("an array lacks its shape, type or bytes");
    const shape = await this.value(deepest - 2);
    const type = await this.value(deepest);
    const head = await this.#unsigned(1);
    if (!(shape instanceof Map) || typeof type !== "string" || head < 0xc4 || head > 0xc6) {
      throw this.fail("an array lacks its shape, type or bytes");
    }
    const bytes = await this.#unsigned(1 << (head - 0xc4));
    const sizes = [...shape.values()];
    const offset = this.#cursor.position;
    if (
      offset + bytes !== end ||
      !sizes.every((size): size is number => typeof size === "number" && size >= 0) ||
      sizes.length > 32
    ) {
      throw this.fail(`an array of ${bytes} bytes doesn't fill its extension`);
    }
    this.#cursor.jump(bytes);
    return { shape: sizes, type, offset, bytes };
  }
}
