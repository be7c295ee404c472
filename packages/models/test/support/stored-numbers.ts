/** Tensors of numbers in memory, and what conventions make of them. */

import { packedRules } from "../../src/conventions/packed/index.js";
import { TensorBag } from "../../src/conventions/tensor-bag.js";
import type { NumberArray, StoredTensor } from "../../src/tensors/stored-tensor.js";

const arrays = {
  float16: Float32Array,
  float32: Float32Array,
  bfloat16: Float32Array,
  float8_e4m3fn: Float32Array,
  float8_e5m2: Float32Array,
  float8_e8m0: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: Float64Array,
} as const;

export type TestType = keyof typeof arrays;

/** A tensor of these numbers; `reads` counts how often and how much was read. */
export function stored(name: string, dataType: TestType, shape: readonly number[], numbers: ArrayLike<number>) {
  const data = arrays[dataType].from(numbers as ArrayLike<number> & Iterable<number>) as NumberArray;
  const count = shape.reduce((product, size) => product * size, 1);
  if (data.length !== count) throw new Error(`${name}: ${data.length} numbers for [${shape.join(", ")}]`);
  const reads: [from: number, count: number][] = [];
  const tensor: StoredTensor = {
    name,
    shape,
    dataType,
    floating: /float/.test(dataType),
    inParts: true,
    async read(from, wanted) {
      if (from < 0 || from + wanted > count) throw new Error(`${name}: read ${from} + ${wanted} of ${count}`);
      reads.push([from, wanted]);
      return data.slice(from, from + wanted);
    },
  };
  return Object.assign(tensor, { reads });
}

/** Runs the rules for packed weights. */
export async function unpacked(tensors: readonly StoredTensor[], config?: Readonly<Record<string, unknown>>) {
  const bag = new TensorBag(tensors);
  for (const rule of packedRules) await rule.apply(bag, { config, layoutOf: () => undefined });
  const left = [...bag];
  return { bag, left, names: left.map(({ name }) => name), skipped: bag.result().skipped };
}

/** All numbers, held to be the same when they are read in parts. */
export async function numbersOf(tensor: StoredTensor): Promise<number[]> {
  const count = tensor.shape.reduce((product, size) => product * size, 1);
  const whole = Array.from(await tensor.read(0, count));
  for (const from of [0, 1, Math.floor(count / 3), count - 1]) {
    for (const size of [1, 7, Math.floor(count / 2)]) {
      const taken = Math.min(size, count - from);
      const part = Array.from(await tensor.read(from, taken));
      if (part.some((value, n) => !Object.is(value, whole[from + n]))) {
        throw new Error(`${tensor.name}: numbers ${from} + ${taken} differ when they are read alone`);
      }
    }
  }
  return whole;
}

/** Whole numbers below `below`, the same for a seed every time (Lehmer's generator). */
export function draws(seed: number, count: number, below: number): number[] {
  let state = (seed * 2654435761) % 2147483647 || 1;
  return Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return state % below;
  });
}

/** A table of numbers by a formula, row after row. */
export const table = (rows: number, columns: number, value: (row: number, column: number) => number): number[] =>
  Array.from({ length: rows * columns }, (_, n) => value(Math.floor(n / columns), n % columns));
