/**
 * Directions where tensors lie in host memory (tfjs backends cpu and wasm). One pass of plain JavaScript over the rows
 * costs less there than the dozen tensor operations it stands for, each of which makes a pass and a call.
 */
import type { TensorDirections } from "@comhe/core/tensor-backend";
import * as tf from "@tensorflow/tfjs-core";

export interface HostDirections extends TensorDirections<tf.Tensor> {
  readonly unitData: Float32Array;
  /** 1/ρ_i; 0 for a row without direction. */
  readonly inverseNorms: Float32Array;
}

/** float32's smallest normal number: a row below it counts as zero, as on the other backends. */
const smallestNormal = 1.1754944e-38;

export function hostDirections(rows: tf.Tensor, normEpsilon: number): HostDirections {
  const [batch, count, dim] = rows.shape as [number, number, number];
  const data = rows.dataSync<"float32">();
  const unitData = new Float32Array(data.length);
  const inverseNorms = new Float32Array(batch * count);
  // float64 squares of float32 numbers neither overflow nor vanish.
  for (let i = 0; i < inverseNorms.length; i++) {
    const start = i * dim;
    let largest = 0;
    let square = normEpsilon;
    for (let k = start; k < start + dim; k++) {
      const entry = data[k]!;
      square += entry * entry;
      largest = Math.max(largest, Math.abs(entry));
    }
    if (normEpsilon === 0 && largest < smallestNormal) continue;
    const inverse = 1 / Math.sqrt(square);
    inverseNorms[i] = inverse;
    for (let k = start; k < start + dim; k++) unitData[k] = data[k]! * inverse;
  }
  return {
    unit: tf.tensor(unitData, [batch, count, dim]),
    // Only Hessian products ask for it.
    get inverseNorm() {
      return tf.tensor(inverseNorms, [batch, count, 1]);
    },
    normEpsilon,
    unitData,
    inverseNorms,
  };
}

/** J(g)·scale = (g − x(xᵀg))·scale/ρ, into a new array. */
export function hostPullback(
  { unitData, inverseNorms }: HostDirections,
  gradient: Float32Array,
  scale: number,
): Float32Array {
  const dim = gradient.length / inverseNorms.length;
  const result = new Float32Array(gradient.length);
  for (let i = 0; i < inverseNorms.length; i++) {
    const start = i * dim;
    let along = 0;
    for (let k = start; k < start + dim; k++) along += unitData[k]! * gradient[k]!;
    const factor = scale * inverseNorms[i]!;
    for (let k = start; k < start + dim; k++) result[k] = (gradient[k]! - unitData[k]! * along) * factor;
  }
  return result;
}
