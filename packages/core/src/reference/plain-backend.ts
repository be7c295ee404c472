/**
 * The float64 backend in plain JavaScript, but for the objectives of others, which need a library for eigenvalues, and statistics of pairs, which core
 * puts together from products where there are none. Written for clarity; memory grows
 * with the inputs alone.
 */
import type { Backend, FloatArray, Shape } from "../backend/backend.js";
import { applySketch, applySketchBack } from "../random/sketch.js";
import type { HostTensor } from "./host-tensor.js";
import { combine, gatherColumns, matmul, reduce, scaleBatch, scatterColumns } from "./linear-algebra.js";
import { mismatch, mismatchProduct } from "./mismatch.js";
import { directions, type HostDirections } from "./normalize.js";
import { pairwise, pairwiseEnergy, pairwiseProduct } from "./pairwise.js";

/** The reference backend without the objectives of other papers and without statistics of pairs. It computes in float64, on one thread, synchronously. */
export function plainBackend(): Backend<HostTensor> {
  return {
    specification: "v1",
    name: "reference",
    precision: "float64",
    bareFormula: true,
    upload: (data: FloatArray, shape: Shape) => ({ data: new Float64Array(data), shape }),
    download: (arrays) =>
      Object.fromEntries(Object.entries(arrays).map(([name, { data }]) => [name, data])) as {
        [K in keyof typeof arrays]: FloatArray;
      },
    scope: (body) => body(),
    matmul,
    combine,
    scaleBatch,
    reduce,
    gatherColumns,
    scatterColumns,
    sketch: (rows, sketch) => ({
      data: applySketch(sketch, rows.data) as Float64Array,
      shape: [sketch.count, rows.shape[1]!, sketch.dimension],
    }),
    sketchBack: (projected, sketch) => ({
      data: applySketchBack(sketch, projected.data) as Float64Array,
      shape: [1, projected.shape[1]!, sketch.dim],
    }),
    directions,
    pairwise: ((rows, pair, options) =>
      options?.gradient === false
        ? pairwiseEnergy(rows as HostDirections, pair)
        : pairwise(rows as HostDirections, pair)) as Backend<HostTensor>["pairwise"],
    pairwiseProduct,
    mismatch: (reference, projected, spec) => mismatch(reference as HostDirections, projected as HostDirections, spec),
    mismatchProduct,
  };
}
