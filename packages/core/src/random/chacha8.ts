/**
 * The keystream of ChaCha8 (Bernstein 2008, "ChaCha, a variant of Salsa20"; laid out as in RFC 8439, with 8 rounds in place of 20): sixteen
 * words a block, a function of key, nonce and the block's number. The words of a block are local variables, which engines keep in
 * registers: the loops over rows and columns of the definition are written out.
 */

/**
 * Fills `out`, whole blocks of 16 words, from the block `counter` on.
 *
 * @param key eight words
 * @param nonce three words
 */
export function chacha8(key: Uint32Array, nonce: Uint32Array, counter: number, out: Uint32Array): void {
  const start = Int32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, ...key, 0, ...nonce);
  for (let at = 0; at < out.length; at += 16) {
    start[12] = counter + at / 16;
    let a0 = start[0]!;
    let a1 = start[1]!;
    let a2 = start[2]!;
    let a3 = start[3]!;
    let b0 = start[4]!;
    let b1 = start[5]!;
    let b2 = start[6]!;
    let b3 = start[7]!;
    let c0 = start[8]!;
    let c1 = start[9]!;
    let c2 = start[10]!;
    let c3 = start[11]!;
    let d0 = start[12]!;
    let d1 = start[13]!;
    let d2 = start[14]!;
    let d3 = start[15]!;
    // Four times the columns of the block, then its diagonals.
    for (let double = 0; double < 4; double++) {
      a0 = (a0 + b0) | 0;
      d0 = rotate(d0 ^ a0, 16);
      c0 = (c0 + d0) | 0;
      b0 = rotate(b0 ^ c0, 12);
      a0 = (a0 + b0) | 0;
      d0 = rotate(d0 ^ a0, 8);
      c0 = (c0 + d0) | 0;
      b0 = rotate(b0 ^ c0, 7);
      a1 = (a1 + b1) | 0;
      d1 = rotate(d1 ^ a1, 16);
      c1 = (c1 + d1) | 0;
      b1 = rotate(b1 ^ c1, 12);
      a1 = (a1 + b1) | 0;
      d1 = rotate(d1 ^ a1, 8);
      c1 = (c1 + d1) | 0;
      b1 = rotate(b1 ^ c1, 7);
      a2 = (a2 + b2) | 0;
      d2 = rotate(d2 ^ a2, 16);
      c2 = (c2 + d2) | 0;
      b2 = rotate(b2 ^ c2, 12);
      a2 = (a2 + b2) | 0;
      d2 = rotate(d2 ^ a2, 8);
      c2 = (c2 + d2) | 0;
      b2 = rotate(b2 ^ c2, 7);
      a3 = (a3 + b3) | 0;
      d3 = rotate(d3 ^ a3, 16);
      c3 = (c3 + d3) | 0;
      b3 = rotate(b3 ^ c3, 12);
      a3 = (a3 + b3) | 0;
      d3 = rotate(d3 ^ a3, 8);
      c3 = (c3 + d3) | 0;
      b3 = rotate(b3 ^ c3, 7);
      a0 = (a0 + b1) | 0;
      d3 = rotate(d3 ^ a0, 16);
      c2 = (c2 + d3) | 0;
      b1 = rotate(b1 ^ c2, 12);
      a0 = (a0 + b1) | 0;
      d3 = rotate(d3 ^ a0, 8);
      c2 = (c2 + d3) | 0;
      b1 = rotate(b1 ^ c2, 7);
      a1 = (a1 + b2) | 0;
      d0 = rotate(d0 ^ a1, 16);
      c3 = (c3 + d0) | 0;
      b2 = rotate(b2 ^ c3, 12);
      a1 = (a1 + b2) | 0;
      d0 = rotate(d0 ^ a1, 8);
      c3 = (c3 + d0) | 0;
      b2 = rotate(b2 ^ c3, 7);
      a2 = (a2 + b3) | 0;
      d1 = rotate(d1 ^ a2, 16);
      c0 = (c0 + d1) | 0;
      b3 = rotate(b3 ^ c0, 12);
      a2 = (a2 + b3) | 0;
      d1 = rotate(d1 ^ a2, 8);
      c0 = (c0 + d1) | 0;
      b3 = rotate(b3 ^ c0, 7);
      a3 = (a3 + b0) | 0;
      d2 = rotate(d2 ^ a3, 16);
      c1 = (c1 + d2) | 0;
      b0 = rotate(b0 ^ c1, 12);
      a3 = (a3 + b0) | 0;
      d2 = rotate(d2 ^ a3, 8);
      c1 = (c1 + d2) | 0;
      b0 = rotate(b0 ^ c1, 7);
    }
    out[at + 0] = a0 + start[0]!;
    out[at + 1] = a1 + start[1]!;
    out[at + 2] = a2 + start[2]!;
    out[at + 3] = a3 + start[3]!;
    out[at + 4] = b0 + start[4]!;
    out[at + 5] = b1 + start[5]!;
    out[at + 6] = b2 + start[6]!;
    out[at + 7] = b3 + start[7]!;
    out[at + 8] = c0 + start[8]!;
    out[at + 9] = c1 + start[9]!;
    out[at + 10] = c2 + start[10]!;
    out[at + 11] = c3 + start[11]!;
    out[at + 12] = d0 + start[12]!;
    out[at + 13] = d1 + start[13]!;
    out[at + 14] = d2 + start[14]!;
    out[at + 15] = d3 + start[15]!;
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
