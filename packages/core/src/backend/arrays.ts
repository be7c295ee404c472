/**
 * Arrays on the host, as every other file speaks of them: plain numbers with a shape. A random array may carry the recipe it is drawn
 * by, so that a backend can draw it in place of an upload.
 */
import type { RandomDraw } from "../random/random-draw.js";

/** Numbers on the host, row major. */
export type FloatArray = Float32Array | Float64Array;

/** A value, at once where a backend computes synchronously, or the promise of one. */
export type MaybePromise<T> = T | Promise<T>;

/** `[batch, rows, columns]`, or `[batch]` for energies and weights. */
export type Shape = readonly number[];

/** An array on the host. */
export interface HostArray {
  /** May be drawn only when it is read. */
  readonly data: FloatArray;
  readonly shape: Shape;
  /** Present where the numbers are random ones, which the backend may draw by itself: the same, bit for bit. */
  readonly draw?: RandomDraw;
}

/** Arrays on the host by name. */
export type HostArrays = Readonly<Record<string, HostArray>>;
