/**
 * Angle-preserving projection: P is kept close to the minimum of the mismatch between the angles of W and of W·Pᵀ, by a
 * few descent steps at each evaluation. Lin et al. 2020, "Angle-preserving projection"; the authors' code:
 * angle_projection/architecture.py, `_add_thomson_project`.
 */
import type { AnglePreservingProjection } from "../config/types.js";
import { composeInnerSteps } from "./inner-steps.js";
import { keptMatrices } from "./kept-matrices.js";
import type { Projection } from "./projection.js";

export function anglePreservingProjection(config: AnglePreservingProjection): Projection {
  const { dimension, count, steps, learningRate, measure, form, through } = config;
  const matricesOf = keptMatrices(config, config.kind);
  return {
    kind: config.kind,
    prepare: (context) => ({ arrays: { matrices: matricesOf(context) } }),
    compose(context) {
      const { backend, rows, arrays, pair, dim } = context;
      const reference = context.directions(rows);
      const spec = { measure, form, separationFloor: pair.separationFloor };
      const objective = {
        differentiate: (projected: typeof rows) => backend.mismatch(reference, context.directions(projected), spec),
        product: backend.mismatchProduct,
      };
      const inner = { steps, rate: -learningRate, through };
      const { energy, gradient, matrices } = composeInnerSteps(context, arrays.matrices!, objective, inner);
      return { energy, gradient, keep: { matrices: { array: matrices, shape: [count, dimension, dim] } } };
    },
  };
}
