/** The same network as a model of TensorFlow.js, with the weights it has now: for `suggestWeight`, and as a witness of gradients. */
import * as tf from "@tensorflow/tfjs";
import type { Layer, Parameter } from "../network/layer.js";
import type { Network } from "../network/network.js";

/** Compiled with the cross-entropy of logits. Takes `[batch, width]`, or images `[batch, side, side, channels]`. */
export function tfjsTwin(network: Network): tf.Sequential {
  const model = tf.sequential();
  network.layers.forEach((layer, n) => {
    const twin = twinOf(layer, n === 0);
    model.add(twin);
    if (layer.parameters.length > 0) tf.tidy(() => twin.setWeights(weightsOf(layer, twin)));
  });
  model.compile({ optimizer: "sgd", loss: (labels, logits) => tf.losses.softmaxCrossEntropy(labels, logits) });
  return model;
}

function twinOf({ spec, parameters }: Layer, isFirst: boolean): tf.layers.Layer {
  const name = parameters[0]?.name.replace("/", "-");
  const named = name === undefined ? {} : { name };
  switch (spec.kind) {
    case "dense":
      return tf.layers.dense({
        ...named,
        units: spec.units,
        useBias: spec.hasBias,
        ...(isFirst ? { inputShape: [spec.inputs] } : {}),
      });
    case "convolution":
      return tf.layers.conv2d({
        ...named,
        filters: spec.filters,
        kernelSize: 3,
        padding: "same",
        useBias: false,
        ...(isFirst ? { inputShape: [spec.side, spec.side, spec.channels] } : {}),
      });
    case "batch-norm":
      return tf.layers.batchNormalization({ ...named, momentum: 0.9, epsilon: 1e-5 });
    case "relu":
      return tf.layers.reLU();
    case "max-pool":
      return tf.layers.maxPooling2d({ poolSize: 2 });
    case "global-mean":
      return tf.layers.globalAveragePooling2d({ dataFormat: "channelsLast" });
  }
}

/** Kernels turned round, and what tfjs has beside them (moving averages) as it is. */
function weightsOf({ parameters }: Layer, twin: tf.layers.Layer): tf.Tensor[] {
  const given = parameters.map(asTfjs);
  return twin.getWeights().map((now, n) => (given[n] ? tf.reshape(given[n], now.shape) : now));
}

/** A kernel's neurons are its last axis there. */
function asTfjs({ value, shape }: Parameter): tf.Tensor {
  return shape ? tf.transpose(tf.tensor2d(value, [...shape])) : tf.tensor1d(value);
}
