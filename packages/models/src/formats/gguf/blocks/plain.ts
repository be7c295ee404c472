/**
 * ggml's blocks of 32: a half-precision scale, perhaps a smallest value, and 4, 5 or 8 bits for each number. Element j of a
 * block of nibbles is the low half of byte j, element j + 16 its high half.
 *
 * Products of a half (11 bits) and a code (at most 8 bits) are exact in float32, and a sum with the smallest value is
 * rounded once: the same numbers, bit for bit, as in ggml's `dequantize_row_*` (ggml-quants.c) and Python's `gguf.quants`.
 */
import type { DecodeBlocks } from "./block-type.js";

export const q4_0: DecodeBlocks = (bytes, blocks, out, half) => {
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 18, t += 32) {
    const d = half[bytes[o]! | (bytes[o + 1]! << 8)]!;
    for (let j = 0; j < 16; j++) {
      const code = bytes[o + 2 + j]!;
      out[t + j] = d * ((code & 15) - 8);
      out[t + 16 + j] = d * ((code >> 4) - 8);
    }
  }
};

export const q4_1: DecodeBlocks = (bytes, blocks, out, half) => {
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 20, t += 32) {
    const d = half[bytes[o]! | (bytes[o + 1]! << 8)]!;
    const m = half[bytes[o + 2]! | (bytes[o + 3]! << 8)]!;
    for (let j = 0; j < 16; j++) {
      const code = bytes[o + 4 + j]!;
      out[t + j] = d * (code & 15) + m;
      out[t + 16 + j] = d * (code >> 4) + m;
    }
  }
};

/** The fifth bits of all 32 elements lie together, element j's at bit j. */
export const q5_0: DecodeBlocks = (bytes, blocks, out, half) => {
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 22, t += 32) {
    const d = half[bytes[o]! | (bytes[o + 1]! << 8)]!;
    const high = word(bytes, o + 2);
    for (let j = 0; j < 16; j++) {
      const code = bytes[o + 6 + j]!;
      out[t + j] = d * (((code & 15) | (((high >>> j) & 1) << 4)) - 16);
      out[t + 16 + j] = d * (((code >> 4) | (((high >>> (j + 16)) & 1) << 4)) - 16);
    }
  }
};

export const q5_1: DecodeBlocks = (bytes, blocks, out, half) => {
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 24, t += 32) {
    const d = half[bytes[o]! | (bytes[o + 1]! << 8)]!;
    const m = half[bytes[o + 2]! | (bytes[o + 3]! << 8)]!;
    const high = word(bytes, o + 4);
    for (let j = 0; j < 16; j++) {
      const code = bytes[o + 8 + j]!;
      out[t + j] = d * ((code & 15) | (((high >>> j) & 1) << 4)) + m;
      out[t + 16 + j] = d * ((code >> 4) | (((high >>> (j + 16)) & 1) << 4)) + m;
    }
  }
};

export const q8_0: DecodeBlocks = (bytes, blocks, out, half) => {
  const codes = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 34, t += 32) {
    const d = half[bytes[o]! | (bytes[o + 1]! << 8)]!;
    for (let j = 0; j < 32; j++) out[t + j] = d * codes[o + 2 + j]!;
  }
};

/** 32 bits from any offset, as a signed number: only its bits are looked at. */
function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
