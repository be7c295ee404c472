/** weight × energy of a kernel as one differentiable tensor operation, on the device, with its schedule. */
import type { EnergyProgram, HostArray, Layout } from "@comhe/core";
import { neuronAxes } from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import { tfjsBackend } from "../backend/tfjs-backend.js";

export interface KernelEnergy {
  /** Unweighted. */
  readonly energy: tf.Scalar;
  /** In the kernel's shape. */
  readonly gradient: tf.Tensor;
}

/** Keeps what the program prepared on the device for as long as it stays the same. */
export class DeviceProgram {
  private readonly uploads = new Map<HostArray, tf.Tensor>();

  constructor(
    readonly program: EnergyProgram,
    private readonly layout: Layout,
  ) {}

  /** Energy and gradient at the current step; call inside a tidy. */
  evaluate(kernel: tf.Tensor): KernelEnergy {
    const { count, dim, permutation, identity } = neuronAxes(kernel.shape, this.layout);
    const used = new Set<HostArray>();
    const upload = (array: HostArray) => {
      used.add(array);
      const known = this.uploads.get(array);
      if (known && !known.isDisposed) return known;
      const data = array.data instanceof Float32Array ? array.data : Float32Array.from(array.data);
      const made = tf.keep(tf.tensor(data, [...array.shape], "float32"));
      this.uploads.set(array, made);
      return made;
    };
    const ordered = identity ? kernel : tf.transpose(kernel, [...permutation]);
    const rows = tf.reshape(ordered, [1, count, dim]);
    const composed = this.program.compose(tfjsBackend(), rows, count, dim, upload);
    for (const [array, tensor] of this.uploads) {
      if (used.has(array)) continue;
      tensor.dispose();
      this.uploads.delete(array);
    }
    const shaped = tf.reshape(composed.gradient, ordered.shape);
    const gradient = identity ? shaped : tf.transpose(shaped, inverse(permutation));
    return { energy: tf.reshape(composed.energy, []), gradient };
  }

  dispose(): void {
    tf.dispose([...this.uploads.values()]);
    this.uploads.clear();
  }
}

/**
 * weight × energy with its closed-form gradient: autodiff never sees the pairwise arithmetic, whose powers and angles
 * it would turn to NaN at coincident neurons.
 */
export function penalty(on: DeviceProgram, weight: number, kernel: tf.Tensor): tf.Scalar {
  const bound = tf.customGrad((x, save) => {
    const { energy, gradient } = on.evaluate(x as tf.Tensor);
    (save as tf.GradSaveFunc)([gradient]);
    return {
      value: tf.mul(energy, weight),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(saved[0]!, tf.mul(dy, weight)),
    };
  });
  return bound(kernel) as tf.Scalar;
}

function inverse(permutation: readonly number[]): number[] {
  const result = new Array<number>(permutation.length);
  permutation.forEach((axis, position) => {
    result[axis] = position;
  });
  return result;
}
