import { type Layout, neuronAxes, toNeurons } from "@comhe/core/layouts";
import { expect, it } from "vitest";
import { draws } from "../test/support/stored-numbers.js";
import type { LayerSource } from "./layer-source.js";
import { readNeurons } from "./read-neurons.js";

function layerOf(shape: readonly number[], layout: Layout) {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, (_, n) => n);
  const reads: number[] = [];
  const layer: LayerSource = {
    name: "w",
    kind: "matrix",
    shape,
    layout,
    dataType: "float32",
    read: async () => data,
    async readPart(from, wanted) {
      reads.push(wanted);
      return data.slice(from, from + wanted);
    },
  };
  return { layer, data, reads };
}

it.each<[readonly number[], Layout]>([
  [[50, 7], "neurons-first"],
  [[7, 50], "neurons-last"],
  [[3, 2, 5, 8], "neurons-last"],
  [[3, 3, 5, 4], "depthwise"],
  [[6, 9, 2, 2], { neuronAxes: [1] }],
  [[4, 5, 6], { neuronAxes: [2, 0] }],
  [[5, 3, 4], "neurons-first"],
])("any neurons of %j, %j", async (shape, layout) => {
  const { layer, data } = layerOf(shape, layout);
  const { count, dim } = neuronAxes(shape, layout);
  const all = toNeurons({ data, shape, layout }).data;
  for (const seed of [1, 2, 3]) {
    const chosen = [...new Set(draws(seed, Math.ceil(count / 2), count))].sort((a, b) => a - b);
    const rows = await readNeurons(layer, chosen);
    expect(Array.from(rows)).toEqual(chosen.flatMap((n) => Array.from(all.subarray(n * dim, (n + 1) * dim))));
  }
});

it("reads only the rows that are asked for, neighbours at once", async () => {
  const { layer, reads } = layerOf([2000, 1000], "neurons-first");
  await readNeurons(layer, [3, 4, 10, 1500]);
  expect(reads).toEqual([8000, 1000]);
});

it("says what can't be had", async () => {
  const { layer } = layerOf([4, 3], "neurons-first");
  await expect(readNeurons(layer, [1, 1])).rejects.toThrow(RangeError);
  await expect(readNeurons(layer, [4])).rejects.toThrow(RangeError);
  const { readPart: _, ...whole } = layer;
  await expect(readNeurons(whole, [1])).rejects.toThrow("can't be read in parts");
});
