/** Numbers of a GGUF tensor, any part of it: whole blocks are read and unpacked in pieces, and what wasn't asked for is cut off. */
import type { FloatArray } from "@comhe/core/layouts";
import type { ByteSource } from "../../source/byte-source.js";
import { bfloat16, float16, float32, float64, halfTable, type NumberType } from "../../tensors/decode-numbers.js";
import type { DecodeBlocks } from "./blocks/block-type.js";
import type { GgufTensor } from "./header.js";
import type { GgmlType } from "./types.js";

/** Bytes read at once, so that a large table costs no more than its numbers and one piece. */
const piece = 2 ** 24;

const plainTypes: Readonly<Record<string, NumberType>> = { float16, bfloat16, float32, float64 };

/** Whether the type's numbers are floats that are read. */
export const isReadable = (type: GgmlType | undefined): boolean =>
  type?.blocks !== undefined || (type?.plain !== undefined && Object.hasOwn(plainTypes, type.plain));

/**
 * Numbers `from` … `from + count`, row major, of a tensor whose type {@link isReadable}.
 *
 * @throws EnergyError `invalid-file`
 */
export async function readNumbers(
  source: ByteSource,
  tensor: GgufTensor,
  from: number,
  count: number,
): Promise<FloatArray> {
  const { type, offset } = tensor as GgufTensor & { readonly type: GgmlType };
  if (type.blocks) return readBlocks(source, offset, type, type.blocks, from, count);
  const { bytes, decode } = plainTypes[type.plain!]!;
  return decode(await source.read(offset + from * bytes, count * bytes)) as FloatArray;
}

async function readBlocks(
  source: ByteSource,
  offset: number,
  { numbers, bytes }: GgmlType,
  decode: DecodeBlocks,
  from: number,
  count: number,
): Promise<Float32Array> {
  const first = Math.floor(from / numbers);
  const last = Math.ceil((from + count) / numbers);
  const result = new Float32Array((last - first) * numbers);
  const atOnce = Math.floor(piece / bytes);
  for (let block = first; block < last; block += atOnce) {
    const blocks = Math.min(atOnce, last - block);
    const stored = await source.read(offset + block * bytes, blocks * bytes);
    decode(stored, blocks, result.subarray((block - first) * numbers), halfTable());
  }
  const cut = from - first * numbers;
  return cut === 0 && result.length === count ? result : result.slice(cut, cut + count);
}
