/**
 * Angle-preserving projection: P is kept close to the minimum of the mismatch between the angles of W and of W·Pᵀ, by a
 * few descent steps at each evaluation. Lin et al. 2020, "Angle-preserving projection"; the authors' code:
 * angle_projection/architecture.py, `_add_thomson_project`.
 */
import type { AnglePreservingProjection } from "../config/types.js";
import { composeInnerEnergy, composeInnerSteps, type InnerObjective } from "./inner-steps.js";
import { keptMatrices } from "./kept-matrices.js";
import type { ComposeContext, Projection } from "./projection.js";

export function anglePreservingProjection(config: AnglePreservingProjection): Projection {
  const { dimension, count, steps, learningRate, measure, form, through } = config;
  const matricesOf = keptMatrices(config, config.kind);
  const inner = { steps, rate: -learningRate, through };
  const descent = <A>({ backend, rows, pair, directions }: ComposeContext<A>): InnerObjective<A> => {
    const reference = directions(rows);
    const spec = { measure, form, separationFloor: pair.separationFloor };
    return {
      differentiate: (projected) => backend.mismatch(reference, directions(projected), spec),
      product: (saved, vector) => backend.mismatchProduct(saved, vector),
    };
  };
  return {
    kind: config.kind,
    prepare: (context) => ({ arrays: { matrices: matricesOf(context) } }),
    compose(context) {
      const { arrays, dim } = context;
      const { energy, gradient, matrices } = composeInnerSteps(context, arrays.matrices!, descent(context), inner);
      return { energy, gradient, keep: { matrices: { array: matrices, shape: [count, dimension, dim] } } };
    },
    composeEnergy: (context) => composeInnerEnergy(context, context.arrays.matrices!, descent(context), inner),
  };
}
