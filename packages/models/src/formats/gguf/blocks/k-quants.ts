/**
 * ggml's "K" blocks of 256: one half-precision scale for the block, small integer scales for groups of 16 or 32 in it, and
 * 2 to 8 bits for each number (Kawrakow, llama.cpp pull request 1684). The layouts are those of ggml-common.h; numbers equal
 * those of Python's `gguf.quants` bit for bit: scale·code has at most 25 bits, and what is rounded is rounded once.
 */
import type { DecodeBlocks } from "./block-type.js";

/** scales[16]: low nibble scale, high nibble minimum of each 16; codes[64]; d; dmin. */
export const q2_k: DecodeBlocks = (bytes, blocks, out, half) => {
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 84, t += 256) {
    const d = half[bytes[o + 80]! | (bytes[o + 81]! << 8)]!;
    const dmin = half[bytes[o + 82]! | (bytes[o + 83]! << 8)]!;
    // A quarter: 16 bytes of codes serve four groups, 32 numbers apart.
    for (let quarter = 0; quarter < 4; quarter++) {
      const column = (quarter & 1) * 16;
      const scales = o + (quarter >> 1) * 8 + (quarter & 1);
      const from = o + 16 + (quarter >> 1) * 32 + column;
      const to = t + (quarter >> 1) * 128 + column;
      for (let row = 0; row < 4; row++) {
        const packed = bytes[scales + 2 * row]!;
        const scale = d * (packed & 15);
        const minimum = dmin * (packed >> 4);
        const start = to + 32 * row;
        const shift = 2 * row;
        for (let j = 0; j < 16; j++) out[start + j] = scale * ((bytes[from + j]! >> shift) & 3) - minimum;
      }
    }
  }
};

/** highMask[32], codes[64], scales[12] of 6 bits, d. A number is its two bits, less 4 where its bit of the mask is 0. */
export const q3_k: DecodeBlocks = (bytes, blocks, out, half) => {
  const scaleOf3 = (at: number, group: number) => {
    const packed = bytes[at + (group & 7)]!;
    const low = group < 8 ? packed & 15 : packed >> 4;
    return (low | (((bytes[at + 8 + (group & 3)]! >> ((group >> 2) * 2)) & 3) << 4)) - 32;
  };
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 110, t += 256) {
    const d = half[bytes[o + 108]! | (bytes[o + 109]! << 8)]!;
    // A quarter: 16 bytes of codes serve four groups, 32 numbers apart.
    for (let quarter = 0; quarter < 4; quarter++) {
      const column = (quarter & 1) * 16;
      const group = (quarter >> 1) * 8 + (quarter & 1);
      const scale0 = d * scaleOf3(o + 96, group);
      const scale1 = d * scaleOf3(o + 96, group + 2);
      const scale2 = d * scaleOf3(o + 96, group + 4);
      const scale3 = d * scaleOf3(o + 96, group + 6);
      const from = o + 32 + (quarter >> 1) * 32 + column;
      const mask = o + column;
      const bit = (quarter >> 1) * 4;
      const to = t + (quarter >> 1) * 128 + column;
      for (let j = 0; j < 16; j++) {
        const codes = bytes[from + j]!;
        const high = bytes[mask + j]! >> bit;
        out[to + j] = scale0 * ((codes & 3) + ((high & 1) << 2) - 4);
        out[to + 32 + j] = scale1 * (((codes >> 2) & 3) + ((high & 2) << 1) - 4);
        out[to + 64 + j] = scale2 * (((codes >> 4) & 3) + (high & 4) - 4);
        out[to + 96 + j] = scale3 * ((codes >> 6) + ((high & 8) >> 1) - 4);
      }
    }
  }
};

/** d, dmin, scales[12], codes[128]. */
export const q4_k: DecodeBlocks = (bytes, blocks, out, half) => {
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 144) {
    const d = half[bytes[o]! | (bytes[o + 1]! << 8)]!;
    const dmin = half[bytes[o + 2]! | (bytes[o + 3]! << 8)]!;
    for (let group = 0; group < 8; group += 2, t += 64) {
      const scale = d * scaleOf(bytes, o + 4, group);
      const minimum = dmin * minimumOf(bytes, o + 4, group);
      const scaleAfter = d * scaleOf(bytes, o + 4, group + 1);
      const minimumAfter = dmin * minimumOf(bytes, o + 4, group + 1);
      const from = o + 16 + group * 16;
      for (let j = 0; j < 32; j++) {
        const code = bytes[from + j]!;
        out[t + j] = scale * (code & 15) - minimum;
        out[t + 32 + j] = scaleAfter * (code >> 4) - minimumAfter;
      }
    }
  }
};

/** d, dmin, scales[12], fifth bits[32], codes[128]. */
export const q5_k: DecodeBlocks = (bytes, blocks, out, half) => {
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 176) {
    const d = half[bytes[o]! | (bytes[o + 1]! << 8)]!;
    const dmin = half[bytes[o + 2]! | (bytes[o + 3]! << 8)]!;
    for (let group = 0; group < 8; group += 2, t += 64) {
      const scale = d * scaleOf(bytes, o + 4, group);
      const minimum = dmin * minimumOf(bytes, o + 4, group);
      const scaleAfter = d * scaleOf(bytes, o + 4, group + 1);
      const minimumAfter = dmin * minimumOf(bytes, o + 4, group + 1);
      const from = o + 48 + group * 16;
      for (let j = 0; j < 32; j++) {
        const code = bytes[from + j]!;
        const high = bytes[o + 16 + j]! >> group;
        out[t + j] = scale * ((code & 15) | ((high & 1) << 4)) - minimum;
        out[t + 32 + j] = scaleAfter * ((code >> 4) | ((high & 2) << 3)) - minimumAfter;
      }
    }
  }
};

/** low nibbles[128], high pairs[64], scales[16] of 8 bits signed, d. */
export const q6_k: DecodeBlocks = (bytes, blocks, out, half) => {
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 210, t += 256) {
    const d = half[bytes[o + 208]! | (bytes[o + 209]! << 8)]!;
    // A quarter: 16 bytes of pairs serve four groups, 32 numbers apart.
    for (let quarter = 0; quarter < 4; quarter++) {
      const column = (quarter & 1) * 16;
      const scales = o + 192 + (quarter >> 1) * 8 + (quarter & 1);
      const scale0 = d * signed[scales]!;
      const scale1 = d * signed[scales + 2]!;
      const scale2 = d * signed[scales + 4]!;
      const scale3 = d * signed[scales + 6]!;
      const low = o + (quarter >> 1) * 64 + column;
      const high = o + 128 + (quarter >> 1) * 32 + column;
      const to = t + (quarter >> 1) * 128 + column;
      for (let j = 0; j < 16; j++) {
        const pairs = bytes[high + j]!;
        const first = bytes[low + j]!;
        const second = bytes[low + 32 + j]!;
        out[to + j] = scale0 * (((first & 15) | ((pairs & 3) << 4)) - 32);
        out[to + 32 + j] = scale1 * (((second & 15) | ((pairs & 12) << 2)) - 32);
        out[to + 64 + j] = scale2 * (((first >> 4) | (pairs & 48)) - 32);
        out[to + 96 + j] = scale3 * (((second >> 4) | ((pairs & 192) >> 2)) - 32);
      }
    }
  }
};

/** d in float32, codes[256] of 8 bits signed, sums of each 16 (not needed). */
export const q8_k: DecodeBlocks = (bytes, blocks, out) => {
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 292, t += 256) {
    const d = view.getFloat32(o, true);
    for (let j = 0; j < 256; j++) out[t + j] = d * signed[o + 4 + j]!;
  }
};

/**
 * Eight scales and eight minima of 6 bits in 12 bytes: 0 … 3 hold the first four scales, 4 … 7 the first four minima, 8 … 11
 * the nibbles of the others, whose two high bits are on top of bytes 0 … 7.
 */
function scaleOf(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + group]! & 63;
  return (bytes[at + 4 + group]! & 15) | ((bytes[at + group - 4]! >> 2) & 48);
}

function minimumOf(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + 4 + group]! & 63;
  return (bytes[at + 4 + group]! >> 4) | ((bytes[at + group]! >> 2) & 48);
}
