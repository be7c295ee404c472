/** What PyTorch's modules compute with, of files that store it in parts; `make-files.py` made both. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openModel } from "../../src/index.js";

const folder = fileURLToPath(new URL("./files/", import.meta.url));
const files: Record<string, Record<string, { shape: number[]; numbers: number[] }>> = JSON.parse(
  readFileSync(`${folder}layers.json`, "utf8"),
);

describe.each(Object.entries(files))("%s", (name, expected) => {
  test("its layers, and no others", async () => {
    const model = await openModel(`${folder}${name}`);
    expect(model.layers.map((layer) => layer.name).sort()).toEqual(Object.keys(expected).sort());
    for (const layer of model.layers) {
      const { shape, numbers } = expected[layer.name]!;
      expect(layer.shape).toEqual(shape);
      const values = [...(await layer.read())];
      expect(values, layer.name).toEqual(numbers.map((x) => expect.closeTo(x, 6)));
      expect([...(await layer.readPart!(5, 9))]).toEqual(values.slice(5, 14));
    }
    await model.close();
  });
});
