/** weight × energy of a kernel as one differentiable tensor operation, with its schedule. */
import * as tf from "@tensorflow/tfjs-core";
import type { HostBackend } from "./host-program.js";
import type { KernelProgram } from "./kernel-program.js";

/**
 * weight × energy with its closed-form gradient: autodiff never sees the pairwise arithmetic, whose powers and angles
 * it would turn to NaN at coincident neurons. Each call is one step of the projection's schedule. Call inside a tidy.
 */
export function penalty(on: KernelProgram, weight: number, kernel: tf.Tensor): tf.Scalar {
  const backend = on.hostBackend;
  return backend ? hostPenalty(on, backend, weight, kernel) : tensorPenalty(on, weight, kernel);
}

function tensorPenalty(on: KernelProgram, weight: number, kernel: tf.Tensor): tf.Scalar {
  const bound = tf.customGrad((x, save) => {
    const { energy, gradient } = on.step(x as tf.Tensor);
    (save as tf.GradSaveFunc)([gradient]);
    return {
      value: tf.mul(energy, weight),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(saved[0]!, tf.mul(dy, weight)),
    };
  });
  return bound(kernel) as tf.Scalar;
}

/** Two tensors are made and no operation is run. */
function hostPenalty(on: KernelProgram, backend: HostBackend, weight: number, kernel: tf.Tensor): tf.Scalar {
  const bound = tf.customGrad((x) => {
    const { energy, gradient } = on.stepOnHost(x as tf.Tensor, backend);
    return {
      value: tf.scalar(weight * energy),
      gradFunc: (dy: tf.Tensor) => {
        return tf.tensor(scaledBy(weight * dy.dataSync()[0]!, gradient), kernel.shape);
      },
    };
  });
  return bound(kernel) as tf.Scalar;
}

function scaledBy(scale: number, gradient: Float32Array): Float32Array {
  const scaled = new Float32Array(gradient.length);
  for (let n = 0; n < scaled.length; n++) scaled[n] = scale * gradient[n]!;
  return scaled;
}
