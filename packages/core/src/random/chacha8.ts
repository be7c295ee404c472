/**
 * The keystream of ChaCha8 (D. J. Bernstein, "ChaCha, a variant of Salsa20", 2008), with a counter of 32 bits and a nonce of
 * 96 as in RFC 8439. Nothing is secret here: a stream of random numbers that can be entered anywhere. Millions of words are
 * drawn at each refresh of random projections, so a block is sixteen local numbers, written out, and no bytes are made.
 */

/** Of a block. */
export const wordsPerBlock = 16;

/** "expand 32-byte k", as four words. */
const s0 = 0x61707865;
const s1 = 0x3320646e;
const s2 = 0x79622d32;
const s3 = 0x6b206574;

/**
 * Fills `out`, of whole blocks, with the keystream from block `counter` on.
 *
 * @param key eight words
 * @param nonce three words
 */
export function chacha8(key: Uint32Array, nonce: Uint32Array, counter: number, out: Uint32Array): void {
  const s4 = key[0]! | 0;
  const s5 = key[1]! | 0;
  const s6 = key[2]! | 0;
  const s7 = key[3]! | 0;
  const s8 = key[4]! | 0;
  const s9 = key[5]! | 0;
  const s10 = key[6]! | 0;
  const s11 = key[7]! | 0;
  const s13 = nonce[0]! | 0;
  const s14 = nonce[1]! | 0;
  const s15 = nonce[2]! | 0;
  for (let at = 0; at < out.length; at += wordsPerBlock) {
    const s12 = (counter + at / wordsPerBlock) | 0;
    let x0 = s0;
    let x1 = s1;
    let x2 = s2;
    let x3 = s3;
    let x4 = s4;
    let x5 = s5;
    let x6 = s6;
    let x7 = s7;
    let x8 = s8;
    let x9 = s9;
    let x10 = s10;
    let x11 = s11;
    let x12 = s12;
    let x13 = s13;
    let x14 = s14;
    let x15 = s15;
    for (let round = 0; round < 8; round += 2) {
      // Columns, then diagonals.
      x0 = (x0 + x4) | 0;
      x12 ^= x0;
      x12 = (x12 << 16) | (x12 >>> 16);
      x8 = (x8 + x12) | 0;
      x4 ^= x8;
      x4 = (x4 << 12) | (x4 >>> 20);
      x0 = (x0 + x4) | 0;
      x12 ^= x0;
      x12 = (x12 << 8) | (x12 >>> 24);
      x8 = (x8 + x12) | 0;
      x4 ^= x8;
      x4 = (x4 << 7) | (x4 >>> 25);

      x1 = (x1 + x5) | 0;
      x13 ^= x1;
      x13 = (x13 << 16) | (x13 >>> 16);
      x9 = (x9 + x13) | 0;
      x5 ^= x9;
      x5 = (x5 << 12) | (x5 >>> 20);
      x1 = (x1 + x5) | 0;
      x13 ^= x1;
      x13 = (x13 << 8) | (x13 >>> 24);
      x9 = (x9 + x13) | 0;
      x5 ^= x9;
      x5 = (x5 << 7) | (x5 >>> 25);

      x2 = (x2 + x6) | 0;
      x14 ^= x2;
      x14 = (x14 << 16) | (x14 >>> 16);
      x10 = (x10 + x14) | 0;
      x6 ^= x10;
      x6 = (x6 << 12) | (x6 >>> 20);
      x2 = (x2 + x6) | 0;
      x14 ^= x2;
      x14 = (x14 << 8) | (x14 >>> 24);
      x10 = (x10 + x14) | 0;
      x6 ^= x10;
      x6 = (x6 << 7) | (x6 >>> 25);

      x3 = (x3 + x7) | 0;
      x15 ^= x3;
      x15 = (x15 << 16) | (x15 >>> 16);
      x11 = (x11 + x15) | 0;
      x7 ^= x11;
      x7 = (x7 << 12) | (x7 >>> 20);
      x3 = (x3 + x7) | 0;
      x15 ^= x3;
      x15 = (x15 << 8) | (x15 >>> 24);
      x11 = (x11 + x15) | 0;
      x7 ^= x11;
      x7 = (x7 << 7) | (x7 >>> 25);

      x0 = (x0 + x5) | 0;
      x15 ^= x0;
      x15 = (x15 << 16) | (x15 >>> 16);
      x10 = (x10 + x15) | 0;
      x5 ^= x10;
      x5 = (x5 << 12) | (x5 >>> 20);
      x0 = (x0 + x5) | 0;
      x15 ^= x0;
      x15 = (x15 << 8) | (x15 >>> 24);
      x10 = (x10 + x15) | 0;
      x5 ^= x10;
      x5 = (x5 << 7) | (x5 >>> 25);

      x1 = (x1 + x6) | 0;
      x12 ^= x1;
      x12 = (x12 << 16) | (x12 >>> 16);
      x11 = (x11 + x12) | 0;
      x6 ^= x11;
      x6 = (x6 << 12) | (x6 >>> 20);
      x1 = (x1 + x6) | 0;
      x12 ^= x1;
      x12 = (x12 << 8) | (x12 >>> 24);
      x11 = (x11 + x12) | 0;
      x6 ^= x11;
      x6 = (x6 << 7) | (x6 >>> 25);

      x2 = (x2 + x7) | 0;
      x13 ^= x2;
      x13 = (x13 << 16) | (x13 >>> 16);
      x8 = (x8 + x13) | 0;
      x7 ^= x8;
      x7 = (x7 << 12) | (x7 >>> 20);
      x2 = (x2 + x7) | 0;
      x13 ^= x2;
      x13 = (x13 << 8) | (x13 >>> 24);
      x8 = (x8 + x13) | 0;
      x7 ^= x8;
      x7 = (x7 << 7) | (x7 >>> 25);

      x3 = (x3 + x4) | 0;
      x14 ^= x3;
      x14 = (x14 << 16) | (x14 >>> 16);
      x9 = (x9 + x14) | 0;
      x4 ^= x9;
      x4 = (x4 << 12) | (x4 >>> 20);
      x3 = (x3 + x4) | 0;
      x14 ^= x3;
      x14 = (x14 << 8) | (x14 >>> 24);
      x9 = (x9 + x14) | 0;
      x4 ^= x9;
      x4 = (x4 << 7) | (x4 >>> 25);
    }
    out[at] = x0 + s0;
    out[at + 1] = x1 + s1;
    out[at + 2] = x2 + s2;
    out[at + 3] = x3 + s3;
    out[at + 4] = x4 + s4;
    out[at + 5] = x5 + s5;
    out[at + 6] = x6 + s6;
    out[at + 7] = x7 + s7;
    out[at + 8] = x8 + s8;
    out[at + 9] = x9 + s9;
    out[at + 10] = x10 + s10;
    out[at + 11] = x11 + s11;
    out[at + 12] = x12 + s12;
    out[at + 13] = x13 + s13;
    out[at + 14] = x14 + s14;
    out[at + 15] = x15 + s15;
  }
}
