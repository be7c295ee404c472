import { expect, it } from "vitest";
import { normalQuantile } from "./normal-quantile.js";
import { randomStream } from "./random-stream.js";
import { fillFromWords } from "./word-normal.js";

const exactly = (words: Uint32Array) => Float32Array.from(words, (word) => normalQuantile((word + 0.5) / 2 ** 32));

const filled = (words: Uint32Array) => {
  const out = new Float32Array(words.length);
  fillFromWords(out, 0, out.length, words, 0);
  return out;
};

it("has the bits of the rounded quantile for two million random words", () => {
  const stream = randomStream(3, "words", 0);
  const words = Uint32Array.from({ length: 2 ** 21 }, () => stream.word());
  const [got, expected] = [filled(words), exactly(words)];
  expect(got.findIndex((z, n) => !Object.is(z, expected[n]))).toBe(-1);
});

it("has them at the ends of every segment and octave, in the tails and in the middle", () => {
  const ends: number[] = [0, 1, 2];
  for (let bit = 1; bit < 32; bit++) {
    const step = Math.max(1, 2 ** (bit - 8));
    for (let word = 2 ** bit; word < 2 ** (bit + 1); word += step) ends.push(word - 1, word, word + 1);
  }
  const words = Uint32Array.from(ends.flatMap((word) => [word, 2 ** 32 - 1 - word]));
  expect(filled(words)).toEqual(exactly(words));
});

it("fills a part only, from the words given", () => {
  const words = Uint32Array.of(1e9, 2e9, 3e9);
  const out = new Float32Array(4).fill(7);
  fillFromWords(out, 1, 3, words, 1);
  expect([...out]).toEqual([7, ...exactly(words.subarray(1)), 7]);
});
