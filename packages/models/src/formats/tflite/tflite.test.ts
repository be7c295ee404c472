/** TensorFlow Lite against its interpreter: the same constants, as floats, halves and codes with scales. */
import { readFileSync } from "node:fs";
import { EnergyError, neuronAxes } from "@comhe/core/layouts";
import { describe, expect, it } from "vitest";
import { openModel } from "../../open-model.js";

const fixture = (name: string) => readFileSync(new URL(`../../../test/fixtures/tflite/${name}`, import.meta.url));
const open = (bytes: Uint8Array, name: string) => openModel(bytes, { name });
type Tensors = Record<string, { shape: number[]; numbers: number[] }>;
const tensors: Record<string, Tensors> = JSON.parse(fixture("tensors.json").toString());

describe.each(["float", "half", "int8"])("%s.tflite", (name) => {
  const bytes = new Uint8Array(fixture(`${name}.tflite`));

  it("has the interpreter's numbers, whole and in parts", async () => {
    const { layers } = await open(bytes, `${name}.tflite`);
    for (const layer of layers) {
      const wanted = tensors[name]![layer.name];
      expect(wanted, layer.name).toBeDefined();
      expect(layer.shape).toEqual(wanted!.shape);
      const numbers = Array.from(await layer.read());
      expect(numbers, layer.name).toEqual(wanted!.numbers.map(Math.fround));
      expect(Array.from(await layer.readPart!(3, 5))).toEqual(numbers.slice(3, 8));
    }
  });

  it("has the neurons of five layers", async () => {
    const { layers } = await open(bytes, `${name}.tflite`);
    const found = layers.map(({ kind, shape, layout }) => {
      const { count, dim } = neuronAxes(shape, layout);
      return `${kind} ${count}×${dim}`;
    });
    expect(found.sort()).toEqual([
      "CONV_2D 4×27",
      "DEPTHWISE_CONV_2D 8×9",
      "FULLY_CONNECTED 6×5",
      "FULLY_CONNECTED 7×6",
      "TRANSPOSE_CONV 5×32",
    ]);
  });
});

it("damaged files are refused or read, and never anything else", async () => {
  const sound = new Uint8Array(fixture("int8.tflite"));
  let refused = 0;
  for (let at = 0; at < sound.length; at += 37) {
    const bytes = sound.slice();
    bytes.fill(0xff, at, at + 3);
    const error = await open(bytes, "broken.tflite").then(
      async ({ layers }) => void (await Promise.all(layers.map(({ read }) => read()))),
      (reason: unknown) => reason,
    );
    if (error === undefined) continue;
    refused++;
    if (!EnergyError.isInstance(error)) expect.fail(`byte ${at}: ${String((error as Error).stack)}`);
  }
  expect(refused).toBeGreaterThan(0);
});
