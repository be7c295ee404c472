/** Matrices given by the user. */
import type { FixedProjection } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import { finish, finishEnergy } from "./finish.js";
import { batchOf } from "./kept-matrices.js";
import type { Projection } from "./projection.js";

export function fixedProjection({ matrices, reduce }: FixedProjection): Projection {
  const batch = batchOf(matrices);
  const prepared = { arrays: { matrices: batch } };
  return {
    kind: "fixed",
    prepare({ dim }) {
      if (batch.shape[2] !== dim) {
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
    composeEnergy: (context) => finishEnergy(context, context.arrays.matrices!, reduce),
  };
}
