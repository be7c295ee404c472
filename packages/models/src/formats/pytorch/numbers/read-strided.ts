/**
 * Numbers of a strided view, in row-major order. What a view asks for may lie close together, scattered over a storage, or
 * in an order of its own (a transposed matrix); it is read in one piece, row by row, or in passes over the storage,
 * whichever reads least without more memory than the numbers themselves take.
 */
import type { NumberArray } from "../../../tensors/stored-tensor.js";

export interface StridedView {
  readonly shape: readonly number[];
  /** In numbers, none negative. */
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Numbers `from` … `from + count` of the storage. */
export type ReadNumbers = (from: number, count: number) => Promise<NumberArray>;

/** Numbers that are read at once, where more of them aren't wanted than lie between. */
const pass = 2 ** 22;

/** Numbers that a reading may have to pass over for nothing, whatever it is for. */
const fewNumbers = 2 ** 14;

/** One more than the last number that a view touches. */
export function viewEnd({ shape, strides, offset }: StridedView): number {
  if (shape.includes(0)) return offset;
  return shape.reduce((end, size, axis) => end + (size - 1) * strides[axis]!, offset) + 1;
}

/** Whether the view's order is that of the storage, without gaps. */
export function isContiguous({ shape, strides }: StridedView): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 1) continue;
    if (strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** Whether a part of the view, row after row, costs about that part. */
export function readsInParts(view: StridedView): boolean {
  if (isContiguous(view)) return true;
  const [, ...shape] = view.shape;
  const [, ...strides] = view.strides;
  const numbers = shape.reduce((product, size) => product * size, 1);
  return viewEnd({ shape, strides, offset: 0 }) <= 4 * numbers;
}

/** @returns an array of the type that `read` gives */
export async function readStrided(
  view: StridedView,
  from: number,
  count: number,
  read: ReadNumbers,
): Promise<NumberArray> {
  if (isContiguous(view)) return read(view.offset + from, count);
  // An empty reading gives an array of the right kind.
  const kind = (await read(view.offset, 0)).constructor as new (length: number) => NumberArray;
  const result = new kind(count);
  if (count > 0) await fill(view, from, count, read, result);
  return result;
}

async function fill(
  view: StridedView,
  from: number,
  count: number,
  read: ReadNumbers,
  result: NumberArray,
): Promise<void> {
  const { shape, strides } = view;
  const first = indexOf(from, shape);
  const last = indexOf(from + count - 1, shape);
  // Axes before this one stand still.
  const axis = shape.findIndex((_, n) => first[n] !== last[n]);
  const fixed = axis < 0 ? shape.length : axis;
  const base = first.slice(0, fixed).reduce((sum, index, n) => sum + index * strides[n]!, view.offset);
  if (axis < 0) {
    result[0] = (await read(base, 1))[0]!;
    return;
  }
  const inner = { shape: shape.slice(axis + 1), strides: strides.slice(axis + 1), offset: 0 };
  const innerSpan = viewEnd(inner);
  const lowest = base + first[axis]! * strides[axis]!;
  const span = (last[axis]! - first[axis]!) * strides[axis]! + innerSpan;
  const walk = { shape, strides, offset: view.offset };
  if (span <= Math.max(4 * count, fewNumbers)) {
    gather(walk, first, count, await read(lowest, span), lowest, result);
    return;
  }
  const steps = last[axis]! - first[axis]! + 1;
  if (steps * innerSpan <= span / 2) {
    // Rows with gaps between them.
    const rowSize = inner.shape.reduce((product, size) => product * size, 1);
    let done = 0;
    while (done < count) {
      const within = (from + done) % rowSize;
      const size = Math.min(count - done, rowSize - within);
      await fill(view, from + done, size, read, result.subarray(done, done + size) as NumberArray);
      done += size;
    }
    return;
  }
  for (let start = lowest; start < lowest + span; start += pass) {
    const size = Math.min(pass, lowest + span - start);
    gather(walk, first, count, await read(start, size), start, result);
  }
}

/** Puts what lies in `numbers`, which begin at `start` of the storage, to its places. */
function gather(
  { shape, strides, offset }: StridedView,
  first: readonly number[],
  count: number,
  numbers: NumberArray,
  start: number,
  result: NumberArray,
): void {
  const index = [...first];
  const lastAxis = shape.length - 1;
  let at = index.reduce((sum, i, axis) => sum + i * strides[axis]!, offset) - start;
  const step = strides[lastAxis]!;
  const size = shape[lastAxis]!;
  let n = 0;
  while (n < count) {
    // Along the last axis as far as it goes.
    const run = Math.min(count - n, size - index[lastAxis]!);
    for (let k = 0; k < run; k++, at += step) {
      if (at >= 0 && at < numbers.length) result[n + k] = numbers[at]!;
    }
    n += run;
    index[lastAxis]! += run;
    for (let axis = lastAxis; axis > 0 && index[axis] === shape[axis]; axis--) {
      at += strides[axis - 1]! - shape[axis]! * strides[axis]!;
      index[axis] = 0;
      index[axis - 1]!++;
    }
  }
}

function indexOf(position: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = position % shape[axis]!;
    position = Math.floor(position / shape[axis]!);
  }
  return index;
}
