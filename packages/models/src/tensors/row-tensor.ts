/**
 * A tensor that is computed row by row from other tensors, such as a matrix from its codes and scales. Any part of it is
 * had by decoding the rows that hold it, a few million numbers at a time: memory is bounded whatever the tensor's size.
 */
import type { Shape } from "@comhe/core/layouts";
import { countOf } from "./part-reader.js";
import type { StoredTensor } from "./stored-tensor.js";

/** Decodes rows `from` … `to` of the tensor flattened to `[…, row length]`. */
export type DecodeRows = (from: number, to: number) => Promise<Float32Array>;

export interface RowTensor {
  readonly name: string;
  readonly shape: Shape;
  /** The type of its numbers as they are stored: "int4 (GPTQ)". */
  readonly dataType: string;
  readonly note?: string | undefined;
  /** What it is made of. */
  readonly parts: readonly StoredTensor[];
  /** How many numbers a row has, where it isn't the last axis. */
  readonly rowLength?: number;
  /** Called once for each read: what it loads (scales, indices) serves all rows of that read. */
  readonly open: () => DecodeRows | Promise<DecodeRows>;
}

/** Numbers that are decoded at a time. */
const atOnce = 1 << 22;

export function rowTensor({ name, shape, dataType, note, parts, open, ...rest }: RowTensor): StoredTensor {
  const length = rest.rowLength ?? shape.at(-1) ?? 1;
  const inParts = parts.every((part) => part.inParts);
  return {
    name,
    shape,
    dataType,
    floating: true,
    inParts,
    note,
    async read(from, count) {
      const result = new Float32Array(count);
      if (count === 0) return result;
      const decode = await open();
      const last = Math.ceil((from + count) / length);
      const step = Math.max(1, Math.floor(atOnce / length));
      for (let row = Math.floor(from / length); row < last; row += step) {
        const numbers = await decode(row, Math.min(last, row + step));
        const begin = row * length - from;
        const skip = Math.max(0, -begin);
        const wanted = Math.min(numbers.length, count - begin);
        result.set(numbers.subarray(skip, wanted), begin + skip);
      }
      return result;
    },
  };
}

/** How many rows a tensor has when it is flattened to `[…, row length]`. */
export const rowsOf = (tensor: Pick<StoredTensor, "shape">, length: number): number => countOf(tensor) / length;
