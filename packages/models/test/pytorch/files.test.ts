/** Files that PyTorch wrote, read number by number as PyTorch reads them: `make-files.py` made both. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readFixture } from "./support/read-fixture.js";

interface Expected {
  readonly shape: readonly number[];
  readonly numbers: readonly number[];
}

const folder = new URL("./files/", import.meta.url);
const files: Record<string, Record<string, Expected>> = JSON.parse(
  // JSON has no NaN and no infinity; Python writes them all the same.
  readFileSync(new URL("expected.json", folder), "utf8").replace(/\b(NaN|-?Infinity)\b/g, "null"),
);

describe.each(Object.entries(files))("%s", (name, tensors) => {
  test("numbers, whole and in parts", async () => {
    const { found } = await readFixture(name);
    expect([...found.keys()].sort()).toEqual(expect.arrayContaining(Object.keys(tensors).sort()));
    for (const [key, { shape, numbers }] of Object.entries(tensors)) {
      const tensor = found.get(key)!;
      expect(tensor.shape, key).toEqual(shape);
      expect(
        [...(await tensor.read(0, numbers.length))].map((x) => (Number.isFinite(x) ? x : null)),
        key,
      ).toEqual(numbers.map(asStored(tensor.dataType)));
      for (const [from, count] of [
        [1, 3],
        [Math.floor(numbers.length / 2), 1],
        [2, numbers.length - 3],
      ] as const) {
        if (count < 0 || from + count > numbers.length) continue;
        const part = [...(await tensor.read(from, count))];
        expect(part, `${key}, ${count} from ${from}`).toEqual(
          numbers.slice(from, from + count).map(asStored(tensor.dataType)),
        );
      }
    }
  });

  test("matrices beside those are left out, with a reason", async () => {
    const { found, skipped } = await readFixture(name);
    const others = [...found.values()].filter(
      (tensor) => tensor.shape.length > 1 && !Object.hasOwn(tensors, tensor.name),
    );
    expect(others.map((tensor) => tensor.name)).toEqual([]);
    for (const { reason } of skipped) expect(reason).not.toBe("");
  });
});

/** PyTorch dequantizes in float32 throughout; here the product is rounded once. Others are exact. */
const asStored = (dataType: string) => (x: number) => (/quantized/.test(dataType) ? expect.closeTo(x, 6) : x);
