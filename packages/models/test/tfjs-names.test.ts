/** Models as TensorFlow.js itself writes them: every kernel is found, whatever its layer is called. */

import { toNeurons } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { openModel } from "../src/index.js";

/** What `model.save` writes, opened. */
async function saved(model: tf.LayersModel, change: (json: string) => string = (json) => json) {
  let artifacts: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = artifacts!;
  const shard = new File([weightData as ArrayBuffer], "group1-shard1of1.bin");
  const manifest = [{ paths: [shard.name], weights: weightSpecs }];
  const json = change(JSON.stringify({ modelTopology, weightsManifest: manifest }));
  return openModel(new File([json], "model.json"), { neighbours: [shard] });
}

/** Rows of a kernel whose neurons are its last axis, those of one gate. */
function columns(kernel: tf.Tensor, gate = 0, gates = 1): number[][] {
  const data = kernel.dataSync();
  const all = kernel.shape.at(-1)!;
  const size = all / gates;
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: data.length / all }, (_, k) => data[k * all + gate * size + i]!),
  );
}

async function rows(model: Awaited<ReturnType<typeof openModel>>, name: string): Promise<number[][]> {
  const layer = model.layers.find((each) => each.name === name);
  if (layer === undefined) throw new Error(`no ${name}: ${model.layers.map((each) => each.name).join(", ")}`);
  const { data, count, dim } = toNeurons({ data: await layer.read(), shape: layer.shape, layout: layer.layout });
  return Array.from({ length: count }, (_, i) => [...data.subarray(i * dim, (i + 1) * dim)]);
}

const weight = (model: tf.LayersModel, name: string) => model.weights.find((each) => each.name === name)!.read();

describe("TensorFlow.js", () => {
  test("layers with slashes, in models within models", async () => {
    const inner = tf.sequential({
      name: "in/ner",
      layers: [tf.layers.dense({ name: "block/dense", units: 5, inputShape: [4] })],
    });
    const model = tf.sequential({ layers: [inner, tf.layers.dense({ name: "dense", units: 3 })] });
    const opened = await saved(model);
    expect(opened.layers.map(({ name, kind, note }) => [name, kind, note])).toEqual([
      ["block/dense/kernel", "Dense", undefined],
      ["dense/kernel", "Dense", undefined],
    ]);
    expect(await rows(opened, "block/dense/kernel")).toEqual(columns(weight(model, "block/dense/kernel")));
  });

  test("a weight whose name was made another", async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ name: "head", units: 5, inputShape: [4] })] });
    const opened = await saved(model, (json) => json.replaceAll("head/kernel", "head_1/kernel"));
    expect(opened.layers).toMatchObject([
      { name: "head_1/kernel", kind: "Dense", layout: "neurons-last", note: undefined },
    ]);
  });

  test("a weight of no layer is placed by convention, and said so", async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ name: "head", units: 5, inputShape: [4] })] });
    const opened = await saved(model, (json) => json.replaceAll("head/kernel", "body/kernel"));
    expect(opened.layers).toMatchObject([
      {
        name: "body/kernel",
        layout: "neurons-last",
        note: "its layer isn't in the topology: last axis taken as neurons",
      },
    ]);
  });

  test("tables and transposed convolutions without a topology", async () => {
    const model = tf.sequential();
    model.add(
      tf.layers.conv2dTranspose({ name: "conv2d_transpose_1", filters: 2, kernelSize: 2, inputShape: [4, 4, 3] }),
    );
    const opened = await saved(model, (json) => JSON.stringify(JSON.parse(json).weightsManifest));
    expect(opened.layers).toMatchObject([{ name: "conv2d_transpose_1/kernel", layout: { neuronAxes: [-2] } }]);
    const shard = new File([new Float32Array(12)], "w.bin");
    const weights = [{ name: "bert/word_embeddings/weight", shape: [4, 3], dtype: "float32" }];
    const tables = await openModel(new File([JSON.stringify([{ paths: ["w.bin"], weights }])], "m.json"), {
      neighbours: [shard],
    });
    expect(tables.layers).toMatchObject([{ kind: "embedding", layout: "neurons-first" }]);
  });

  test.each([
    ["MatMul", [5, 4], ["neurons-last"]],
    ["BatchMatMulV2", [1, 5, 4], [{ neuronAxes: [-1] }]],
    ["BatchMatMulV2", [3, 5, 4], []],
    ["Einsum", [5, 2, 3], [{ neuronAxes: [1, 2] }], "abc,cde->abde"],
    ["Einsum", [3, 5, 4], [], "ebi,eio->ebo"],
  ])("a graph's %s with a constant %j is a matrix, and no stack of them", async (op, shape, layouts, equation = "") => {
    const shard = new File([new Float32Array(shape.reduce((size, each) => size * each, 1))], "w.bin");
    const node = [
      { name: "w", op: "Const" },
      { name: "y", op, input: ["x", "w"], attr: { equation: { s: btoa(equation) } } },
    ];
    const weightsManifest = [{ paths: ["w.bin"], weights: [{ name: "w", shape, dtype: "float32" }] }];
    const json = JSON.stringify({ format: "graph-model", modelTopology: { node }, weightsManifest });
    const { layers, skipped } = await openModel(new File([json], "model.json"), { neighbours: [shard] });
    const axes = (layout: unknown) => (layout === "neurons-last" ? { neuronAxes: [-1] } : layout);
    expect(layers.map(({ layout }) => axes(layout))).toEqual(layouts.map(axes));
    if (layouts.length === 0) expect(skipped[0]!.reason).toMatch(/a stack of 3 matrices/);
  });

  test("gates of recurrent layers are matrices of their own", async () => {
    const model = tf.sequential();
    model.add(tf.layers.lstm({ name: "l", units: 3, inputShape: [5, 4], returnSequences: true }));
    model.add(tf.layers.gru({ name: "g", units: 2, returnSequences: true }));
    model.add(
      tf.layers.bidirectional({ layer: tf.layers.simpleRNN({ units: 2 }) as tf.RNN, mergeMode: "concat", name: "b" }),
    );
    const opened = await saved(model);
    expect(opened.skipped.filter(({ shape }) => shape.length > 1)).toEqual([]);
    expect(opened.layers.length).toBe(8 + 6 + 4);
    for (const [n, gate] of ["input gate", "forget gate", "cell", "output gate"].entries()) {
      for (const kernel of ["l/kernel", "l/recurrent_kernel"]) {
        expect(await rows(opened, `${kernel} [${gate}]`)).toEqual(columns(weight(model, kernel), n, 4));
      }
    }
    for (const [n, gate] of ["update gate", "reset gate", "hidden"].entries()) {
      expect(await rows(opened, `g/recurrent_kernel [${gate}]`)).toEqual(
        columns(weight(model, "g/recurrent_kernel"), n, 3),
      );
    }
    expect(opened.layers.find(({ name }) => name === "l/kernel [cell]")).toMatchObject({ kind: "LSTM" });
  });
});
