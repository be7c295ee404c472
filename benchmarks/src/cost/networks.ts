/** The examples' networks, with whatever regularizer a contender puts on their kernels. */
import type { LayerRegularizer } from "@comhe/tfjs";
import * as tf from "@tensorflow/tfjs";

/** A regularizer for hidden layer `index`, or none. */
export type RegularizerFor = (index: number) => LayerRegularizer | undefined;

/** 64 – [48 ReLU]×8 – 10: the digits example's deep, plain network, where a layer's arithmetic is tiny. */
export function deepDigitsNetwork(regularizer: RegularizerFor): tf.Sequential {
  const model = tf.sequential();
  for (let index = 0; index < 8; index++) {
    model.add(
      tf.layers.dense({
        units: 48,
        activation: "relu",
        kernelInitializer: tf.initializers.heNormal({ seed: index }),
        ...(index === 0 ? { inputShape: [64] } : {}),
        ...regularized(regularizer(index)),
      }),
    );
  }
  model.add(tf.layers.dense({ units: 10, activation: "softmax" }));
  return compiled(model);
}

/** conv 3×3×32 – pool – conv 3×3×64 – pool – dense 128 – 10 on 28×28 images: the Fashion-MNIST example's network. */
export function fashionNetwork(regularizer: RegularizerFor): tf.Sequential {
  const model = tf.sequential();
  for (const [index, filters] of [32, 64].entries()) {
    model.add(
      tf.layers.conv2d({
        filters,
        kernelSize: 3,
        padding: "same",
        activation: "relu",
        kernelInitializer: tf.initializers.heNormal({ seed: index }),
        ...(index === 0 ? { inputShape: [28, 28, 1] } : {}),
        ...regularized(regularizer(index)),
      }),
    );
    model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  }
  model.add(tf.layers.flatten());
  model.add(
    tf.layers.dense({
      units: 128,
      activation: "relu",
      kernelInitializer: tf.initializers.heNormal({ seed: 2 }),
      ...regularized(regularizer(2)),
    }),
  );
  model.add(tf.layers.dense({ units: 10, activation: "softmax" }));
  return compiled(model);
}

function regularized(kernelRegularizer: LayerRegularizer | undefined) {
  return kernelRegularizer ? { kernelRegularizer } : {};
}

function compiled(model: tf.Sequential): tf.Sequential {
  model.compile({ optimizer: tf.train.momentum(0.01, 0.9), loss: "categoricalCrossentropy" });
  return model;
}
