/**
 * Random matrices from the stream of ChaCha8 that core draws from (`packages/core/src/random/random-stream.ts`), bit for bit: the same
 * words, and the same operations in the same order on each of them. Four blocks are made at once, one in each lane.
 */
import { Distribution, RandomCommand } from "../generated/assembly/command-fields";
import { claim, commandAs, scratchOf } from "./command";
import { high, highPairs, low, lowPairs } from "./simd";

/** Numbers that a thread makes at once. */
const AT_ONCE = 4096;
/** Words of four blocks. */
const GROUP = 64;

// @ts-ignore: decorator
@inline function rotate(x: v128, by: i32): v128 { return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by)); }
// @ts-ignore: decorator
@inline function word(key: usize, n: i32): v128 { return v128.load_splat<u32>(key + (<usize>n << 2)); }

/**
 * Four blocks of 16 words of the keystream from block `counter` on. D. J. Bernstein, "ChaCha, a variant of Salsa20" (2008), with 8 rounds; a counter
 * of 32 bits and a nonce of 96 as in RFC 8439.
 *
 * @param key eight words, then the three of the nonce
 */
function fourBlocks(key: usize, counter: i32, to: usize): void {
  const s0 = i32x4.splat(0x61707865);
  const s1 = i32x4.splat(0x3320646e);
  const s2 = i32x4.splat(0x79622d32);
  const s3 = i32x4.splat(0x6b206574);
  const s4 = word(key, 0);
  const s5 = word(key, 1);
  const s6 = word(key, 2);
  const s7 = word(key, 3);
  const s8 = word(key, 4);
  const s9 = word(key, 5);
  const s10 = word(key, 6);
  const s11 = word(key, 7);
  const s12 = i32x4.add(i32x4.splat(counter), i32x4(0, 1, 2, 3));
  const s13 = word(key, 8);
  const s14 = word(key, 9);
  const s15 = word(key, 10);
  let x0 = s0, x1 = s1, x2 = s2, x3 = s3, x4 = s4, x5 = s5, x6 = s6, x7 = s7;
  let x8 = s8, x9 = s9, x10 = s10, x11 = s11, x12 = s12, x13 = s13, x14 = s14, x15 = s15;
  for (let round = 0; round < 4; round++) {
    // Columns, then diagonals.
    x0 = i32x4.add(x0, x4); x12 = rotate(v128.xor(x12, x0), 16);
    x8 = i32x4.add(x8, x12); x4 = rotate(v128.xor(x4, x8), 12);
    x0 = i32x4.add(x0, x4); x12 = rotate(v128.xor(x12, x0), 8);
    x8 = i32x4.add(x8, x12); x4 = rotate(v128.xor(x4, x8), 7);
    x1 = i32x4.add(x1, x5); x13 = rotate(v128.xor(x13, x1), 16);
    x9 = i32x4.add(x9, x13); x5 = rotate(v128.xor(x5, x9), 12);
    x1 = i32x4.add(x1, x5); x13 = rotate(v128.xor(x13, x1), 8);
    x9 = i32x4.add(x9, x13); x5 = rotate(v128.xor(x5, x9), 7);
    x2 = i32x4.add(x2, x6); x14 = rotate(v128.xor(x14, x2), 16);
    x10 = i32x4.add(x10, x14); x6 = rotate(v128.xor(x6, x10), 12);
    x2 = i32x4.add(x2, x6); x14 = rotate(v128.xor(x14, x2), 8);
    x10 = i32x4.add(x10, x14); x6 = rotate(v128.xor(x6, x10), 7);
    x3 = i32x4.add(x3, x7); x15 = rotate(v128.xor(x15, x3), 16);
    x11 = i32x4.add(x11, x15); x7 = rotate(v128.xor(x7, x11), 12);
    x3 = i32x4.add(x3, x7); x15 = rotate(v128.xor(x15, x3), 8);
    x11 = i32x4.add(x11, x15); x7 = rotate(v128.xor(x7, x11), 7);
    x0 = i32x4.add(x0, x5); x15 = rotate(v128.xor(x15, x0), 16);
    x10 = i32x4.add(x10, x15); x5 = rotate(v128.xor(x5, x10), 12);
    x0 = i32x4.add(x0, x5); x15 = rotate(v128.xor(x15, x0), 8);
    x10 = i32x4.add(x10, x15); x5 = rotate(v128.xor(x5, x10), 7);
    x1 = i32x4.add(x1, x6); x12 = rotate(v128.xor(x12, x1), 16);
    x11 = i32x4.add(x11, x12); x6 = rotate(v128.xor(x6, x11), 12);
    x1 = i32x4.add(x1, x6); x12 = rotate(v128.xor(x12, x1), 8);
    x11 = i32x4.add(x11, x12); x6 = rotate(v128.xor(x6, x11), 7);
    x2 = i32x4.add(x2, x7); x13 = rotate(v128.xor(x13, x2), 16);
    x8 = i32x4.add(x8, x13); x7 = rotate(v128.xor(x7, x8), 12);
    x2 = i32x4.add(x2, x7); x13 = rotate(v128.xor(x13, x2), 8);
    x8 = i32x4.add(x8, x13); x7 = rotate(v128.xor(x7, x8), 7);
    x3 = i32x4.add(x3, x4); x14 = rotate(v128.xor(x14, x3), 16);
    x9 = i32x4.add(x9, x14); x4 = rotate(v128.xor(x4, x9), 12);
    x3 = i32x4.add(x3, x4); x14 = rotate(v128.xor(x14, x3), 8);
    x9 = i32x4.add(x9, x14); x4 = rotate(v128.xor(x4, x9), 7);
  }
  storeWords(to + 0, i32x4.add(x0, s0), i32x4.add(x1, s1), i32x4.add(x2, s2), i32x4.add(x3, s3));
  storeWords(to + 16, i32x4.add(x4, s4), i32x4.add(x5, s5), i32x4.add(x6, s6), i32x4.add(x7, s7));
  storeWords(to + 32, i32x4.add(x8, s8), i32x4.add(x9, s9), i32x4.add(x10, s10), i32x4.add(x11, s11));
  storeWords(to + 48, i32x4.add(x12, s12), i32x4.add(x13, s13), i32x4.add(x14, s14), i32x4.add(x15, s15));
}

/** Four words of four blocks, blocks 64 bytes apart. */
function storeWords(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = low(a, b), cd = low(c, d), ef = high(a, b), gh = high(c, d);
  v128.store(to, lowPairs(ab, cd));
  v128.store(to, highPairs(ab, cd), 64);
  v128.store(to, lowPairs(ef, gh), 128);
  v128.store(to, highPairs(ef, gh), 192);
}

/** Words `first` … `first + count` of the stream; returns where the first of them lies, in memory from `to` on. */
function words(key: usize, first: i32, count: i32, to: usize): usize {
  const group = first / GROUP;
  for (let n = group; n * GROUP < first + count; n++) fourBlocks(key, n * 4, to + (<usize>(n - group) << 8));
  return to + (<usize>(first - group * GROUP) << 2);
}

// Coefficients of Wichura's AS 241, as in core's `normal-quantile.ts`, where they are explained.

// @ts-ignore: decorator
@inline function step(sum: v128, x: v128, coefficient: f64): v128 { return f64x2.add(f64x2.mul(sum, x), f64x2.splat(coefficient)); }

// @ts-ignore: decorator
@inline function centralRatio(x: v128): v128 {
  let n = step(f64x2.splat(2509.0809287301227), x, 33430.57558358813);
  n = step(n, x, 67265.7709270087);
  n = step(n, x, 45921.95393154987);
  n = step(n, x, 13731.69376550946);
  n = step(n, x, 1971.5909503065513);
  n = step(n, x, 133.14166789178438);
  n = step(n, x, 3.3871328727963665);
  let d = step(f64x2.splat(5226.495278852854), x, 28729.085735721943);
  d = step(d, x, 39307.89580009271);
  d = step(d, x, 21213.794301586597);
  d = step(d, x, 5394.196021424751);
  d = step(d, x, 687.1870074920579);
  d = step(d, x, 42.31333070160091);
  d = step(d, x, 1);
  return f64x2.div(n, d);
}

function tailRatio(x: f64): f64 {
  const numerator =
    ((((((0.0007745450142783414 * x + 0.022723844989269184) * x + 0.2417807251774506) * x + 1.2704582524523684) * x +
      3.6478483247632045) * x + 5.769497221460691) * x + 4.630337846156546) * x + 1.4234371107496835;
  const denominator =
    ((((((1.0507500716444169e-9 * x + 0.0005475938084995345) * x + 0.015198666563616457) * x + 0.14810397642748008) * x +
      0.6897673349851) * x + 1.6763848301838038) * x + 2.053191626637759) * x + 1;
  return numerator / denominator;
}

function naturalLog(x: f64): f64 {
  let exponent: f64 = 0;
  while (x < 0.7071067811865476) {
    x *= 2;
    exponent += 1;
  }
  const s = (x - 1) / (x + 1);
  const square = s * s;
  const series =
    (((((((((0.047619047619047616 * square + 0.05263157894736842) * square + 0.058823529411764705) * square +
      0.06666666666666667) * square + 0.07692307692307693) * square + 0.09090909090909091) * square +
      0.1111111111111111) * square + 0.14285714285714285) * square + 0.2) * square + 0.3333333333333333) * square + 1;
  return 2 * s * series - exponent * 0.6931471805599453;
}

function tail(p: f64, q: f64): f64 {
  const r = sqrt(-naturalLog(q < 0 ? p : 1 - p));
  const z = tailRatio(r - 1.6);
  return q < 0 ? -z : z;
}

/** Normal numbers from two words each time: the central ones together, those of the tails one by one. */
function normals(from: usize, to: usize, count: i32): void {
  for (let n = 0; n < count; n += 2) {
    const drawn = f64x2.convert_low_i32x4_u(v128.load64_zero(from));
    const p = f64x2.mul(f64x2.add(drawn, f64x2.splat(0.5)), f64x2.splat(2.3283064365386963e-10));
    const q = f64x2.sub(p, f64x2.splat(0.5));
    const z = f64x2.mul(q, centralRatio(f64x2.sub(f64x2.splat(0.180625), f64x2.mul(q, q))));
    let first = f64x2.extract_lane(z, 0), second = f64x2.extract_lane(z, 1);
    const outside = i64x2.bitmask(f64x2.gt(f64x2.abs(q), f64x2.splat(0.425)));
    if (outside & 1) first = tail(f64x2.extract_lane(p, 0), f64x2.extract_lane(q, 0));
    if (outside & 2) second = tail(f64x2.extract_lane(p, 1), f64x2.extract_lane(q, 1));
    store<f32>(to, <f32>first);
    if (n + 1 < count) store<f32>(to, <f32>second, 4);
    from += 8;
    to += 8;
  }
}

/** Normal numbers, or signs. */
export function random(thread: i32): void {
  const command = commandAs<RandomCommand>();
  const count = command.count, key = command.key, first = command.firstWord;
  const scratch = scratchOf(thread);
  const signs = command.distribution == Distribution.rademacher;
  for (let n = claim() * AT_ONCE; n < count; n = claim() * AT_ONCE) {
    const size = min(AT_ONCE, count - n);
    const to = command.to + (<usize>(<u32>n) << 2);
    if (!signs) {
      normals(words(key, first + n, size, scratch), to, size);
      continue;
    }
    // A bit each, 32 to a word.
    const from = words(key, first + n / 32, (size + 31) / 32, scratch);
    for (let k = 0; k < size; k++) {
      const bits = load<u32>(from + (<usize>(k >> 5) << 2));
      store<f32>(to + (<usize>k << 2), (bits >> (k & 31)) & 1 ? 1 : -1);
    }
  }
}
