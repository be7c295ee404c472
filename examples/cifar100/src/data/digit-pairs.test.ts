import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { newFolder } from "../../test/synthetic.js";
import { loadCifar } from "./cifar-data.js";
import { writeDigitPairs } from "./digit-pairs.js";
import { PIXELS } from "./image-set.js";

it("makes as many images of each class, the same each time, with ink where the digits have it", () => {
  const [folder, again] = [newFolder(), newFolder()];
  expect(writeDigitPairs(join(folder, "new"))).toEqual(
    ["train.bin", "test.bin"].map((name) => join(folder, "new", name)),
  );
  writeDigitPairs(again);
  const { training, test, format } = loadCifar(join(folder, "new"));
  expect([format, training.count, test.count]).toEqual(["binary", 4000, 1000]);
  for (let label = 0; label < 100; label++) {
    expect(training.labels.filter((each) => each === label).length).toBe(40);
  }
  // By their bytes: the runner takes its time over millions of numbers.
  expect(Buffer.compare(training.pixels, loadCifar(again).training.pixels)).toBe(0);
  // The corner of the left digit is paper, lighter than any ink; a tenth to a half of an image is dark.
  for (const { pixels, count } of [training, test]) {
    const dark = pixels.filter((value) => value < 128).length / pixels.length;
    expect(dark).toBeGreaterThan(0.1);
    expect(dark).toBeLessThan(0.5);
    expect(Array.from({ length: count }, (_, n) => pixels[n * PIXELS]!).every((value) => value >= 160)).toBe(true);
  }
});

it("says where it can't write", () => {
  const file = join(newFolder(), "file");
  writeFileSync(file, "");
  expect(() => writeDigitPairs(file)).toThrow(/file: can't be written \(E/);
});
