/** Adapters that PEFT wrote, held to what PEFT merges them to: `make-files.py` made both. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { energyAndGradient, type Kernel, referenceBackend } from "@comhe/core";
import { describe, expect, test } from "vitest";
import { type LayerSource, type ModelContents, openModel } from "../../src/index.js";

interface Expected {
  readonly shape: readonly number[];
  readonly merged: readonly number[];
  readonly base: readonly number[];
}

const folder = fileURLToPath(new URL("./files/", import.meta.url));
const all: Record<string, Record<string, Expected>> = JSON.parse(readFileSync(`${folder}expected.json`, "utf8"));
const base = `${folder}base.safetensors`;

async function withModel<T>(
  name: string,
  options: { base?: string },
  body: (model: ModelContents, layers: ReadonlyMap<string, LayerSource>) => Promise<T>,
): Promise<T> {
  const model = await openModel(`${folder}${name}`, options);
  try {
    return await body(model, new Map(model.layers.map((layer) => [layer.name, layer])));
  } finally {
    await model.close();
  }
}

/** Largest difference, by the largest of the numbers that are expected. */
function distance(got: ArrayLike<number>, want: readonly number[]): number {
  expect(got.length).toBe(want.length);
  const scale = want.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return want.reduce((most, x, n) => Math.max(most, Math.abs(x - got[n]!)), 0) / scale;
}

const transpose = (numbers: readonly number[], [rows, columns]: readonly number[]) =>
  Array.from(numbers, (_, n) => numbers[(n % rows!) * columns! + Math.floor(n / rows!)]!);

const products = [
  "plain",
  "plain-bin",
  "rslora",
  "patterns",
  "conv",
  "embedding",
  "fan-in-fan-out",
  "adalora",
  "kohya.safetensors",
];

describe.each(products)("%s", (name) => {
  test("ΔW, and nothing else of the adapter", async () => {
    await withModel(name, {}, async (model, layers) => {
      const expected = all[name]!;
      const own = model.layers.filter((layer) => !/^base_model|^embed\.base_layer/.test(layer.name));
      expect(own.length).toBe(Object.keys(expected).length);
      for (const [key, { shape, merged, base: before }] of Object.entries(expected)) {
        const layer = layers.get(key) ?? layers.get(`lora_unet_${key}`)!;
        const difference = merged.map((x, n) => x - before[n]!);
        // GPT-2's matrices are stored [in, out]; ΔW alone is given [out, in].
        const turned = name === "fan-in-fan-out";
        expect(layer.shape).toEqual(turned ? [...shape].reverse() : shape);
        expect(layer.layout).toBe("neurons-first");
        expect(distance(await layer.read(), turned ? transpose(difference, shape) : difference)).toBeLessThan(1e-6);
        expect(layer.note).toMatch(/rank \d.*all its neurons lie in \d of \d+ dimensions/);
        if (layer.readPart) {
          const whole = await layer.read();
          for (const [from, count] of [
            [1, 5],
            [whole.length - 4, 4],
            [0, whole.length],
          ] as const) {
            expect([...(await layer.readPart(from, count))]).toEqual([...whole.subarray(from, from + count)]);
          }
        }
      }
    });
  });
});

describe.each([...products, "dora", "dora-embedding"])("%s with its base model", (name) => {
  test("W + ΔW as PEFT merges it, and nothing else of the base model", async () => {
    await withModel(name, { base }, async (model, layers) => {
      const expected = all[name]!;
      const own = model.layers.filter((layer) => !/^base_model|^embed\.base_layer/.test(layer.name));
      expect(own.map((layer) => layer.name).sort()).toEqual(Object.keys(expected).sort());
      for (const [key, { shape, merged }] of Object.entries(expected)) {
        const layer = layers.get(key)!;
        expect(layer.shape).toEqual(shape);
        expect(layer.layout).toEqual(name === "fan-in-fan-out" ? "neurons-last" : "neurons-first");
        expect(distance(await layer.read(), merged), key).toBeLessThan(1e-6);
        const whole = await layer.read();
        expect([...(await layer.readPart!(3, 7))]).toEqual([...whole.subarray(3, 10)]);
      }
    });
  });
});

test("a layer that was trained as a whole stays a layer", async () => {
  await withModel("plain", {}, async (model) => {
    expect(model.layers.map((layer) => layer.name)).toContain("base_model.model.head.weight");
  });
});

test.each(["plain/adapter_config.json", "plain/adapter_model.safetensors", "plain-bin/adapter_config.json"])(
  "%s",
  async (name) => {
    await withModel(name, {}, async (model) => {
      expect(model.layers.map((layer) => layer.name).sort()).toEqual([
        "base_model.model.head.weight",
        "first.weight",
        "second.weight",
      ]);
      expect(model.layers.find((layer) => layer.name === "first.weight")!.note).toMatch(/rank 3, scale 2/);
    });
  },
);

describe("orthogonal adapters", () => {
  const energy = async (data: Float64Array, shape: readonly number[]) => {
    const kernel: Kernel = { data, shape };
    const spec = (space: "full" | "half") => ({ space, separationFloor: 0 });
    const energies = ["full", "half"] as const;
    return Promise.all(
      energies.map(async (space) => (await energyAndGradient(referenceBackend(), spec(space), kernel)).energy),
    );
  };

  test.each([
    ["oft", 1e-6],
    ["boft", 1e-6],
  ])("%s: what PEFT merges has other numbers and the same energy", async (name, tolerance) => {
    const modules = Object.entries(all[name]!);
    expect(modules.length).toBe(2);
    for (const [, { shape, merged, base: before }] of modules) {
      expect(distance(merged, before)).toBeGreaterThan(0.1);
      const [after, first] = [
        await energy(Float64Array.from(merged), shape),
        await energy(Float64Array.from(before), shape),
      ];
      for (const [n, value] of after.entries()) expect(Math.abs(value - first[n]!) / first[n]!).toBeLessThan(tolerance);
    }
  });

  test.each(["oft", "boft", "oft-series"])("%s: said so, and nothing of it is a layer", async (name) => {
    await withModel(name, {}, async (model) => {
      expect(model.layers).toEqual([]);
      expect(model.skipped.length).toBeGreaterThan(1);
      for (const { reason } of model.skipped) {
        expect(reason).toMatch(
          /"(first|second)" is turned by an orthogonal matrix \(B?OFT\).*its energy is the base model's/,
        );
      }
    });
  });

  test.each(["oft", "boft"])("%s: with the base model, its matrices", async (name) => {
    await withModel(name, { base }, async (model, layers) => {
      expect(model.layers.map((layer) => layer.name).sort()).toEqual(["first.weight", "second.weight"]);
      for (const [key, { base: before }] of Object.entries(all[name]!)) {
        expect(distance(await layers.get(key)!.read(), before)).toBe(0);
        expect(layers.get(key)!.note).toMatch(/changes no angle/);
      }
    });
  });

  test("a series that isn't quite orthogonal is measured", async () => {
    await withModel("oft-series", {}, async (model) => {
      const [, measured] = /orthogonal to ([\d.e-]+) \(5 terms/.exec(model.skipped[0]!.reason)!;
      // What PEFT merges keeps its rows' lengths as well as its matrix is orthogonal.
      const [{ shape, merged, base: before }] = Object.values(all["oft-series"]!) as [Expected];
      const [rows, columns] = shape as [number, number];
      const square = (numbers: readonly number[], row: number) =>
        numbers.slice(row * columns, (row + 1) * columns).reduce((sum, x) => sum + x * x, 0);
      const departures = Array.from({ length: rows }, (_, row) =>
        Math.abs(square(merged, row) / square(before, row) - 1),
      );
      expect(Math.max(...departures)).toBeGreaterThan(1e-6);
      expect(Math.max(...departures)).toBeLessThan(2 * Number(measured));
    });
  });
});

describe("what can't be put together", () => {
  test("LoHa", async () => {
    await withModel("loha", {}, async (model) => {
      expect(model.layers).toEqual([]);
      for (const { reason } of model.skipped)
        expect(reason).toMatch(/"hada_w\d_[ab]", a part of an adapter that isn't put together/);
    });
  });

  test("a base model that is none of the adapter's", async () => {
    const other = `${folder}plain/adapter_model.safetensors`;
    await expect(openModel(`${folder}conv`, { base: other })).rejects.toThrow(
      /expected "conv.weight" of shape \[5, 3, 3, 3\].*it has none/,
    );
    await expect(openModel(base, { base })).rejects.toThrow(/the file holds no adapter/);
  });
});
