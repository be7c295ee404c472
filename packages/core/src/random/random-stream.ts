/**
 * Random numbers that are a function of (seed, stream name, index, position) and of nothing else: the keystream of
 * ChaCha8 as a counter-based generator. The same seed gives the same numbers, bit for bit, on every backend, engine and
 * platform; only +, −, ×, ÷ and √ touch them afterwards, since `Math.log` and friends may differ in the last digit
 * between engines. Every number is rounded to float32, so that float32 and float64 backends project alike.
 */
import { chacha8 } from "./chacha8.js";
import { fillFromWords } from "./word-normal.js";

/** Words drawn at once. Part of the implementation only: the sequence doesn't depend on it. */
const blockWords = 4096;

/** A place in a stream of random numbers: where a backend that draws itself begins. */
export interface StreamPosition {
  /** The key of ChaCha8, eight words. */
  readonly key: Uint32Array;
  /** The nonce of ChaCha8, three words. */
  readonly nonce: Uint32Array;
  /** How many words of the keystream come before this place. */
  readonly word: number;
}

/** Random numbers, bit for bit the same everywhere. Made by {@link randomStream}. */
export interface RandomStream {
  /** Where the stream is now. */
  position(): StreamPosition;
  /** Goes on as if so many words of 32 bits had been drawn. */
  skip(words: number): void;
  /** Draws a whole number, uniform on 0 … 2³²−1. */
  word(): number;
  /** Draws a whole number, uniform on 0 … bound − 1, without bias. */
  below(bound: number): number;
  /** Fills `out` with standard normal numbers, one word of the stream each, and returns it. */
  fillNormal(out: Float32Array): Float32Array;
  /** Fills `out` with +1 and −1, one bit each, and returns it. */
  fillSigns(out: Float32Array): Float32Array;
}

/**
 * A stream of random numbers that depends on seed, name and index and on nothing else: the keystream of ChaCha8. It isn't meant for secrets.
 *
 * @param seed a safe integer ≥ 0
 * @param name tells streams of the same seed apart: a layer's name, say
 * @param index tells the draws of one stream apart: the number of the refresh
 */
export function randomStream(seed: number, name: string, index: number): RandomStream {
  const key = Uint32Array.of(...wordsOf(BigInt(seed)), ...wordsOf(hashName(name)), 0, 0, 0, 0);
  return chachaStream(key, Uint32Array.of(...wordsOf(BigInt(index)), 0), 0);
}

/** The stream that goes on from there. */
export function streamAt({ key, nonce, word }: StreamPosition): RandomStream {
  return chachaStream(key.slice(), nonce.slice(), word);
}

function chachaStream(key: Uint32Array, nonce: Uint32Array, start: number): RandomStream {
  const words = new Uint32Array(blockWords);
  let block = Math.floor(start / blockWords);
  let next = blockWords;

  const refill = () => {
    // A ChaCha block holds 16 words, which is what its counter counts.
    chacha8(key, nonce, (block++ * blockWords) / 16, words);
    next = 0;
  };
  const position = () => block * blockWords - blockWords + next;
  const skip = (words: number) => {
    const to = position() + words;
    block = Math.floor(to / blockWords);
    next = blockWords;
    if (to % blockWords === 0) return;
    refill();
    next = to % blockWords;
  };
  skip(start % blockWords);
  const word = (): number => {
    if (next === blockWords) refill();
    return words[next++]!;
  };
  const below = (bound: number): number => {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let drawn = word();
    while (drawn >= limit) drawn = word();
    return drawn % bound;
  };
  return {
    position: () => ({ key: key.slice(), nonce: nonce.slice(), word: position() }),
    skip,
    word,
    below,
    fillNormal(out) {
      // Block by block, since this makes millions of numbers at each refresh.
      let n = 0;
      while (n < out.length) {
        if (next === blockWords) refill();
        const end = Math.min(out.length, n + blockWords - next);
        fillFromWords(out, n, end, words, next);
        next += end - n;
        n = end;
      }
      return out;
    },
    fillSigns(out) {
      let bits = 0;
      for (let n = 0; n < out.length; n++) {
        if (n % 32 === 0) bits = word();
        out[n] = (bits >>> (n % 32)) & 1 ? 1 : -1;
      }
      return out;
    },
  };
}

/** Two words of a number below 2⁶⁴, the low one first. */
function wordsOf(number: bigint): [number, number] {
  return [Number(BigInt.asUintN(32, number)), Number(BigInt.asUintN(32, number >> 32n))];
}

/** FNV-1a over UTF-16 code units, 64 bits. */
function hashName(name: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let n = 0; n < name.length; n++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(name.charCodeAt(n))) * 0x100000001b3n);
  }
  return hash;
}
