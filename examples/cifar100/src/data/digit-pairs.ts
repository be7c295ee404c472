/**
 * A stand-in for CIFAR-100, to try the example without it: pairs of the repository's handwritten digits, 00 to 99, in the
 * binary format, each image dark on light in colours of its own. Rows 0 to 999 of the digits make the images to learn from; the
 * others, by other writers, those to test.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type RandomStream, randomStream } from "@comhe/core";
import { UserError } from "@comhe-examples/study-kit/worker";
import { DIGITS_FILE } from "../paths.js";
import { CHANNELS, CLASSES, PIXELS, SIDE } from "./image-set.js";

interface Digit {
  readonly label: number;
  /** 8 × 8, 0 (paper) to 16 (ink). */
  readonly pixels: readonly number[];
}

const LEARNING_ROWS = 1000;
const DIGIT_SIDE = 8;
const DARKEST = 16;
/** Of ink, 0 and up; of paper, 255 and down. */
const SHADES = 96;
/** How many images of each class. */
const IMAGES = { train: 40, test: 10 } as const;

/**
 * Writes `train.bin` and `test.bin`.
 * @returns their paths
 * @throws UserError where the folder can't be written
 */
export function writeDigitPairs(folder: string): string[] {
  const digits = gunzipSync(readFileSync(DIGITS_FILE)).toString().trim().split("\n").map(toDigit);
  const writers = { train: digits.slice(0, LEARNING_ROWS), test: digits.slice(LEARNING_ROWS) };
  try {
    mkdirSync(folder, { recursive: true });
    return (["train", "test"] as const).map((part) => {
      const path = join(folder, `${part}.bin`);
      writeFileSync(path, records(writers[part], IMAGES[part], randomStream(1, `digit pairs, ${part}`, 0)));
      return path;
    });
  } catch (error) {
    throw new UserError(`${folder}: can't be written (${(error as Error).message}).`);
  }
}

function records(digits: readonly Digit[], imagesOfClass: number, random: RandomStream): Buffer {
  const byLabel = Array.from({ length: 10 }, (_, label) => digits.filter((digit) => digit.label === label));
  const drawn = (label: number) => byLabel[label]![random.below(byLabel[label]!.length)]!;
  const size = 2 + PIXELS;
  const all = Buffer.alloc(CLASSES * imagesOfClass * size);
  for (let n = 0; n < CLASSES * imagesOfClass; n++) {
    const label = n % CLASSES;
    const [tens, units] = [Math.floor(label / 10), label % 10];
    const record = all.subarray(n * size, (n + 1) * size);
    record.set([tens, label]);
    paint(record.subarray(2), drawn(tens), drawn(units), random);
  }
  return all;
}

function toDigit(line: string): Digit {
  const numbers = line.split(",").map(Number);
  return { label: numbers[DIGIT_SIDE ** 2]!, pixels: numbers.slice(0, DIGIT_SIDE ** 2) };
}

/** The digits side by side: each of their pixels is two wide and four high. */
function paint(pixels: Uint8Array, left: Digit, right: Digit, random: RandomStream): void {
  for (let channel = 0, at = 0; channel < CHANNELS; channel++) {
    const [ink, paper] = [random.below(SHADES), 255 - random.below(SHADES)];
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++, at++) {
        const [digitRow, digitColumn] = [row >> 2, column >> 1];
        const digit = digitColumn < DIGIT_SIDE ? left : right;
        const share = digit.pixels[DIGIT_SIDE * digitRow + (digitColumn % DIGIT_SIDE)]! / DARKEST;
        pixels[at] = Math.round(paper + (ink - paper) * share);
      }
    }
  }
}
