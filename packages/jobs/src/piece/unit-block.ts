/** A block of a table's rows as directions, with what leads back from directions to rows. */
import { EnergyError, type FloatArray } from "@comhe/core/layouts";

/** Directions of some rows. */
export interface UnitBlock {
  /** `[count, d]`; a row of zeros has no direction and stays zero. */
  readonly unit: FloatArray;
  readonly count: number;
  readonly dim: number;
  /** `[count]`: ρ_i = √(‖w_i‖² + ε). */
  readonly norms: Float64Array;
  /** `[count]`: 1 − ‖x_i‖² without cancellation; 1 for a row of zeros. */
  readonly deficits: Float64Array;
  /** What it takes in memory. */
  readonly bytes: number;
}

/**
 * @param first the number of the first row, for messages
 * @throws EnergyError `non-finite`, with the row and the value
 */
export function unitBlock(data: FloatArray, dim: number, normEpsilon: number, first: number): UnitBlock {
  const count = data.length / dim;
  const unit = data instanceof Float64Array ? new Float64Array(data.length) : new Float32Array(data.length);
  const norms = new Float64Array(count);
  const deficits = new Float64Array(count);
  const floor = Math.sqrt(normEpsilon);
  for (let row = 0; row < count; row++) {
    const start = row * dim;
    let size = 0;
    for (let k = start; k < start + dim; k++) {
      const value = data[k]!;
      if (!Number.isFinite(value)) throw nonFinite(first + row, k - start, value);
      size = Math.max(size, Math.abs(value));
    }
    if (size === 0) {
      norms[row] = floor;
      deficits[row] = 1;
      continue;
    }
    // Scaled by the largest, so that rows of any norm have squares.
    const scale = Math.max(size, floor);
    let square = 0;
    for (let k = start; k < start + dim; k++) square += (data[k]! / scale) ** 2;
    const extra = normEpsilon / scale / scale;
    const norm = Math.sqrt(square + extra);
    for (let k = start; k < start + dim; k++) unit[k] = data[k]! / scale / norm;
    norms[row] = scale * norm;
    deficits[row] = extra / (square + extra);
  }
  return { unit, count, dim, norms, deficits, bytes: unit.byteLength + norms.byteLength + deficits.byteLength };
}

function nonFinite(row: number, column: number, value: number): EnergyError {
  return new EnergyError("non-finite", `row ${row} holds ${value} at ${column}: expected finite numbers.`, {
    row,
    column,
    value,
  });
}
