/**
 * A part of a tensor along one of its axes, without reading the rest for good: the axis is cut into equal groups, and of
 * each group a stretch is taken. One group: a plain slice, such as q of a matrix of q, k and v. A group for each head: the
 * q rows of every head, where q, k and v of a head stand together.
 */
import type { Shape } from "@comhe/core/layouts";
import { sizeOf } from "../layer-source.js";
import type { NumberArray, StoredTensor } from "./stored-tensor.js";
import { emptyLike } from "./strided.js";

export interface Band {
  readonly axis: number;
  /** Default: 1. */
  readonly groups?: number | undefined;
  /** Within each group. */
  readonly from: number;
  readonly size: number;
}

/** Numbers that are read at once, beside those that are wanted. */
const block = 2_000_000;

/** Stretches of at least so many numbers are read on their own. */
const longStretch = 16_384;

export function bandOf(tensor: StoredTensor, { axis, groups = 1, from, size }: Band): StoredTensor {
  const { shape } = tensor;
  const span = shape[axis]! / groups;
  const inner = sizeOf(shape.slice(axis + 1));
  // The tensor is a matrix of lines, one for each group; the band is a stretch of columns.
  const line = span * inner;
  const first = from * inner;
  const width = size * inner;
  const banded: Shape = shape.map((each, n) => (n === axis ? groups * size : each));
  const whole = width === line;
  const total = sizeOf(shape);
  return {
    ...tensor,
    shape: banded,
    rowNames: undefined,
    async read(start, count) {
      if (count === 0 || whole) return tensor.read(start, count);
      if (!tensor.inParts) return copyBand(await tensor.read(0, total), 0, { line, first, width }, start, count);
      const firstLine = Math.floor(start / width);
      const lastLine = Math.floor((start + count - 1) / width);
      if (firstLine === lastLine) return tensor.read(firstLine * line + first + (start - firstLine * width), count);
      const linesAtOnce = width >= longStretch ? 1 : Math.max(1, Math.floor(block / line));
      let result: NumberArray | undefined;
      for (let at = firstLine; at <= lastLine; at += linesAtOnce) {
        const end = Math.min(lastLine + 1, at + linesAtOnce);
        const begin = Math.max(start, at * width);
        const length = Math.min(start + count, end * width) - begin;
        const part =
          end - at === 1
            ? await tensor.read(at * line + first + (begin - at * width), length)
            : copyBand(
                await tensor.read(at * line + first, (end - at - 1) * line + width),
                at * line + first,
                { line, first, width },
                begin,
                length,
              );
        result ??= emptyLike(part, count);
        result.set(part, begin - start);
      }
      return result!;
    },
  };
}

/** @param offset where in the tensor `numbers` begin */
function copyBand(
  numbers: NumberArray,
  offset: number,
  { line, first, width }: { readonly line: number; readonly first: number; readonly width: number },
  start: number,
  count: number,
): NumberArray {
  const result = emptyLike(numbers, count);
  for (let done = 0; done < count; ) {
    const at = start + done;
    const column = at % width;
    const length = Math.min(width - column, count - done);
    const source = Math.floor(at / width) * line + first + column - offset;
    result.set(numbers.subarray(source, source + length), done);
    done += length;
  }
  return result;
}
