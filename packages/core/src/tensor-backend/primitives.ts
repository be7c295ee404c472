/**
 * The few tensor operations from which a whole backend is lowered. Written for engines made of such operations: tfjs
 * computes them, a graph tracer records them. Operands broadcast as in NumPy; results keep reduced axes.
 */
import type { FloatArray, MaybePromise, Shape } from "../backend/backend.js";

export interface TensorPrimitives<T> {
  upload(data: FloatArray, shape: Shape, name?: string): T;
  download<R extends Record<string, T>>(arrays: R): MaybePromise<{ [K in keyof R]: FloatArray }>;
  scope<R>(body: () => R): R;
  shape(a: T): Shape;

  scalar(value: number): T;
  fill(shape: Shape, value: number): T;
  /** 0, 1, …, length − 1, of shape [length]. */
  range(length: number): T;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  maximum(a: T, b: T): T;
  minimum(a: T, b: T): T;
  abs(a: T): T;
  square(a: T): T;
  sqrt(a: T): T;
  reciprocal(a: T): T;
  exp(a: T): T;
  log(a: T): T;
  atan(a: T): T;
  /** aᵉ for a > 0. */
  power(a: T, exponent: number): T;
  /** 1 where a < b, else 0. */
  less(a: T, b: T): T;
  /** Batched: the last two axes multiply, a batch of 1 broadcasts. */
  matmul(a: T, b: T, transposeA: boolean, transposeB: boolean): T;
  sum(a: T, axis: number): T;
  max(a: T, axis: number): T;
  transpose(a: T, permutation: readonly number[]): T;
  reshape(a: T, shape: Shape): T;
  slice(a: T, axis: number, start: number, length: number): T;
  concat(parts: readonly T[], axis: number): T;
  gather(a: T, index: Int32Array, axis: number): T;
  /** 1 at the first maximum of a vector, else 0. */
  firstMaximum(a: T): T;
  /** What `make` gives, made once and kept beyond every scope where the engine can; for small constants. */
  constant(key: string, make: () => T): T;
  /**
   * Where an engine records, and can loop: n = 0, 1, …, times − 1, recorded once. Each result is stacked along a new first
   * axis. Without it tiles are visited one after the other.
   */
  repeat?(times: number, body: (turn: Turn<T>) => readonly T[]): readonly T[];
}

/** One turn of {@link TensorPrimitives.repeat}. */
export interface Turn<T> {
  /** n·length, a scalar. */
  start(length: number): T;
  /** Positions n·length … (n + 1)·length − 1 of an axis. */
  slice(a: T, axis: number, length: number): T;
}
