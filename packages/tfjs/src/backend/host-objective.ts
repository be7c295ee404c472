/**
 * Objectives where tensors lie in host memory (tfjs backends cpu and wasm): core's host functions, in float64. Uniformity
 * is the logarithm of an energy of pairs, for which there is a faster way.
 */
import type { ObjectiveResult, ObjectiveTask } from "@comhe/core";
import { hostObjective as computeObjective, uniformityPair } from "@comhe/core/host-functions";
import { hasTensorObjective } from "@comhe/core/tensor-backend";
import * as tf from "@tensorflow/tfjs-core";
import { hostDirections } from "./host-directions.js";
import { hostPairwise } from "./host-pairwise.js";

export function hostObjective(rows: tf.Tensor, task: ObjectiveTask, tileBytes: number): ObjectiveResult<tf.Tensor> {
  const { objective } = task;
  if (objective.kind === "uniformity" && hasTensorObjective(objective)) {
    const { energy, gradient } = hostPairwise(
      hostDirections(rows, task.normEpsilon),
      uniformityPair(objective, task),
      tileBytes,
    );
    const hasPairs = rows.shape[1]! > 1 || task.space === "half";
    if (!hasPairs) return { value: energy, gradient };
    return { value: tf.log(energy), gradient: tf.div(gradient, tf.reshape(energy, [-1, 1, 1])) };
  }
  return objectiveOnHost(rows, task);
}

/** Reads the rows back, where they aren't on the host already. */
export function objectiveOnHost(rows: tf.Tensor, task: ObjectiveTask): ObjectiveResult<tf.Tensor> {
  const { value, gradient } = computeObjective(rows.dataSync<"float32">(), rows.shape, task);
  return {
    value: tf.tensor1d(Float32Array.from(value)),
    gradient: tf.tensor(Float32Array.from(gradient), rows.shape),
  };
}
