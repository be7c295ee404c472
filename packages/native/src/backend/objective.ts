/** Objectives of others: core's own functions, in float64, which come with the task. Uniformity is the logarithm of an energy of pairs, which the kernels have. */
import type { ObjectiveResult, ObjectiveTask } from "@comhe/core";
import { EnergyError, uniformityPair } from "@comhe/core/pair-functions";
import { make, type NativeArray, sizes } from "./arrays.js";
import type { Context } from "./context.js";
import { directions } from "./directions.js";
import { scaleBatch } from "./linear.js";
import { pairwise } from "./pairwise.js";

/** exp(−4t) must not vanish in float32, in which the energy arrives. */
const largestGaussian = 20;

export function objective(context: Context, rows: NativeArray, task: ObjectiveTask): ObjectiveResult<NativeArray> {
  const { objective: of, space, host } = task;
  const [batch, count] = sizes(rows);
  const value = make([batch]);
  const hasPairs = count > 1 || space === "half";
  if (of.kind === "uniformity" && of.t <= largestGaussian && hasPairs) {
    const pair = uniformityPair(of, task);
    const { energy, gradient } = pairwise(context, directions(context, rows, task.normEpsilon), pair);
    const inverse = make([batch]);
    value.data.set(energy.data.map(Math.log));
    inverse.data.set(energy.data.map((mean) => 1 / mean));
    return { value, gradient: scaleBatch(gradient, inverse) };
  }
  if (!host) {
    const message = `Backend native computes the objective "${of.kind}" by core's function, and got none: set ObjectiveTask.host.`;
    throw new EnergyError("unsupported", message, { kind: of.kind });
  }
  const result = host(rows.data, rows.shape);
  const gradient = make(rows.shape);
  value.data.set(result.value);
  gradient.data.set(result.gradient);
  return { value, gradient };
}
