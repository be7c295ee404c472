/** What the numbers of a kernel say before any energy: dead neurons, and whether training has diverged. */
import { EnergyError, type Kernel, toNeurons } from "@comhe/core";

/**
 * @returns how many neurons are zero
 * @throws EnergyError `non-finite`, naming the layer and the row
 */
export function countDeadNeurons(kernel: Kernel, layer: string, weight: string): number {
  const { data, count, dim } = toNeurons(kernel);
  let dead = 0;
  for (let row = 0; row < count; row++) {
    const neuron = data.subarray(row * dim, (row + 1) * dim);
    const column = neuron.findIndex((value) => !Number.isFinite(value));
    if (column >= 0) {
      throw new EnergyError(
        "non-finite",
        `Layer "${layer}": expected finite weights, got ${neuron[column]} in neuron ${row} (entry ${column}) of its ` +
          `${weight}. Training diverged: lower the learning rate or the penalty's weight.`,
        { layer, weight, row, column, value: neuron[column] },
      );
    }
    if (neuron.every((value) => value === 0)) dead++;
  }
  return dead;
}
