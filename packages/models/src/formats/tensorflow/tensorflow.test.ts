/** TensorFlow's variables: a SavedModel by its graph's file, a checkpoint by its index; numbers, places, and what is refused. */
import { readFileSync } from "node:fs";
import { EnergyError, toNeurons } from "@comhe/core/layouts";
import { describe, expect, it } from "vitest";
import { openModel } from "../../open-model.js";
import { memorySource } from "../../source/memory-source.js";
import type { Neighbours } from "../../source/neighbours.js";

const folder = new URL("../../../test/fixtures/tensorflow/", import.meta.url);
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(name, folder)));
const arrays: Record<string, Record<string, { shape: number[]; numbers: number[] }>> = JSON.parse(
  new TextDecoder().decode(fixture("arrays.json")),
);
/** A graph's first bytes: a version, then graphs. */
const graph = Uint8Array.of(8, 1, 0x12, 2, 0x0a, 0);

function beside(
  base: string,
  change: (name: string, bytes: Uint8Array) => Uint8Array | undefined = (_, bytes) => bytes,
) {
  const neighbours: Neighbours = {
    async open(name) {
      const bytes = change(name, fixture(`${base}${name}`));
      return bytes && memorySource(bytes, name);
    },
    list: async () => [],
  };
  return neighbours;
}
const openSaved = (neighbours = beside("saved/")) => openModel(graph, { name: "m/saved_model.pb", neighbours });
const openPlain = (bytes = fixture("plain.index"), neighbours = beside("")) =>
  openModel(bytes, { name: "plain.index", neighbours });

describe.each([
  ["saved", () => openSaved()],
  ["plain", () => openPlain()],
] as const)("%s", (name, open) => {
  it("has the variables that TensorFlow wrote, whole and in parts", async () => {
    const { layers } = await open();
    expect(layers.map((layer) => layer.name).sort()).toEqual(Object.keys(arrays[name]!).sort());
    for (const layer of layers) {
      const { shape, numbers } = arrays[name]![layer.name]!;
      expect(layer.shape).toEqual(shape);
      expect(Array.from(await layer.read())).toEqual(numbers);
      expect(Array.from(await layer.readPart!(2, 5))).toEqual(numbers.slice(2, 7));
    }
  });
});

it("kernels have their neurons last; the optimizer's state and whole numbers are left out by name", async () => {
  const saved = await openSaved();
  expect(saved.layers.map(({ layout }) => layout)).toEqual(["neurons-last", "neurons-last"]);
  expect(saved.skipped.filter(({ reason }) => /optimizer/.test(reason)).length).toBeGreaterThan(7);
  const { skipped } = await openPlain();
  expect(skipped.find(({ name }) => name === "whole")!.reason).toMatch(/int64, not floating point/);
});

it("what Keras 3 exports has the neurons of its layers once, by their names and in the order of the network", async () => {
  const neurons: Record<string, number[][]> = JSON.parse(new TextDecoder().decode(fixture("exported.json")));
  const { layers, skipped } = await openSaved(beside("exported/"));
  expect(layers.map(({ name }) => name).sort()).toEqual(Object.keys(neurons).sort());
  for (const { name, shape, layout, read } of layers) {
    const { data, count, dim } = toNeurons({ data: await read(), shape, layout });
    const rows = Array.from({ length: count }, (_, i) => [...data.subarray(i * dim, (i + 1) * dim)]);
    expect(rows, name).toEqual(neurons[name]);
  }
  expect(layers[0]!.name).toBe("conv/kernel");
  const reasons = Object.fromEntries(skipped.map(({ name, reason }) => [name, reason]));
  expect(reasons["norm/gamma"]).toMatch(/of a norm/);
  expect(Object.values(reasons).filter((reason) => /once more$/.test(reason)).length).toBeGreaterThan(6);
});

it("variables whose names can't be read keep their keys, and have their neurons on the last axis", async () => {
  const unnamed = beside("exported/", (name, bytes) => {
    if (!name.includes(".data-")) return bytes;
    // Keys in the graph of objects that no variable has.
    const text = String.fromCharCode(...bytes).replaceAll("VARIABLE_VALUE", "VARIABLE_OTHER");
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  });
  const { layers } = await openSaved(unnamed);
  expect(layers.length).toBeGreaterThan(20);
  for (const { name, layout, note } of layers) {
    expect(name).toMatch(/^(_all_)?variables\/\d+$/);
    expect(layout).toBe("neurons-last");
    expect(note).toContain("as in TensorFlow");
  }
});

it("of a checkpoint in the middle of training, what optimizers and averages keep is left out", async () => {
  const { layers, skipped } = await openModel(fixture("trained.index"), {
    name: "trained.index",
    neighbours: beside(""),
  });
  expect(layers.map(({ name }) => name)).toEqual(["dense/kernel", "lone/kernel/ExponentialMovingAverage"]);
  const reasons = skipped.map(({ reason }) => reason);
  expect(reasons.filter((reason) => /optimizer/.test(reason)).length).toBe(6);
  expect(reasons).toContain('an averaged copy of "dense/kernel"');
});

describe("refused", () => {
  const refusal = async (opening: Promise<unknown>) => {
    const error = await opening.catch((reason: unknown) => reason);
    return EnergyError.isInstance(error) ? error.message : expect.fail(String(error));
  };

  it("a graph alone, an index alone, data that are cut short", async () => {
    const nothing = beside("saved/", () => undefined);
    expect(await refusal(openSaved(nothing))).toMatch(/saved_model\.pb: a SavedModel whose variables aren't beside it/);
    expect(
      await refusal(
        openPlain(
          undefined,
          beside("", () => undefined),
        ),
      ),
    ).toMatch(/expected plain\.data-00000-of-00001/);
    expect(
      await refusal(
        openPlain(
          undefined,
          beside("", (_, bytes) => bytes.slice(0, 90)),
        ),
      ),
    ).toMatch(/ends at byte/);
    expect(await refusal(openPlain(fixture("plain.index").slice(0, 300)))).toMatch(/cut short or altered/);
  });

  it("damage anywhere in the index is an error of ours, or does no harm", async () => {
    const sound = fixture("plain.index");
    for (let at = 2; at < sound.length; at++) {
      for (const value of [0xff, 0x80, 0]) {
        const bytes = sound.slice();
        bytes[at] = value;
        const error = await openPlain(bytes).then(
          async ({ layers }) => void (await Promise.all(layers.map(({ read }) => read()))),
          (reason: unknown) => reason,
        );
        if (error !== undefined && !EnergyError.isInstance(error))
          expect.fail(`byte ${at}: ${String((error as Error).stack)}`);
      }
    }
  });
});
