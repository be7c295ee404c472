/** Random numbers: those that core would draw, to the bit, and structured projections of rows. */
import type { RandomDraw, Sketch } from "@comhe/core";
import { applySketch, applySketchBack } from "@comhe/core/pair-functions";
import { arrayOf, makeUnwritten, type NativeArray, sizes } from "./arrays.js";
import type { Context } from "./context.js";

/** Numbers of a transform that scratch memory holds, as in `kernels/kernels.h`; longer ones are core's. */
const largestTransform = 32_768;

/** What was drawn, for as long as somebody has the recipe: matrices that are kept over many steps are drawn once. */
const drawn = new WeakMap<RandomDraw, NativeArray>();

/** Random matrices, drawn from core's stream. */
export function random({ run }: Context, draw: RandomDraw): NativeArray {
  const known = drawn.get(draw);
  // Whoever was given the numbers may have changed them since.
  if (known && !known.isGiven) return known;
  const { distribution, shape, from } = draw;
  const result = makeUnwritten(shape);
  const numbers = [Number(distribution === "rademacher"), result.data.length, from.word, ...from.key, ...from.nonce];
  run("random", numbers, result.data);
  drawn.set(draw, result);
  return result;
}

/** Y_c = W P_cᵀ */
export function sketch(context: Context, rows: NativeArray, by: Sketch): NativeArray {
  const shape = [by.count, sizes(rows)[1], by.dimension];
  if (isTooLong(by)) return arrayOf(applySketch(by, rows.data) as Float32Array, shape);
  const projected = makeUnwritten(shape);
  runSketch(context, rows, projected, by, false);
  return projected;
}

/** Σ_c Y_c P_c */
export function sketchBack(context: Context, projected: NativeArray, by: Sketch): NativeArray {
  const shape = [1, sizes(projected)[1], by.dim];
  if (isTooLong(by)) return arrayOf(applySketchBack(by, projected.data) as Float32Array, shape);
  const rows = makeUnwritten(shape);
  runSketch(context, rows, projected, by, true);
  return rows;
}

const isTooLong = ({ kind, dim }: Sketch) => kind === "hadamard" && dim > largestTransform;

function runSketch({ run }: Context, rows: NativeArray, projected: NativeArray, by: Sketch, isBack: boolean): void {
  const numbers = [Number(by.kind === "hadamard"), Number(isBack), sizes(projected)[1], by.dim, by.count, by.dimension];
  run("sketch", numbers, rows.data, projected.data, by.signs, by.index);
}
