import { gzipSync } from "node:zlib";
import { UserError } from "@comhe-examples/study-kit/worker";
import { describe, expect, it } from "vitest";
import { idx, newFolder, writeSynthetic } from "../test/synthetic.js";
import { loadFashion } from "./fashion-data.js";

const small = { training: 20, test: 10 };

describe("loadFashion", () => {
  it("reads gzipped and plain files", () => {
    const { training, test } = loadFashion(writeSynthetic(small));
    expect(training.count).toBe(20);
    expect(training.pixels).toHaveLength(20 * 784);
    expect([...training.labels.subarray(0, 12)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    expect(test.count).toBe(10);
    // Image 3 has its bar on rows 10 and 11.
    expect(test.pixels[3 * 784 + 10 * 28]).toBeGreaterThanOrEqual(200);
    expect(test.pixels[3 * 784 + 12 * 28]).toBeLessThan(60);
  });

  it("says how to get the data where there is none, and that it downloads nothing", () => {
    const folder = newFolder();
    expect(() => loadFashion(folder)).toThrow(UserError);
    expect(() => loadFashion(folder)).toThrow(
      /train-images-idx3-ubyte\.gz: not found\. This example downloads nothing\./,
    );
    expect(() => loadFashion(folder)).toThrow(/sudo apt install dataset-fashion-mnist.*--data/);
  });

  const images = "t10k-images-idx3-ubyte";
  const labels = "t10k-labels-idx1-ubyte";
  const pixels = new Uint8Array(10 * 784);
  it.each([
    [
      "another magic number",
      images,
      idx([10, 28, 28], pixels, 9),
      /unsigned bytes with 3 dimensions.*00000803.*got 00000903/,
    ],
    ["labels in the place of images", images, idx([10], new Uint8Array(10)), /3 dimensions.*got 00000801/],
    ["an empty file", images, Buffer.alloc(0), /got an empty file/],
    ["a header cut short", images, idx([10, 28, 28], []).subarray(0, 9), /header of 16 bytes, got 9/],
    [
      "values cut short",
      images,
      idx([10, 28, 28], pixels.subarray(1)),
      /7840 values \(10 × 28 × 28\), got 7839.*cut short/,
    ],
    ["values too many", labels, idx([10], new Uint8Array(11)), /10 values \(10\), got 11.*too long/],
    ["images of another size", images, idx([10, 14, 14], new Uint8Array(1960)), /28 × 28 pixels, got 14 × 14/],
    ["another number of labels", labels, idx([9], new Uint8Array(9)), /10 labels, one for each image of .*, got 9/],
    ["a label out of range", labels, idx([10], [1, 2, 3, 10, 4, 5, 6, 7, 8, 9]), /0 to 9, got 10 at position 3/],
  ])("refuses %s", (_, name, content, message) => {
    const folder = writeSynthetic(small, { [name]: content });
    expect(() => loadFashion(folder)).toThrow(UserError);
    expect(() => loadFashion(folder)).toThrow(message);
    expect(() => loadFashion(folder)).toThrow(name);
  });

  it("refuses a gzip file that was cut short", () => {
    const whole = gzipSync(idx([20], new Uint8Array(20)));
    const folder = writeSynthetic(small, { "train-labels-idx1-ubyte.gz": whole.subarray(0, 20) });
    expect(() => loadFashion(folder)).toThrow(/expected a whole gzip file, got 20 bytes/);
  });
});
