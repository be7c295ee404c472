/** Small models, data to train them with, and saving to memory. */
import * as tf from "@tensorflow/tfjs";
import { normalArray } from "./numbers.js";

/** A batch of 16 vectors of 12 numbers and their 3 classes, which depend on the numbers. */
export function classes(): { x: tf.Tensor; y: tf.Tensor } {
  const data = normalArray(5, 16 * 12);
  const labels = Array.from({ length: 16 }, (_, n) => (data[12 * n]! > 0.4 ? 2 : data[12 * n + 1]! > 0 ? 1 : 0));
  return { x: tf.tensor2d(data, [16, 12]), y: tf.oneHot(tf.tensor1d(labels, "int32"), 3) };
}

/** Dense 12-10-8-3 with fixed initial weights; `regularizer` gives each layer's. */
export function mlp(
  regularizer: (layer: string) => tf.serialization.Serializable | undefined = () => undefined,
): tf.Sequential {
  const dense = (
    name: string,
    units: number,
    seed: number,
    more: { inputShape?: number[]; activation?: "relu" | "softmax" },
  ) =>
    tf.layers.dense({
      name,
      units,
      kernelInitializer: tf.initializers.heNormal({ seed }),
      kernelRegularizer: regularizer(name) as LayerOption,
      ...more,
    });
  const model = tf.sequential();
  model.add(dense("Dense_A1", 10, 1, { inputShape: [12], activation: "relu" }));
  model.add(dense("hidden_layer2", 8, 2, { activation: "relu" }));
  model.add(dense("logits", 3, 3, { activation: "softmax" }));
  return model;
}

type LayerOption = NonNullable<Parameters<typeof tf.layers.dense>[0]["kernelRegularizer"]>;

export function compile(model: tf.LayersModel, learningRate = 0.05): tf.LayersModel {
  model.compile({ optimizer: tf.train.sgd(learningRate), loss: "categoricalCrossentropy" });
  return model;
}

/** Losses of `steps` steps on one batch. */
export async function train(model: tf.LayersModel, x: tf.Tensor, y: tf.Tensor, steps: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) losses.push((await model.trainOnBatch(x, y)) as number);
  return losses;
}

/** As a server or a disk would see it: through JSON. */
export async function saveAndLoad(model: tf.LayersModel, config?: tf.io.SaveConfig): Promise<tf.LayersModel> {
  const saved: tf.io.ModelArtifacts[] = [];
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved.push(artifacts);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
    config,
  );
  const { weightData, ...rest } = saved[0]!;
  const json = JSON.parse(JSON.stringify(rest)) as tf.io.ModelArtifacts;
  return tf.loadLayersModel(tf.io.fromMemory({ ...json, weightData: weightData! }));
}
