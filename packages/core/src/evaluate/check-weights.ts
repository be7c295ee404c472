/** Host weights are checked once, at the door; everything behind it trusts them. */
import type { Backend } from "../backend/backend.js";
import { EnergyError } from "../errors/energy-error.js";
import { type Kernel, type Neurons, toNeurons } from "../layout/layout.js";
import { isFiniteRange } from "./finite.js";

/**
 * @param backend looks for NaN and ±Infinity where it can
 * @returns the neurons as rows, and how many of them are zero
 * @throws EnergyError `invalid-shape`, `non-finite`
 */
export function checkWeights(
  weights: Kernel,
  backend?: Pick<Backend<never>, "allFinite">,
): Neurons & { readonly deadNeurons: number } {
  const { data, shape } = weights ?? {};
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    const got = data === null || data === undefined ? String(data) : (data as object).constructor.name;
    throw new EnergyError("invalid-shape", `weights.data: expected a Float32Array or Float64Array, got ${got}.`);
  }
  if (!Array.isArray(shape)) {
    throw new EnergyError(
      "invalid-shape",
      `weights.shape: expected an array such as [neurons, dimension], got ${shape}.`,
    );
  }
  const size = shape.reduce((total: number, length: number) => total * length, 1);
  if (size !== data.length) {
    throw new EnergyError(
      "invalid-shape",
      `weights: expected ${size} numbers for shape [${shape.join(", ")}], got ${data.length}.`,
    );
  }
  const neurons = toNeurons(weights);
  return { ...neurons, deadNeurons: countDead(neurons, backend?.allFinite?.(neurons.data) ?? false) };
}

/** @param areFinite whether it is known that all numbers are */
function countDead({ data, count, dim }: Neurons, areFinite: boolean): number {
  let dead = 0;
  for (let row = 0; row < count; row++) {
    const first = row * dim;
    if (!areFinite && !isFiniteRange(data, first, first + dim)) {
      const at = data.subarray(first, first + dim).findIndex((value) => !Number.isFinite(value));
      throw nonFinite(row, at, data[first + at]!);
    }
    let column = 0;
    while (column < dim && data[first + column] === 0) column++;
    if (column === dim) dead++;
  }
  return dead;
}

function nonFinite(row: number, column: number, value: number): EnergyError {
  return new EnergyError(
    "non-finite",
    `weights: expected finite numbers, got ${value} in neuron ${row} (entry ${column}). ` +
      "If training diverged, lower the learning rate or the penalty's weight.",
    { row, column, value },
  );
}
