/** Handles of the reference backend. */
import type { Shape } from "../backend/backend.js";

/** The reference backend's handle of an array: float64 numbers in the host's memory, row major. */
export interface HostTensor {
  /** The numbers. */
  readonly data: Float64Array;
  /** The sizes of the array's axes; their product is the length of `data`. */
  readonly shape: Shape;
}

export function zeros(shape: Shape): HostTensor {
  return { data: new Float64Array(shape.reduce((product, size) => product * size, 1)), shape };
}

/** Sizes of a rank 3 handle. */
export function sizes(tensor: HostTensor): { batch: number; rows: number; columns: number } {
  const [batch = 1, rows = 1, columns = 1] = tensor.shape;
  return { batch, rows, columns };
}
