/**
 * ggml's blocks whose codes are looked up: 4-bit values spaced unevenly (IQ4), 4-bit floats (MXFP4, NVFP4) and three-valued
 * numbers (TQ). Numbers equal those of Python's `gguf.quants` bit for bit.
 */
import type { DecodeBlocks } from "./block-type.js";

/** `kvalues_iq4nl` of ggml-common.h. */
const uneven = Int8Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
/** Twice the values of a float of 1 sign, 2 exponent and 1 mantissa bits (OCP Microscaling Formats 1.0). */
const float4 = Int8Array.of(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

export const iq4_nl: DecodeBlocks = (bytes, blocks, out, half) => {
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 18, t += 32) {
    const d = half[bytes[o]! | (bytes[o + 1]! << 8)]!;
    for (let j = 0; j < 16; j++) {
      const code = bytes[o + 2 + j]!;
      out[t + j] = d * uneven[code & 15]!;
      out[t + 16 + j] = d * uneven[code >> 4]!;
    }
  }
};

/** d, high bits of eight 6-bit scales (16 bits), their low nibbles[4], codes[128]. */
export const iq4_xs: DecodeBlocks = (bytes, blocks, out, half) => {
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 136) {
    const d = half[bytes[o]! | (bytes[o + 1]! << 8)]!;
    const high = bytes[o + 2]! | (bytes[o + 3]! << 8);
    for (let group = 0; group < 8; group++, t += 32) {
      const low = (bytes[o + 4 + (group >> 1)]! >> ((group & 1) * 4)) & 15;
      const scale = d * ((low | (((high >> (2 * group)) & 3) << 4)) - 32);
      const from = o + 8 + group * 16;
      for (let j = 0; j < 16; j++) {
        const code = bytes[from + j]!;
        out[t + j] = scale * uneven[code & 15]!;
        out[t + 16 + j] = scale * uneven[code >> 4]!;
      }
    }
  }
};

/** 2^(code − 128): half of a power of two of bias 127, since the values above are doubled. */
const halfPowers = Float32Array.from({ length: 256 }, (_, code) => 2 ** (code - 128));

/** A power of two (8 bits, bias 127) and 32 floats of 4 bits. */
export const mxfp4: DecodeBlocks = (bytes, blocks, out) => {
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 17, t += 32) {
    const d = halfPowers[bytes[o]!]!;
    for (let j = 0; j < 16; j++) {
      const code = bytes[o + 1 + j]!;
      out[t + j] = d * float4[code & 15]!;
      out[t + 16 + j] = d * float4[code >> 4]!;
    }
  }
};

/** Half of an unsigned float of 4 exponent and 3 mantissa bits. 0x7f, NaN in the standard, is 0 in ggml; bit 7 is no part of it. */
const halfScales = Float32Array.from({ length: 256 }, (_, code) => {
  if (code === 0x7f) return 0;
  const exponent = (code >> 3) & 15;
  const mantissa = code & 7;
  return (exponent === 0 ? mantissa * 2 ** -9 : (1 + mantissa / 8) * 2 ** (exponent - 7)) / 2;
});

/** Four scales (unsigned floats of 4 exponent and 3 mantissa bits), then 16 floats of 4 bits for each. */
export const nvfp4: DecodeBlocks = (bytes, blocks, out) => {
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 36) {
    for (let group = 0; group < 4; group++, t += 16) {
      const d = halfScales[bytes[o + group]!]!;
      for (let j = 0; j < 8; j++) {
        const code = bytes[o + 4 + group * 8 + j]!;
        out[t + j] = d * float4[code & 15]!;
        out[t + 8 + j] = d * float4[code >> 4]!;
      }
    }
  }
};

const powersOf3 = Uint8Array.of(1, 3, 9, 27, 81);

/** Five digits of base 3 in a byte, as a fraction of 256: multiplying by 3 brings the next one to the front. d comes last. */
export const tq1_0: DecodeBlocks = (bytes, blocks, out, half) => {
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 54) {
    const d = half[bytes[o + 52]! | (bytes[o + 53]! << 8)]!;
    const run = (from: number, width: number, digits: number) => {
      for (let k = 0; k < digits; k++) {
        for (let j = 0; j < width; j++) out[t++] = d * (((((bytes[from + j]! * powersOf3[k]!) & 255) * 3) >> 8) - 1);
      }
    };
    run(o, 32, 5);
    run(o + 32, 16, 5);
    run(o + 48, 4, 4);
  }
};

/** Two bits each: 0, 1, 2 for −1, 0, 1. d comes last. */
export const tq2_0: DecodeBlocks = (bytes, blocks, out, half) => {
  for (let b = 0, o = 0, t = 0; b < blocks; b++, o += 66) {
    const d = half[bytes[o + 64]! | (bytes[o + 65]! << 8)]!;
    for (let part = 0; part < 8; part++) {
      const from = o + (part >> 2) * 32;
      const shift = (part & 3) * 2;
      for (let j = 0; j < 32; j++) out[t++] = d * (((bytes[from + j]! >> shift) & 3) - 1);
    }
  }
};
