/** Keras files against Keras: the same neurons, out of every way in which a model is saved. */
import { readFileSync } from "node:fs";
import { EnergyError, toNeurons } from "@comhe/core/layouts";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { openModel } from "../../open-model.js";

const fixture = (name: string) => readFileSync(new URL(`../../../test/fixtures/keras/${name}`, import.meta.url));
const open = (name: string, bytes: Uint8Array = new Uint8Array(fixture(name))) => openModel(bytes, { name });
const neurons: Record<string, Record<string, number[][]>> = JSON.parse(fixture("neurons.json").toString());

/** By its numbers: names are the file's. */
const signature = (rows: number[][]) =>
  `${rows.length}×${rows[0]!.length} ${rows.map((row) => row.map((x) => x.toFixed(6)).join()).join(";")}`;

async function rowsOf(name: string): Promise<Map<string, string>> {
  const model = await open(name);
  const found = new Map<string, string>();
  for (const { name, shape, layout, read } of model.layers) {
    const { data, count, dim } = toNeurons({ data: await read(), shape, layout });
    found.set(name, signature(Array.from({ length: count }, (_, i) => [...data.subarray(i * dim, (i + 1) * dim)])));
  }
  await model.close();
  return found;
}

const files = ["layers.keras", "layers.h5", "layers.weights.h5", "trained.keras", "trained.h5", "written.weights.h5"];

describe.each([...files, "int8.keras", "bfloat16.keras", "keras2.h5", "keras2.weights.h5", "tf_model.h5"])(
  "%s",
  (name) => {
    it("has the neurons of its layers, and no others", async () => {
      const wanted = neurons[name.split(".")[0]!]!;
      const found = [...(await rowsOf(name)).values()].sort();
      for (const [key, value] of Object.entries(wanted)) expect(found, key).toContain(signature(value));
      expect(found.length).toBe(Object.keys(wanted).length);
    });
  },
);

it("layers have the names and the order of the network, gates are told, and what isn't a kernel says why", async () => {
  const { layers, skipped } = await open("layers.keras");
  const names = layers.map((layer) => layer.name);
  expect(names.slice(0, 4)).toEqual(
    ["input gate", "forget gate", "cell", "output gate"].map((gate) => `both/backward_lstm/lstm_cell/kernel [${gate}]`),
  );
  expect(names.filter((name) => /^inner|^out|^attention\/query|^simple/.test(name))).toEqual([
    "simple/simple_rnn_cell/kernel",
    "simple/simple_rnn_cell/recurrent_kernel",
    "attention/query/kernel",
    "inner/conv/kernel",
    "inner/up/kernel",
    "inner/separable/depthwise_kernel",
    "inner/separable/pointwise_kernel",
    "inner/depth/kernel",
    "out/kernel",
  ]);
  expect(layers.find(({ name }) => name === "attention/query/kernel")).toMatchObject({ role: "query" });
  expect(layers.find(({ name }) => name === "inner/up/kernel")).toMatchObject({ kind: "Conv1DTranspose" });
  const reason = (name: string) => skipped.find((tensor) => tensor.name === name)?.reason;
  expect(reason("gated/gru_cell/2")).toBe("a bias");
  expect(reason("slope/0")).toMatch(/isn't a kernel/);
});

it("the optimizer's state is left out by name", async () => {
  for (const name of ["trained.keras", "trained.h5"]) {
    const { skipped } = await open(name);
    const states = skipped.filter(({ reason }) => /optimizer/.test(reason));
    expect(states.length, name).toBe(10);
  }
});

it("codes without a config that says how they are packed are left out", async () => {
  const { unzipSync } = await import("fflate");
  const parts = unzipSync(new Uint8Array(fixture("int8.keras")));
  const { layers, skipped } = await open("model.weights.h5", parts["model.weights.h5"]);
  expect(layers).toEqual([]);
  expect(skipped.map(({ reason }) => reason).join()).toMatch(/int8 codes, and no config/);
});

it("a compressed archive gives the same, and a damaged config is an error", async () => {
  const { unzipSync } = await import("fflate");
  const parts = unzipSync(new Uint8Array(fixture("trained.keras")));
  const { layers } = await open("packed.keras", zipSync(parts, { level: 9 }));
  const wanted = neurons.trained!.hidden!;
  expect(Array.from((await layers[0]!.read()).slice(0, 1))[0]).toBeCloseTo(wanted[0]![0]!, 6);
  const error = await open("broken.keras", zipSync({ ...parts, "config.json": new TextEncoder().encode("{") })).catch(
    (reason: unknown) => reason,
  );
  expect(EnergyError.isInstance(error) && error.message).toMatch(/broken\.keras: its config isn't JSON/);
});
