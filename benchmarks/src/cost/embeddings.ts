/** The training step of an encoder whose loss holds the energy of a batch of its embeddings. */
import { energyOf } from "@comhe/tfjs";
import { wasmBackend } from "@comhe/wasm";
import * as tf from "@tensorflow/tfjs";
import type { Steps, StepTask, StepTaskOf } from "./cost-case.js";

const backend = wasmBackend({ threads: 1 });

/** Full space, s = 2, of the rows as they are: by name, what the loss holds beside the encoder's own. */
const terms: Record<string, ((embeddings: tf.Tensor) => tf.Tensor) | undefined> = {
  "the encoder alone": undefined,
  "energyOf, by tfjs": (embeddings) => energyOf(embeddings, {}),
  "energyOf, by @comhe/wasm": (embeddings) => energyOf(embeddings, {}, { backend }),
};

/** A plain network of dense layers; the loss of its own is as cheap as a loss can be. */
function stepTask(units: readonly number[], batch: number, rounds: number, steps: Steps): StepTask {
  return {
    network: `encoder ${units.join("-")}, energy of its embeddings`,
    batch,
    names: Object.keys(terms),
    rounds,
    steps,
    open(name) {
      const term = terms[name];
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
      const lossOf = () => {
        const embeddings = embed();
        const own = tf.mean(tf.square(embeddings));
        return (term ? tf.add(own, term(embeddings)) : own) as tf.Scalar;
      };
      return () => {
        const loss = optimizer.minimize(lossOf, true, layers)!;
        loss.dataSync();
        loss.dispose();
      };
    },
  };
}

export const embeddingCases = {
  "embeddings-4096x128": (quick) =>
    quick
      ? stepTask([64, 32, 16], 64, 1, { warmUp: 1, timed: 2 })
      : stepTask([784, 1024, 1024, 128], 4096, 5, { warmUp: 1, timed: 3 }),
  "embeddings-200x8": (quick) =>
    stepTask([64, 256, 256, 8], 200, quick ? 1 : 5, quick ? { warmUp: 1, timed: 2 } : { warmUp: 100, timed: 300 }),
} satisfies Record<string, StepTaskOf>;
