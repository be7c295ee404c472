/** Transposing, slicing and picking apart: all of it is reading with other strides. */
import type { NumberArray } from "./stored-tensor.js";

export interface View {
  readonly sizes: readonly number[];
  /** Distance in the data between neighbours along each axis; negative to read backwards. */
  readonly steps: readonly number[];
  readonly offset: number;
}

/** Strides of row major data. */
export function rowMajor(shape: readonly number[]): number[] {
  const steps = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    steps[axis] = step;
    step *= shape[axis]!;
  }
  return steps;
}

/** The numbers of a view, row major. */
export function gather<T extends NumberArray>(data: T, { sizes, steps, offset }: View): T {
  const count = sizes.reduce((total, size) => total * size, 1);
  const result = emptyLike(data, count);
  const position = sizes.map(() => 0);
  let source = offset;
  for (let target = 0; target < count; target++) {
    result[target] = data[source]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      source += steps[axis]!;
      if (++position[axis]! < sizes[axis]!) break;
      source -= steps[axis]! * sizes[axis]!;
      position[axis] = 0;
    }
  }
  return result;
}

export function emptyLike<T extends NumberArray>(data: T, count: number): T {
  return new (data.constructor as new (count: number) => T)(count);
}
