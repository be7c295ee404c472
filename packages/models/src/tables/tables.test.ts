/** Tables of vectors as pyarrow and pandas write them: the same rows out of all of them, and what is refused. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openModel } from "../open-model.js";

const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/tables/${name}`, import.meta.url));
const values: { vectors: number[]; names: string[]; rows: number; width: number } = JSON.parse(
  fixture("values.json").toString(),
);
const open = (name: string) => openModel(new Uint8Array(fixture(name)), { name });

describe.each([
  ...["none", "snappy", "gzip", "brotli", "zstd", "lz4"].map((codec) => `${codec}.parquet`),
  ...["lists", "pages", "split", "half", "several", "columns"].map((kind) => `${kind}.parquet`),
  ...["file", "stream", "large", "half", "several", "lz4", "zstd", "feather", "columns"].map((kind) => `${kind}.arrow`),
])("%s", (name) => {
  it("has the rows that were written, whole and in parts", async () => {
    const { layers } = await open(name);
    expect(layers.map((layer) => layer.name)).toEqual(
      /^several/.test(name) ? ["embedding", "second"] : [/^columns/.test(name) ? "table" : "embedding"],
    );
    for (const layer of layers) {
      expect(layer).toMatchObject({ shape: [values.rows, values.width], layout: "neurons-first", kind: "vectors" });
      expect(Array.from(await layer.read())).toEqual(values.vectors);
      for (const [from, count] of [
        [0, 6],
        [84, 18],
        [6 * 29, 12],
        [1, 3],
        [239, 1],
        [89, 2],
        [12, 0],
      ] as const) {
        expect(Array.from(await layer.readPart!(from, count)), `from ${from}`).toEqual(
          values.vectors.slice(from, from + count),
        );
      }
    }
  });

  it("has the names of its rows, where it has a column of texts", async () => {
    const [layer] = (await open(name)).layers;
    // A column of codes into a dictionary, and a table without texts.
    if (/^(columns\.arrow|split\.parquet)$/.test(name)) expect(await layer!.rowNames?.()).toBeUndefined();
    else expect(await layer!.rowNames!()).toEqual(values.names);
  });
});

describe("rows that aren't all there", () => {
  it.each(["ragged.parquet", "null-row.parquet", "null-row.arrow", "null-entry.arrow"])(
    "%s: left out",
    async (name) => {
      const { layers, skipped } = await open(name);
      expect(layers).toEqual([]);
      expect(skipped.find((column) => /^(v|embedding)$/.test(column.name))!.reason).toMatch(/different lengths|null/);
    },
  );

  it.each([
    ["ragged-even.parquet", /different lengths/],
    ["ragged.arrow", /different lengths/],
    ["null-entry.parquet", /row 3 is empty or has a null/],
  ])("%s: refused when it is read", async (name, message) => {
    const [layer] = (await open(name)).layers;
    await expect(layer!.read()).rejects.toThrow(message);
  });
});
