/** The rows whose pairs an energy is of: those of the weights, or of W·P_cᵀ, one set at a time. */
import type { FloatArray } from "../backend/backend.js";
import type { PotentialSpec } from "../config/types.js";
import { createProgram } from "../evaluate/program.js";
import type { Neurons } from "../layout/layout.js";
import type { HostArray } from "../projection/projection.js";
import { denseMatrices } from "../random/sketch.js";
import { type RowProducts, type Rows, rowRanges } from "./row-products.js";

/** How many energies the projection takes the mean of; `undefined` where it can't be sampled. */
export function copiesOf({ projection }: PotentialSpec): number | undefined {
  if ("compose" in projection) return undefined;
  if (projection.kind === "none" || projection.kind === "pca") return 1;
  if (projection.kind === "random" && projection.reduce === "mean") return projection.count;
  if (projection.kind === "fixed" && projection.reduce === "mean") {
    const { shape } = projection.matrices;
    return shape.length === 3 ? shape[0] : 1;
  }
  return undefined;
}

export async function* projectedTables(
  spec: PotentialSpec,
  { data, count, dim }: Neurons,
  products: RowProducts,
  { seed, name }: { seed: number; name: string },
): AsyncGenerator<Rows> {
  const rows = { data, count, dim };
  if (spec.projection.kind === "none") {
    yield rows;
    return;
  }
  const { arrays, sketch } = createProgram(spec, { seed, name }).prepare({ count, dim, rows: () => data });
  const matrices: HostArray = sketch ? denseMatrices(sketch) : arrays.matrices!;
  const [copies = 1, width = 1] = matrices.shape;
  for (let c = 0; c < copies; c++) {
    const projected: FloatArray =
      data instanceof Float64Array ? new Float64Array(count * width) : new Float32Array(count * width);
    const matrix = matrices.data.slice(c * width * dim, (c + 1) * width * dim);
    for (const [from, to] of rowRanges(rows, width)) {
      projected.set(await products.withVectors(rows, from, to, matrix), from * width);
    }
    yield { data: projected, count, dim: width };
  }
}
