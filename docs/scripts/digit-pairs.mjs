/**
 * A stand-in in CIFAR-100's binary format, for runs of `examples/cifar100` where CIFAR-100 isn't at hand: pairs of the
 * repository's handwritten digits, 00 to 99, each image in a dark colour on a light one. Rows 0 to 999 of the digits make the images to
 * learn from; the others, by other writers, those to test.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { randomStream } from "@comhe/core";

const source = join(import.meta.dirname, "..", "..", "examples", "digits", "data", "digits.csv.gz");
const learningRows = 1000;
const [brightest, shades] = [16, 96];

/** Writes `train.bin` and `test.bin` into `folder`: of each of the 100 classes as many images. */
export function writeDigitPairs(folder, imagesOfClass = { train: 40, test: 10 }) {
  const rows = gunzipSync(readFileSync(source)).toString().trim().split("\n").map(toDigit);
  const digits = { train: rows.slice(0, learningRows), test: rows.slice(learningRows) };
  for (const [part, count] of Object.entries(imagesOfClass)) {
    const random = randomStream(1, `digit pairs, ${part}`, 0);
    const below = (bound) => random.below(bound);
    const drawn = (digit) => {
      const fitting = digits[part].filter(({ label }) => label === digit);
      return fitting[below(fitting.length)].pixels;
    };
    const records = Array.from({ length: 100 * count }, (_, n) => {
      const [tens, units] = [Math.floor((n % 100) / 10), n % 10];
      return Buffer.of(tens, n % 100, ...image(drawn(tens), drawn(units), below));
    });
    writeFileSync(join(folder, `${part}.bin`), Buffer.concat(records));
  }
}

function toDigit(line) {
  const numbers = line.split(",").map(Number);
  const label = numbers.pop();
  if (numbers.length !== 64 || !(label <= 9)) throw new Error(`Expected 64 pixels and a digit, got: ${line}`);
  return { label, pixels: numbers };
}

/** Three planes of 32 × 32: each pixel of a digit is two wide and four high. */
function image(left, right, below) {
  return Array.from({ length: 3 }, () => {
    const [ink, paper] = [below(shades), 255 - below(shades)];
    return Array.from({ length: 1024 }, (_, at) => {
      const [row, column] = [at >> 7, (at & 31) >> 1];
      const darkness = (column < 8 ? left : right)[8 * row + (column & 7)] / brightest;
      return Math.round(paper + (ink - paper) * darkness);
    });
  }).flat();
}
