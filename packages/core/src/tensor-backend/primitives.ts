/**
 * The few tensor operations from which a whole backend is lowered. Written for engines made of such operations: tfjs
 * computes them, a graph tracer records them. Operands broadcast as in NumPy; results keep reduced axes.
 */
import type { FloatArray, MaybePromise, Shape } from "../backend/backend.js";

/**
 * The tensor operations from which {@link tensorBackend} makes a backend. `T` is the engine's tensor, float32. Operands broadcast as in
 * NumPy; results keep reduced axes, with size 1.
 */
export interface TensorPrimitives<T> {
  /** Makes a tensor of host data, as a backend's `upload` does. */
  upload(data: FloatArray, shape: Shape, name?: string): T;
  /** Reads all of these tensors at once and frees them, as a backend's `download` does. */
  download<R extends Record<string, T>>(arrays: R): MaybePromise<{ [K in keyof R]: FloatArray }>;
  /** Runs `body` and frees what it made and did not return, as a backend's `scope` does. */
  scope<R>(body: () => R): R;
  /** The shape of a tensor, known at once, also where its numbers aren't yet. */
  shape(a: T): Shape;

  /** A constant that broadcasts with everything. */
  scalar(value: number): T;
  /** A constant of that shape. */
  fill(shape: Shape, value: number): T;
  /** 0, 1, …, length − 1, of shape [length]. */
  range(length: number): T;
  /** a + b */
  add(a: T, b: T): T;
  /** a − b */
  sub(a: T, b: T): T;
  /** a·b, entry by entry. */
  mul(a: T, b: T): T;
  /** a/b, entry by entry. */
  div(a: T, b: T): T;
  /** The larger, entry by entry. */
  maximum(a: T, b: T): T;
  /** The smaller, entry by entry. */
  minimum(a: T, b: T): T;
  /** |a| */
  abs(a: T): T;
  /** a² */
  square(a: T): T;
  /** √a */
  sqrt(a: T): T;
  /** 1/a */
  reciprocal(a: T): T;
  /** eᵃ */
  exp(a: T): T;
  /** The natural logarithm. */
  log(a: T): T;
  /** The arc tangent, in radians. */
  atan(a: T): T;
  /** aᵉ for a > 0. */
  power(a: T, exponent: number): T;
  /** 1 where a < b, else 0. */
  less(a: T, b: T): T;
  /** Batched: the last two axes multiply, a batch of 1 broadcasts. */
  matmul(a: T, b: T, transposeA: boolean, transposeB: boolean): T;
  /** The sum along an axis. */
  sum(a: T, axis: number): T;
  /** The maximum along an axis. */
  max(a: T, axis: number): T;
  /** Axis n of the result is axis `permutation[n]` of `a`. */
  transpose(a: T, permutation: readonly number[]): T;
  /** The same numbers, row major, in another shape. */
  reshape(a: T, shape: Shape): T;
  /** Positions start … start + length − 1 of an axis. */
  slice(a: T, axis: number, start: number, length: number): T;
  /** Puts tensors one after the other along an axis. */
  concat(parts: readonly T[], axis: number): T;
  /** Position n of the axis is position `index[n]` of `a`. */
  gather(a: T, index: Int32Array, axis: number): T;
  /** 1 at the first maximum of a vector, else 0. */
  firstMaximum(a: T): T;
  /** What `make` returns, made once for each key and kept beyond every scope where the engine can; for small constants. */
  constant(key: string, make: () => T): T;
  /**
   * Runs a body for n = 0, 1, …, times − 1 and stacks each of its results along a new first axis. Optional, for engines that record a graph and
   * can loop in it, so that the body is recorded once; without it tiles are visited one after the other.
   */
  repeat?(times: number, body: (turn: Turn<T>) => readonly T[]): readonly T[];
}

/** One turn of {@link TensorPrimitives.repeat}. */
export interface Turn<T> {
  /** The number n·length, as a scalar. */
  start(length: number): T;
  /** The positions n·length … (n + 1)·length − 1 of an axis. */
  slice(a: T, axis: number, length: number): T;
}
