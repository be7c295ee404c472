/** Structured random projections, without dense matrices. */
import type { Sketch } from "@comhe/core";
import { applySketch, applySketchBack } from "@comhe/core/pair-functions";
import type { WasmArray } from "../memory/arrays.js";
import { type Context, numbersOf } from "./context.js";
import { sizes, uploadIndex } from "./linear.js";

/** Numbers that scratch memory holds. */
const largestTransform = 2 ** 18;

/** Y_c = W P_cᵀ */
export function sketch(context: Context, rows: WasmArray, by: Sketch): WasmArray {
  const [, count] = sizes(rows);
  const projected = context.arrays.make([by.count, count, by.dimension]);
  run(context, rows, projected, by, false);
  return projected;
}

/** Σ_c Y_c P_c */
export function sketchBack(context: Context, projected: WasmArray, by: Sketch): WasmArray {
  const [, count] = sizes(projected);
  const rows = context.arrays.make([1, count, by.dim]);
  run(context, rows, projected, by, true);
  return rows;
}

function run(context: Context, rows: WasmArray, projected: WasmArray, by: Sketch, back: boolean): void {
  const { arrays, engine } = context;
  const [, count] = sizes(rows);
  const isHadamard = by.kind === "hadamard";
  const padded = 2 ** Math.ceil(Math.log2(by.dim));
  if (isHadamard && padded > largestTransform) {
    const [ofRows, ofProjected] = [numbersOf(context, rows), numbersOf(context, projected)];
    engine.host(() => {
      if (back) ofRows().set(applySketchBack(by, ofProjected()));
      else ofProjected().set(applySketch(by, ofRows()));
    });
    return;
  }
  const shared = Math.max(1, Math.floor(padded / by.dimension));
  const transforms = isHadamard ? Math.ceil(by.count / shared) : by.count;
  const signs = arrays.upload(by.signs, [by.signs.length]);
  const index = uploadIndex(context, by.index);
  const work = isHadamard ? padded * Math.log2(padded) : by.dim;
  engine.run(
    "sketch",
    {
      isHadamard,
      isBack: back,
      rows: count,
      dim: by.dim,
      count: by.count,
      dimension: by.dimension,
      from: rows,
      projected,
      signs,
      index,
      padded,
      shared,
    },
    2 * count * transforms * work,
  );
  arrays.free(signs);
  arrays.free(index);
}
