import { describe, expect, it } from "vitest";
import { stripes } from "../../test/synthetic.js";
import { TrainingBatches, takeBatch } from "./batches.js";
import { PIXELS } from "./image-set.js";

/** Pixels that say where they are: red 32·y mod 256, green x, blue 7. */
const ramp = {
  count: 1,
  labels: Uint8Array.of(0),
  pixels: Uint8Array.from({ length: PIXELS }, (_, at) => {
    const [y, x] = [Math.floor((at % 1024) / 32), at % 32];
    return [y, x, 7][Math.floor(at / 1024)]!;
  }),
};
const pixelOf = (pixels: Float32Array, y: number, x: number) =>
  Array.from(pixels.subarray((y * 32 + x) * 3, (y * 32 + x) * 3 + 3), (value) => value * 128 + 127.5);

describe("takeBatch", () => {
  it("puts channels last and scales", () => {
    const { pixels } = takeBatch(ramp, [0]);
    expect(pixelOf(pixels, 5, 9)).toEqual([5, 9, 7]);
    expect(pixels[0]).toBe(-127.5 / 128);
  });

  it("crops out of the image with its border mirrored, the border's pixels twice", () => {
    const at = (top: number, left: number, flip = false) => takeBatch(ramp, [0], () => ({ top, left, flip })).pixels;
    expect(pixelOf(at(0, 0), 0, 0)).toEqual([3, 3, 7]);
    expect(pixelOf(at(0, 0), 3, 3)).toEqual([0, 0, 7]);
    expect(pixelOf(at(0, 0), 4, 4)).toEqual([0, 0, 7]);
    expect(pixelOf(at(8, 8), 31, 31)).toEqual([28, 28, 7]);
    expect(pixelOf(at(8, 8), 27, 27)).toEqual([31, 31, 7]);
    expect(pixelOf(at(4, 4, true), 10, 0)).toEqual([10, 31, 7]);
    expect(pixelOf(at(4, 6, true), 10, 31)).toEqual([10, 2, 7]);
  });
});

describe("TrainingBatches", () => {
  const images = stripes(20);

  it("takes every image once a pass but for the rest, each pass in another order", () => {
    const batches = new TrainingBatches(
      { ...images, labels: Uint8Array.from({ length: 20 }, (_, n) => n) },
      6,
      1,
      false,
    );
    expect(batches.perPass).toBe(3);
    const pass = (first: number) => [0, 1, 2].flatMap((n) => [...batches.at(first + n).labels]);
    expect(new Set(pass(0)).size).toBe(18);
    expect(pass(3)).not.toEqual(pass(0));
  });

  it("makes a step's batch by the seed and the step alone", () => {
    const there = new TrainingBatches(images, 6, 1, true);
    there.at(0);
    const again = new TrainingBatches(images, 6, 1, true);
    expect(again.at(7)).toEqual(there.at(7));
    expect(new TrainingBatches(images, 6, 2, true).at(7)).not.toEqual(there.at(7));
  });

  it("draws all crops and flips about equally often", () => {
    const one = new TrainingBatches({ ...ramp, count: 1 }, 1, 3, true);
    const seen = new Map<string, number>();
    const draws = 3240;
    for (let step = 0; step < draws; step++) {
      const { pixels } = one.at(step);
      // The middle tells the crop, its neighbour the flip.
      const [y, x] = pixelOf(pixels, 16, 16);
      const key = `${y}, ${x}, ${pixelOf(pixels, 16, 17)[1]! < x!}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    expect(seen.size).toBe(9 * 9 * 2);
    // 20 expected of each; 6 standard deviations.
    for (const count of seen.values()) expect(Math.abs(count - 20)).toBeLessThan(6 * Math.sqrt(20));
  });
});
