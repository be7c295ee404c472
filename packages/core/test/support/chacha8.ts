/** ChaCha8 written from the specification (Bernstein 2008; RFC 8439 with 8 rounds), to check the one in use. */

/** Words of the keystream block `counter`. Key: 8 words; nonce: 3 words. */
export function chacha8Block(key: ArrayLike<number>, nonce: ArrayLike<number>, counter: number): Uint32Array {
  const start = Uint32Array.of(
    ...[0x61707865, 0x3320646e, 0x79622d32, 0x6b206574],
    ...Array.from(key),
    counter,
    ...Array.from(nonce),
  );
  const x = start.slice();
  const mix = (a: number, b: number, c: number, d: number) => {
    for (const [first, second] of [
      [16, 12],
      [8, 7],
    ]) {
      x[a] += x[b];
      x[d] = rotate(x[d] ^ x[a], first);
      x[c] += x[d];
      x[b] = rotate(x[b] ^ x[c], second);
    }
  };
  for (let double = 0; double < 4; double++) {
    for (let n = 0; n < 4; n++) mix(n, 4 + n, 8 + n, 12 + n);
    for (let n = 0; n < 4; n++) mix(n, 4 + ((n + 1) % 4), 8 + ((n + 2) % 4), 12 + ((n + 3) % 4));
  }
  return x.map((word, n) => word + start[n]);
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
