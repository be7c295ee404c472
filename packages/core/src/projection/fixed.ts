/** Matrices given by the user. */
import type { FixedProjection } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import { finish } from "./finish.js";
import type { HostArray, Projection } from "./projection.js";

export function fixedProjection({ matrices, reduce }: FixedProjection): Projection {
  const array: HostArray = {
    data: Array.isArray(matrices.data) ? Float64Array.from(matrices.data) : (matrices.data as HostArray["data"]),
    shape: matrices.shape,
  };
  const prepared = { arrays: { matrices: array } };
  return {
    kind: "fixed",
    prepare({ dim }) {
      if (matrices.shape[2] !== dim) {
        throw new EnergyError(
          "invalid-shape",
          `projection.matrices: expected shape [C, k, ${dim}], the last axis being the neurons' dimension; ` +
            `got [${matrices.shape.join(", ")}].`,
          { path: "projection.matrices" },
        );
      }
      return prepared;
    },
    compose: (context) => finish(context, context.arrays.matrices!, reduce),
  };
}
