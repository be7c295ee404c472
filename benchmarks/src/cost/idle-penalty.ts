/**
 * What tfjs itself takes for a penalty of all kernels at once: the operation, its gradients as tensors, and their sums with those of the task;
 * but no energy. What a regularizer adds to a step beyond this, it computes or copies.
 */
import * as tf from "@tensorflow/tfjs";

/** The model's kernels, of a layer each, have a penalty that is 0 from now on. Call it when the model is compiled. */
export function addIdlePenalty(model: tf.Sequential): void {
  const { model: trained } = model as unknown as { model: tf.LayersModel };
  const kernels = model.layers.flatMap((layer) =>
    layer.trainableWeights.filter(({ name }) => name.includes("/kernel")),
  );
  // The examples regularize all but the last layer.
  const regularized = kernels.slice(0, -1);
  const zeros = regularized.map(({ shape }) => new Float32Array(tf.util.sizeFromShape(shape as number[])));
  const losses = trained.calculateLosses.bind(trained);
  trained.calculateLosses = () => [...losses(), penaltyOf(regularized, zeros)];
}

function penaltyOf(kernels: readonly tf.LayerVariable[], gradients: readonly Float32Array[]): tf.Scalar {
  const penalty = tf.customGrad((..._inputs) => ({
    value: tf.scalar(0),
    gradFunc: (dy: tf.Tensor) => {
      // As every penalty reads what it is to be multiplied with.
      dy.dataSync();
      return kernels.map(({ shape }, n) => tf.tensor(gradients[n]!, shape as number[]));
    },
  }));
  return penalty(...kernels.map((kernel) => kernel.read())) as tf.Scalar;
}
