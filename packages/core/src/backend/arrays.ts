/**
 * Arrays on the host, as every other file speaks of them: plain numbers with a shape. A random array may carry the recipe it is drawn
 * by, so that a backend can draw it in place of an upload.
 */
import type { RandomDraw } from "../random/random-draw.js";

/** Numbers in the host's memory, row major. */
export type FloatArray = Float32Array | Float64Array;

/** A value where a backend computes synchronously, or else the promise of one. */
export type MaybePromise<T> = T | Promise<T>;

/** The sizes of an array's axes, outermost first: `[batch, rows, columns]` for a backend's arrays, `[batch]` for energies and weights. */
export type Shape = readonly number[];

/** An array in the host's memory. */
export interface HostArray {
  /** The numbers. Where `draw` is present they may be drawn only when this is read. */
  readonly data: FloatArray;
  /** The sizes of the array's axes; their product is the length of `data`. */
  readonly shape: Shape;
  /** Present where the numbers are random: the recipe by which a backend may draw them by itself, the same ones bit for bit. */
  readonly draw?: RandomDraw;
}

/** Arrays in the host's memory, by name. */
export type HostArrays = Readonly<Record<string, HostArray>>;
