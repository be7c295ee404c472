/** Objectives of others: core's own functions, in float64, which come with the task. Uniformity is the logarithm of an energy of pairs, which the kernels have. */
import type { ObjectiveResult, ObjectiveTask } from "@comhe/core";
import { EnergyError, uniformityPair } from "@comhe/core/pair-functions";
import type { WasmArray } from "../memory/arrays.js";
import { type Context, numbersOf } from "./context.js";
import { directions } from "./directions.js";
import { scaleBatch, sizes } from "./linear.js";
import { pairwise } from "./pairwise.js";

/** exp(−4t) must not vanish in float32, in which the energy arrives. */
const largestGaussian = 20;

export function objective(context: Context, rows: WasmArray, task: ObjectiveTask): ObjectiveResult<WasmArray> {
  const { arrays, engine } = context;
  const { objective: of, space } = task;
  const [batch, count] = sizes(rows);
  const value = arrays.make([batch]);
  const hasPairs = count > 1 || space === "half";
  if (of.kind === "uniformity" && of.t <= largestGaussian && hasPairs) {
    const pair = uniformityPair(of, task);
    const { energy, gradient } = pairwise(context, directions(context, rows, task.normEpsilon), pair);
    const inverse = arrays.make([batch]);
    const [energies, values, inverses] = [energy, value, inverse].map((array) => numbersOf(context, array));
    engine.host(() => {
      values!().set(energies!().map(Math.log));
      inverses!().set(energies!().map((mean) => 1 / mean));
    });
    return { value, gradient: scaleBatch(context, gradient, inverse) };
  }
  const { host } = task;
  if (!host) {
    const message = `Backend wasm computes the objective "${of.kind}" by core's function, and got none: set ObjectiveTask.host.`;
    throw new EnergyError("unsupported", message, { kind: of.kind });
  }
  const gradient = arrays.make(rows.shape);
  const [from, values, gradients] = [rows, value, gradient].map((array) => numbersOf(context, array));
  engine.host(() => {
    const result = host(from!(), rows.shape);
    values!().set(result.value);
    gradients!().set(result.gradient);
  });
  return { value, gradient };
}
