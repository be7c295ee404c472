/** Flax' msgpack against Flax: shapes, numbers and types, arrays in pieces, and what is refused. */
import { readFileSync } from "node:fs";
import { EnergyError } from "@comhe/core/layouts";
import { describe, expect, it } from "vitest";
import { openModel } from "../../open-model.js";

const fixture = (name: string) => readFileSync(new URL(`../../../test/fixtures/flax/${name}`, import.meta.url));
const open = (bytes: Uint8Array, name: string) => openModel(bytes, { name });
type Arrays = Record<string, { shape: number[]; numbers: number[] }>;
const arrays: Record<string, Arrays> = JSON.parse(fixture("arrays.json").toString());

describe.each(["params", "pieces"])("%s.msgpack", (name) => {
  it("has the arrays that Flax wrote, whole and in parts", async () => {
    const { layers } = await open(new Uint8Array(fixture(`${name}.msgpack`)), `${name}.msgpack`);
    const wanted = Object.entries(arrays[name]!).filter(
      ([key, { shape }]) => shape.length > 1 && !/opt_state/.test(key),
    );
    expect(layers.map((layer) => layer.name).sort()).toEqual(wanted.map(([key]) => key).sort());
    for (const layer of layers) {
      const { shape, numbers } = arrays[name]![layer.name]!;
      expect(layer.shape).toEqual(shape);
      expect(Array.from(await layer.read())).toEqual(numbers);
      expect(Array.from(await layer.readPart!(3, 11))).toEqual(numbers.slice(3, 14));
    }
  });
});

it("kernels have their neurons on the last axis, embeddings on the first; the optimizer's state is left out", async () => {
  const { layers, skipped } = await open(new Uint8Array(fixture("params.msgpack")), "params.msgpack");
  const layout = (name: string) => layers.find((layer) => layer.name === name)!.layout;
  expect(layout("params/Dense_0/kernel")).toEqual("neurons-last");
  expect(layout("params/Conv_0/kernel")).toEqual("neurons-last");
  expect(layout("params/Embed_0/embedding")).toEqual("neurons-first");
  expect(skipped.find(({ name }) => /^opt_state/.test(name))!.reason).toMatch(/optimizer/);
  expect(layers.map(({ dataType }) => dataType)).toEqual(expect.arrayContaining(["float16", "bfloat16", "float32"]));
});

describe("refused", () => {
  const sound = new Uint8Array(fixture("params.msgpack"));
  const refusal = async (bytes: Uint8Array) => {
    const error = await open(bytes, "a.msgpack").catch((reason: unknown) => reason);
    return EnergyError.isInstance(error) ? error.message : expect.fail(String(error));
  };

  it("what is cut short, goes on, or claims more than there is", async () => {
    expect(await refusal(sound.slice(0, -9))).toMatch(
      /^a\.msgpack: not a sound msgpack file: .*\. Copy or download the file again/,
    );
    expect(await refusal(Uint8Array.of(...sound, 1))).toMatch(/1 bytes follow its end/);
    const key = [0xa1, 0x61];
    expect(await refusal(Uint8Array.of(0x81, ...key, 0xdf, 0xff, 0xff, 0xff, 0xff))).toMatch(
      /a map claims 4294967295 entries/,
    );
    expect(await refusal(Uint8Array.of(0x81, ...key, 0xc9, 0, 0, 1, 0, 1, 0x93))).toMatch(
      /an extension claims 256 bytes/,
    );
    expect(await refusal(Uint8Array.from([0x81, ...key, ...Array.from({ length: 200 }, () => 0x91), 1]))).toMatch(
      /levels/,
    );
  });
});
