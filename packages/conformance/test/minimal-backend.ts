/** A whole backend in a hundred lines, quoted by docs/usage/writing-a-backend.md: tensor primitives over plain arrays. */
// #region tensor
import type { Backend, Shape } from "@comhe/core";
import { type TensorPrimitives, tensorBackend } from "@comhe/core/tensor-backend";

interface Tensor {
  readonly data: Float32Array;
  readonly shape: Shape;
}

const sizeOf = (shape: Shape) => shape.reduce((product, length) => product * length, 1);

/** A tensor of `shape` whose entry n is `entry(n)`. */
function make(shape: Shape, entry: (n: number) => number): Tensor {
  const data = new Float32Array(sizeOf(shape));
  for (let n = 0; n < data.length; n++) data[n] = entry(n);
  return { data, shape };
}

const scalar = (value: number) => make([], () => value);
// #endregion

// #region elementwise
const map =
  (f: (x: number) => number) =>
  ({ data, shape }: Tensor): Tensor => ({ data: data.map(f), shape });

/** Entry by entry; operands broadcast as in NumPy, from the last axis on. */
const zip =
  (f: (x: number, y: number) => number) =>
  (a: Tensor, b: Tensor): Tensor => {
    const rank = Math.max(a.shape.length, b.shape.length);
    const [shapeA, shapeB] = [a, b].map(({ shape }) => [...Array(rank - shape.length).fill(1), ...shape]);
    const shape = shapeA!.map((length, axis) => Math.max(length, shapeB![axis]));
    const [atA, atB] = [position(shapeA!, shape), position(shapeB!, shape)];
    return make(shape, (n) => f(a.data[atA(n)]!, b.data[atB(n)]!));
  };

/** From an entry's number in an array of `shape` to its number in the operand. */
function position(from: readonly number[], shape: readonly number[]): (n: number) => number {
  if (sizeOf(from) === sizeOf(shape)) return (n) => n;
  if (sizeOf(from) === 1) return () => 0;
  const index = indices(from, shape);
  return (n) => index[n]!;
}

/** Where each entry of `shape` lies in an array of shape `from`, an axis of length 1 being repeated. */
function indices(from: readonly number[], shape: readonly number[]): Int32Array {
  let index = Int32Array.of(0);
  shape.forEach((length, axis) => {
    const next = new Int32Array(index.length * length);
    index.forEach((start, n) => {
      for (let k = 0; k < length; k++) next[n * length + k] = start * from[axis]! + (from[axis] === 1 ? 0 : k);
    });
    index = next;
  });
  return index;
}
// #endregion

// #region structure
/** Entries before, along and after an axis. */
function split(shape: Shape, axis: number): [before: number, along: number, after: number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))];
}

const withLength = (shape: Shape, axis: number, length: number) => shape.map((own, n) => (n === axis ? length : own));

/** Folds an axis to length 1, in float64. */
function fold({ data, shape }: Tensor, axis: number, f: (total: number, x: number) => number, start: number): Tensor {
  const [, along, after] = split(shape, axis);
  return make(withLength(shape, axis, 1), (n) => {
    const first = Math.floor(n / after) * along * after + (n % after);
    let total = start;
    for (let k = 0; k < along; k++) total = f(total, data[first + k * after]!);
    return total;
  });
}

/** Takes the positions `index` of an axis. */
function gather({ data, shape }: Tensor, index: ArrayLike<number>, axis: number): Tensor {
  const [, along, after] = split(shape, axis);
  return make(withLength(shape, axis, index.length), (n) => {
    const before = Math.floor(n / (index.length * after));
    const position = index[Math.floor(n / after) % index.length]!;
    return data[(before * along + position) * after + (n % after)]!;
  });
}

function transpose({ data, shape }: Tensor, permutation: readonly number[]): Tensor {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const turned = permutation.map((axis) => shape[axis]!);
  return make(turned, (n) => {
    let [rest, from] = [n, 0];
    for (let axis = turned.length - 1; axis >= 0; axis--) {
      from += (rest % turned[axis]!) * strides[permutation[axis]!]!;
      rest = Math.floor(rest / turned[axis]!);
    }
    return data[from]!;
  });
}

function concat(parts: readonly Tensor[], axis: number): Tensor {
  const shape = withLength(
    parts[0]!.shape,
    axis,
    parts.reduce((sum, part) => sum + part.shape[axis]!, 0),
  );
  const data = new Float32Array(sizeOf(shape));
  const [before] = split(shape, axis);
  let at = 0;
  for (let n = 0; n < before; n++) {
    for (const part of parts) {
      const block = part.data.length / before;
      data.set(part.data.subarray(n * block, (n + 1) * block), at);
      at += block;
    }
  }
  return { data, shape };
}

/** Batches of matrices; a batch of 1 broadcasts. */
function matmul(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  if (transposeA) return matmul(transpose(a, [0, 2, 1]), b, false, transposeB);
  if (!transposeB) return matmul(a, transpose(b, [0, 2, 1]), false, true);
  const [batchA, rows, inner] = a.shape as [number, number, number];
  const [batchB, columns] = b.shape as [number, number, number];
  return make([Math.max(batchA, batchB), rows, columns], (n) => {
    const batch = Math.floor(n / (rows * columns));
    const row = ((batchA === 1 ? 0 : batch) * rows + (Math.floor(n / columns) % rows)) * inner;
    const column = ((batchB === 1 ? 0 : batch) * columns + (n % columns)) * inner;
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += a.data[row + k]! * b.data[column + k]!;
    return sum;
  });
}
// #endregion

// #region primitives
const primitives: TensorPrimitives<Tensor> = {
  upload: (data, shape) => ({ data: Float32Array.from(data), shape }),
  download: (arrays) =>
    Object.fromEntries(Object.entries(arrays).map(([name, { data }]) => [name, data.slice()])) as {
      [K in keyof typeof arrays]: Float32Array;
    },
  scope: (body) => body(), // the garbage collector frees
  shape: (a) => a.shape,
  scalar,
  fill: (shape, value) => make(shape, () => value),
  range: (length) => make([length], (n) => n),
  add: zip((x, y) => x + y),
  sub: zip((x, y) => x - y),
  mul: zip((x, y) => x * y),
  div: zip((x, y) => x / y),
  maximum: zip(Math.max),
  minimum: zip(Math.min),
  less: zip((x, y) => (x < y ? 1 : 0)),
  abs: map(Math.abs),
  square: map((x) => x * x),
  sqrt: map(Math.sqrt),
  reciprocal: map((x) => 1 / x),
  exp: map(Math.exp),
  log: map(Math.log),
  atan: map(Math.atan),
  power: (a, exponent) => map((x) => x ** exponent)(a),
  matmul,
  sum: (a, axis) => fold(a, axis, (total, x) => total + x, 0),
  max: (a, axis) => fold(a, axis, Math.max, Number.NEGATIVE_INFINITY),
  transpose,
  reshape: ({ data }, shape) => ({ data, shape }),
  slice: (a, axis, start, length) =>
    gather(
      a,
      Array.from({ length }, (_, n) => start + n),
      axis,
    ),
  concat,
  gather,
  firstMaximum: ({ data, shape }) => {
    const largest = data.reduce((best, x, n) => (x > data[best]! ? n : best), 0);
    return make(shape, (n) => (n === largest ? 1 : 0));
  },
  constant: (_key, made) => made(),
};

export function minimalBackend(): Backend<Tensor> {
  return tensorBackend(primitives, { name: "minimal" });
}
// #endregion
