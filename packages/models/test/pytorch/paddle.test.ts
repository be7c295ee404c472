/** Parameters of PaddlePaddle, which are pickles too, whose Linear layers are [in, out]: make_paddle.py. */
import { readFileSync } from "node:fs";
import { toNeurons } from "@comhe/core/layouts";
import { expect, test } from "vitest";
import { openModel } from "../../src/index.js";

const file = (name: string) => readFileSync(new URL(`./files/${name}`, import.meta.url));

test("neurons of square and of unbiased layers, of convolutions and tables; shared parameters once", async () => {
  const rows: Record<string, number[][]> = JSON.parse(file("paddle.json").toString());
  const { layers, skipped } = await openModel(new Uint8Array(file("paddle.pdparams")), { name: "paddle.pdparams" });
  for (const [name, expected] of Object.entries(rows)) {
    const layer = layers.find((each) => each.name === name)!;
    const { data, count, dim } = toNeurons({ data: await layer.read(), shape: layer.shape, layout: layer.layout });
    const found = Array.from({ length: count }, (_, i) => [...data.subarray(i * dim, (i + 1) * dim)]);
    expect(found, name).toEqual(expected);
  }
  // The gates of the recurrent layer, from the input and from the state.
  expect(layers.length).toBe(Object.keys(rows).length + 8);
  expect(skipped.filter(({ reason }) => /tied weights$/.test(reason)).map(({ name }) => name)).toContain(
    "lstm.0.cell.weight_ih",
  );
});

test("a pickle without an array says so", async () => {
  // {"a": 1}
  const { notes } = await openModel(Uint8Array.from([0x80, 2, 0x7d, 0x58, 1, 0, 0, 0, 0x61, 0x4b, 1, 0x73, 0x2e]), {
    name: "numbers.pkl",
  });
  expect(notes.at(-1)).toMatch(/no array at all/);
});
