/** Codes of a few bits that lie one after another in 32-bit words, the lowest bits first. */
import type { NumberArray, StoredTensor } from "../../tensors/stored-tensor.js";

/**
 * `count` codes from bit `begin` on; a code may begin in one word and end in the next.
 *
 * @param words Int32Array or Uint32Array
 * @param bits 1 … 8
 */
export function unpackCodes(words: NumberArray, begin: number, bits: number, count: number): Uint8Array {
  const codes = new Uint8Array(count);
  const mask = (1 << bits) - 1;
  let bit = begin;
  for (let n = 0; n < count; n++, bit += bits) {
    const word = Math.floor(bit / 32);
    const shift = bit % 32;
    let code = words[word]! >>> shift;
    if (shift + bits > 32) code |= words[word + 1]! << (32 - shift);
    codes[n] = code & mask;
  }
  return codes;
}

/** Words that hold `count` codes. */
export const wordsFor = (count: number, bits: number): number => Math.ceil((count * bits) / 32);

export const isWords = ({ dataType }: StoredTensor): boolean => dataType === "int32" || dataType === "uint32";
