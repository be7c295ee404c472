/**
 * bitsandbytes' 4 bits (QLoRA: Dettmers et al. 2023, arXiv 2305.14314): `weight` holds two codes in a byte, the first in
 * the upper half, of the matrix row by row; `weight.quant_map` has the value of each code (nf4 or fp4), `weight.absmax` a
 * scale for each block, and `weight.quant_state.bitsandbytes__nf4` the settings as JSON in bytes. With double quantization
 * the scales are codes themselves: absmax = nested_quant_map[code]·nested_absmax[block] + nested_offset.
 */
import { countOf, partReader, readAll } from "../../tensors/part-reader.js";
import { type DecodeRows, rowTensor } from "../../tensors/row-tensor.js";
import type { NumberArray, StoredTensor } from "../../tensors/stored-tensor.js";
import type { Rule, TensorBag } from "../tensor-bag.js";
import { leaveOutPacked, shown } from "./siblings.js";

export const bitsandbytes4bit: Rule = {
  name: "bitsandbytes 4 bits",
  async apply(bag) {
    for (const { name } of bag) {
      const found = /^(.*)\.quant_state\.bitsandbytes__(\w+)$/.exec(name);
      if (found && bag.get(found[1]!) !== undefined) await unpack(bag, found[1]!, name);
    }
  },
};

/** Settings are a few hundred bytes. */
const mostSettings = 65_536;

async function unpack(bag: TensorBag, name: string, stateName: string): Promise<void> {
  const weight = bag.get(name)!;
  const part = (own: string) => bag.get(`${name}.${own}`);
  const parts = {
    weight,
    absmax: part("absmax"),
    map: part("quant_map"),
    nestedAbsmax: part("nested_absmax"),
    nestedMap: part("nested_quant_map"),
  };
  const names = [weight, ...Object.values(parts).slice(1)].flatMap((each) => (each ? [each.name] : []));
  const all = [...names, stateName];
  const found = check(parts, await readSettings(bag.get(stateName)!));
  if (typeof found === "string") leaveOutPacked(bag, name, all.slice(1), found);
  else bag.replace(all, [dequantized(found)]);
}

interface Parts {
  readonly weight: StoredTensor;
  readonly absmax: StoredTensor | undefined;
  readonly map: StoredTensor | undefined;
  readonly nestedAbsmax: StoredTensor | undefined;
  readonly nestedMap: StoredTensor | undefined;
}

interface Packed {
  readonly weight: StoredTensor;
  readonly absmax: StoredTensor;
  readonly map: StoredTensor;
  readonly nested: { absmax: StoredTensor; map: StoredTensor; block: number; offset: number } | undefined;
  readonly type: string;
  readonly shape: readonly number[];
  readonly block: number;
}

async function readSettings(state: StoredTensor): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (state.dataType !== "uint8" || countOf(state) > mostSettings) return undefined;
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode((await readAll(state)) as Uint8Array));
    return typeof parsed === "object" && parsed !== null ? (parsed as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** What is needed to read it; a string says what doesn't fit. */
function check(
  { weight, absmax, map, nestedAbsmax, nestedMap }: Parts,
  settings: Readonly<Record<string, unknown>> | undefined,
): Packed | string {
  const whole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;
  const { quant_type: type, shape, blocksize: block } = settings ?? {};
  if (typeof type !== "string" || !whole(block) || !Array.isArray(shape) || !shape.every(whole)) {
    return "bitsandbytes 4 bits with settings (quant_state) that can't be read";
  }
  const bytesEach = storage[weight.dataType];
  if (bytesEach === undefined) return `bitsandbytes 4 bits kept in ${weight.dataType}, which isn't read`;
  const count = shape.reduce((product: number, size: number) => product * size, 1);
  // The last byte may be half full, the last number of a wider storage partly so.
  const stored = countOf(weight) * bytesEach;
  const needed = Math.ceil(count / 2);
  if (!(stored >= needed && stored < needed + bytesEach)) {
    return `bitsandbytes 4 bits of shape ${shown(shape)} need ${needed} bytes; ${stored} are there`;
  }
  const blocks = Math.ceil(count / block);
  if (absmax === undefined || countOf(absmax) !== blocks) {
    return `bitsandbytes 4 bits in ${blocks} blocks of ${block} with ${absmax ? countOf(absmax) : "no"} scales (absmax)`;
  }
  if (map === undefined || !map.floating || countOf(map) !== 16)
    return "bitsandbytes 4 bits without a quant_map of 16 floats";
  const found = { weight, absmax, map, type, shape, block };
  if (absmax.floating) return { ...found, nested: undefined };
  const { nested_blocksize: nestedBlock, nested_offset: offset } = settings!;
  const fits =
    absmax.dataType === "uint8" &&
    whole(nestedBlock) &&
    Number.isFinite(offset) &&
    nestedMap?.floating &&
    countOf(nestedMap) === 256 &&
    nestedAbsmax?.floating &&
    countOf(nestedAbsmax) === Math.ceil(blocks / nestedBlock);
  if (!fits) return "bitsandbytes 4 bits with doubly quantized scales whose parts don't fit each other";
  return {
    ...found,
    nested: { absmax: nestedAbsmax!, map: nestedMap!, block: nestedBlock as number, offset: offset as number },
  };
}

/** Types that the bytes may be kept in (`bnb_4bit_quant_storage`) and come out of unaltered. */
const storage: Readonly<Record<string, number>> = { uint8: 1, int8: 1, bfloat16: 2, float32: 4 };

function dequantized(packed: Packed): StoredTensor {
  const { weight, absmax, map, nested, type, shape, block } = packed;
  return rowTensor({
    name: weight.name,
    shape,
    dataType: `${type} (bitsandbytes)`,
    note: `bitsandbytes: 4-bit codes (${type}) times a scale for each ${block} numbers${nested ? ", the scales quantized too" : ""}`,
    parts: [weight, absmax, map, ...(nested ? [nested.absmax, nested.map] : [])],
    open: () => decoder(packed),
  });
}

async function decoder({ weight, absmax, map, nested, shape, block }: Packed): Promise<DecodeRows> {
  const values = await readAll(map);
  const length = shape.at(-1)!;
  const bytesEach = storage[weight.dataType]!;
  const read = partReader(weight);
  const readScales = await scaleReader(absmax, nested);
  return async (from, to) => {
    const begin = from * length;
    const end = to * length;
    const firstUnit = Math.floor(begin / 2 / bytesEach);
    const lastUnit = Math.ceil(end / 2 / bytesEach);
    const bytes = bytesOf(await read(firstUnit, lastUnit - firstUnit), bytesEach);
    const firstBlock = Math.floor(begin / block);
    const scales = await readScales(firstBlock, Math.ceil(end / block) - firstBlock);
    const result = new Float32Array(end - begin);
    const skipped = firstUnit * bytesEach;
    for (let n = begin; n < end; n++) {
      const byte = bytes[Math.floor(n / 2) - skipped]!;
      const code = n % 2 ? byte & 15 : byte >> 4;
      result[n - begin] = values[code]! * scales[Math.floor(n / block) - firstBlock]!;
    }
    return result;
  };
}

async function scaleReader(absmax: StoredTensor, nested: Packed["nested"]) {
  const read = partReader(absmax);
  if (nested === undefined) return read;
  const values = await readAll(nested.map);
  const sizes = await readAll(nested.absmax);
  return async (from: number, count: number) => {
    const codes = await read(from, count);
    return Float32Array.from(codes, (code, n) => {
      return values[code]! * sizes[Math.floor((from + n) / nested.block)]! + nested.offset;
    });
  };
}

/** The bytes that numbers were made of. */
function bytesOf(numbers: NumberArray, bytesEach: number): Uint8Array {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  if (bytesEach !== 2) return bytes;
  // A bfloat16 is the upper half of the float32 it is read as.
  const result = new Uint8Array(numbers.length * 2);
  for (let n = 0; n < numbers.length; n++) {
    result[2 * n] = bytes[4 * n + 2]!;
    result[2 * n + 1] = bytes[4 * n + 3]!;
  }
  return result;
}
