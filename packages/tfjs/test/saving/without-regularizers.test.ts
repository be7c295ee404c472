/** A trained model, saved for where this package isn't: a process with TensorFlow.js alone loads it and predicts the same. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { afterAll, describe, expect, test } from "vitest";
import {
  combineRegularizers,
  energyLayer,
  hypersphericalEnergy,
  regularizeModel,
  withoutRegularizers,
} from "../../src/index.js";
import { classes, compile, mlp, train } from "../support/models.js";
import { normalArray } from "../support/numbers.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-plain-"));
afterAll(() => rmSync(folder, { recursive: true }));

const x = tf.tensor2d(normalArray(8, 5 * 12), [5, 12]);
const energy = () => hypersphericalEnergy({ weight: 3, space: "half", projection: { kind: "random", dimension: 6 } });
const predictions = (model: tf.LayersModel) => Array.from((model.predict(x) as tf.Tensor).dataSync());

interface Loaded {
  readonly predictions: number[];
  readonly regularizers: ({ l1: number; l2: number } | null)[];
}

/** In a process of its own, with TensorFlow.js alone. */
async function loadedElsewhere(model: tf.LayersModel): Promise<Loaded> {
  const saved: tf.io.ModelArtifacts[] = [];
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved.push(artifacts);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = saved[0]!;
  const file = join(folder, "model.json");
  const bytes = Buffer.from(tf.io.concatenateArrayBuffers([weightData as ArrayBuffer]));
  writeFileSync(file, JSON.stringify({ modelTopology, weightSpecs, weights: bytes.toString("base64") }));
  const program = `
    import { readFileSync } from "node:fs";
    import tf from "@tensorflow/tfjs";
    const { weights, ...model } = JSON.parse(readFileSync(${JSON.stringify(file)}, "utf8"));
    const weightData = Uint8Array.from(Buffer.from(weights, "base64")).buffer;
    const loaded = await tf.loadLayersModel(tf.io.fromMemory({ ...model, weightData }));
    const x = tf.tensor2d(${JSON.stringify(Array.from(x.dataSync()))}, [5, 12]);
    const regularizers = loaded.layers.map(({ kernelRegularizer }) => kernelRegularizer ? { l1: kernelRegularizer.l1, l2: kernelRegularizer.l2 } : null);
    console.log(JSON.stringify({ predictions: Array.from(loaded.predict(x).dataSync()), regularizers }));`;
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const args = ["--input-type=module", "-e", program];
  const printed = execFileSync(process.execPath, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return JSON.parse(printed.trim().split("\n").at(-1)!);
}

async function trained(model: tf.LayersModel): Promise<tf.LayersModel> {
  const { x, y } = classes();
  await train(compile(model), x, y, 3);
  return model;
}

describe("withoutRegularizers", () => {
  test("what it saves loads elsewhere, where the model itself doesn't", async () => {
    const model = await trained(mlp((layer) => (layer === "logits" ? undefined : energy())));
    await expect(loadedElsewhere(model)).rejects.toThrow(/Unknown regularizer: HypersphericalEnergy/);
    const plain = await withoutRegularizers(model);
    expect(plain).toBeInstanceOf(tf.Sequential);
    const loaded = await loadedElsewhere(plain);
    expect(loaded.regularizers).toEqual([null, null, null]);
    const expected = predictions(model);
    loaded.predictions.forEach((value, n) => {
      expect(value).toBeCloseTo(expected[n]!, 6);
    });
  });

  test("a layer of energy becomes the identity, which loads elsewhere", async () => {
    const model = tf.sequential();
    model.add(tf.layers.dense({ inputShape: [12], units: 6 }));
    model.add(energyLayer({ weight: 3, name: "spread" }));
    model.add(tf.layers.dense({ units: 3, activation: "softmax" }));
    await trained(model);
    await expect(loadedElsewhere(model)).rejects.toThrow(/Unknown layer: EnergyLayer/);
    const loaded = await loadedElsewhere(await withoutRegularizers(model));
    const expected = predictions(model);
    loaded.predictions.forEach((value, n) => {
      expect(value).toBeCloseTo(expected[n]!, 6);
    });
  });

  test("keeps the regularizers of one's own: alone, in a sum, several in sums", async () => {
    const own = [
      tf.regularizers.l2({ l2: 0.25 }),
      combineRegularizers([tf.regularizers.l2({ l2: 0.5 }), energy()]),
      combineRegularizers([
        combineRegularizers([tf.regularizers.l1({ l1: 0.125 }), energy()]),
        tf.regularizers.l1l2({ l1: 0.5, l2: 2 }),
      ]),
    ];
    const model = await trained(mlp(() => own.shift()));
    const { regularizers } = await loadedElsewhere(await withoutRegularizers(model));
    expect(regularizers).toEqual([
      { l1: 0, l2: 0.25 },
      { l1: 0, l2: 0.5 },
      { l1: 0.625, l2: 2 },
    ]);
  });

  test("of what regularizeModel did beside an l2, in a functional model with a frozen part and a model inside", async () => {
    const inner = mlp(() => tf.regularizers.l2({ l2: 0.5 }));
    inner.layers[1]!.trainable = false;
    const input = tf.input({ shape: [12] });
    const separable = tf.layers.dense({ units: 12, name: "before", kernelRegularizer: tf.regularizers.l2({ l2: 1 }) });
    const output = inner.apply(separable.apply(input)) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: output });
    regularizeModel(model, { hidden: { projection: { kind: "none" } } });
    await trained(model);
    const plain = await withoutRegularizers(model);
    expect(predictions(plain)).toEqual(predictions(model));
    const loaded = await loadedElsewhere(plain);
    expect(loaded.regularizers[1]).toEqual({ l1: 0, l2: 1 });
    // The model's own are as they were: training goes on with them.
    expect(JSON.stringify(model.toJSON(null, false))).toContain("HypersphericalEnergy");
    expect(JSON.stringify(plain.toJSON(null, false))).not.toMatch(/HypersphericalEnergy|SumRegularizer/);
  });

  test("of an energy whose projection is one's own, which can't be saved itself", async () => {
    const projection = {
      kind: "mine",
      prepare: () => ({ arrays: {} }),
      compose: ({ at, rows }: { at: (rows: unknown) => unknown; rows: unknown }) => at(rows),
    };
    const model = mlp((name) =>
      name === "Dense_A1" ? hypersphericalEnergy({ weight: 1, projection: projection as never }) : undefined,
    );
    model.predict(x);
    expect(() => model.toJSON()).toThrow("withoutRegularizers");
    expect(predictions(await withoutRegularizers(model))).toEqual(predictions(model));
    // And only there.
    expect(() => model.toJSON()).toThrow("withoutRegularizers");
  });

  test("two of one's own that can't be one are refused, by name", async () => {
    class Mine extends (Object.getPrototypeOf(
      tf.regularizers.l2({ l2: 1 }).constructor,
    ) as new () => tf.serialization.Serializable) {
      static className = "Mine";
      apply = () => tf.scalar(1);
      override getConfig = () => ({});
    }
    tf.serialization.registerClass(Mine as never);
    const model = mlp((name) =>
      name === "logits" ? combineRegularizers([new Mine(), tf.regularizers.l2({ l2: 1 }), energy()]) : undefined,
    );
    await expect(withoutRegularizers(model)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("Mine and L1L2"),
    });
  });

  test("the copy's weights are its own", async () => {
    const model = mlp(() => energy());
    const before = tf.memory().numTensors;
    const plain = await withoutRegularizers(model);
    plain.dispose();
    expect(tf.memory().numTensors).toBe(before);
    predictions(model);
  });
});
