/** Objectives of others: core's host functions in float64. Uniformity is the logarithm of an energy of pairs, which the kernels have. */
import type { ObjectiveResult, ObjectiveTask } from "@comhe/core";
import { hostObjective, uniformityPair } from "@comhe/core/host-functions";
import type { WasmArray } from "../memory/arrays.js";
import type { Context } from "./context.js";
import { directions } from "./directions.js";
import { scaleBatch, sizes } from "./linear.js";
import { pairwise } from "./pairwise.js";

/** exp(−4t) must not vanish in float32, in which the energy arrives. */
const largestGaussian = 20;

export function objective(context: Context, rows: WasmArray, task: ObjectiveTask): ObjectiveResult<WasmArray> {
  const { objective: of, space } = task;
  const [batch, count] = sizes(rows);
  const hasPairs = count > 1 || space === "half";
  if (of.kind === "uniformity" && of.t <= largestGaussian && hasPairs) {
    const { energy, gradient } = pairwise(
      context,
      directions(context, rows, task.normEpsilon),
      uniformityPair(of, task),
    );
    const energies = read(context, energy);
    const value = write(context, Float32Array.from(energies, Math.log), [batch]);
    const inverse = write(
      context,
      Float32Array.from(energies, (mean) => 1 / mean),
      [batch],
    );
    return { value, gradient: scaleBatch(context, gradient, inverse) };
  }
  const { value, gradient } = hostObjective(read(context, rows), rows.shape, task);
  return { value: write(context, value, [batch]), gradient: write(context, gradient, rows.shape) };
}

function read({ arrays, engine }: Context, array: WasmArray): Float32Array {
  engine.finish();
  return arrays.heap.views.float32.slice(array.address / 4, array.address / 4 + array.size);
}

export function write({ arrays }: Context, data: ArrayLike<number>, shape: readonly number[]): WasmArray {
  const array = arrays.make(shape);
  arrays.heap.views.float32.set(data, array.address / 4);
  return array;
}
