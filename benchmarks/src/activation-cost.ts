/** What the energy of a batch of embeddings adds to a training step of their encoder. */
import { energyOf } from "@comhe/tfjs";
import { wasmBackend } from "@comhe/wasm";
import * as tf from "@tensorflow/tfjs";
import { interleave } from "./harness.js";
import type { CostCase, CostMeasurement } from "./regularizer-cost.js";

const backend = wasmBackend({ threads: 1 });

/** Full space, s = 2, of the rows as they are: by name, what the loss holds beside the encoder's own. */
const terms: Record<string, ((embeddings: tf.Tensor) => tf.Tensor) | undefined> = {
  "the encoder alone": undefined,
  "energyOf, by tfjs": (embeddings) => energyOf(embeddings, {}),
  "energyOf, by @comhe/wasm": (embeddings) => energyOf(embeddings, {}, { backend }),
};

/** A plain network of dense layers; the loss of its own is as cheap as a loss can be. */
async function measure(
  id: string,
  units: readonly number[],
  batch: number,
  rounds: number,
  warmUp: number,
): Promise<CostCase> {
  const layers = units.slice(1).map((size, n) => {
    const kernel = tf.randomNormal([units[n]!, size], 0, Math.sqrt(2 / units[n]!), "float32", n);
    return tf.variable(kernel as tf.Tensor2D);
  });
  const inputs = tf.randomNormal([batch, units[0]!], 0, 1, "float32", 9) as tf.Tensor2D;
  const optimizer = tf.train.adam(1e-4);
  const embed = () =>
    layers.reduce<tf.Tensor>((x, kernel, n) => {
      const sum = tf.matMul(x, kernel);
      return n === layers.length - 1 ? sum : tf.relu(sum);
    }, inputs);
  const contenders = Object.entries(terms).map(([name, term]) => ({
    name,
    run: () => {
      const loss = optimizer.minimize(
        () => {
          const embeddings = embed();
          const own = tf.mean(tf.square(embeddings));
          return (term ? tf.add(own, term(embeddings)) : own) as tf.Scalar;
        },
        true,
        layers,
      )!;
      loss.dataSync();
      loss.dispose();
    },
  }));
  const timings = await interleave(contenders, { rounds, warmUp });
  optimizer.dispose();
  tf.dispose([...layers, inputs]);
  return { id, network: `encoder ${units.join("-")}, energy of its embeddings`, batch, timings };
}

export const activationCases = {
  "embeddings-4096x128": (quick) =>
    quick
      ? measure("embeddings-4096x128", [64, 32, 16], 64, 2, 1)
      : measure("embeddings-4096x128", [784, 1024, 1024, 128], 4096, 5, 1),
  "embeddings-200x8": (quick) => measure("embeddings-200x8", [64, 256, 256, 8], 200, quick ? 2 : 100, quick ? 1 : 10),
} satisfies Record<string, CostMeasurement>;
