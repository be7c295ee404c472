/**
 * Adversarial projection: P is moved towards the projection under which the energy is largest, by a few ascent steps at
 * each evaluation. Lin et al. 2020, "Adversarial projection"; the authors' code: adversarial_projection/architecture.py,
 * `_add_thomson_project`.
 */
import type { AdversarialProjection } from "../config/types.js";
import { composeInnerSteps } from "./inner-steps.js";
import { keptMatrices } from "./kept-matrices.js";
import type { Projection } from "./projection.js";

export function adversarialProjection(config: AdversarialProjection): Projection {
  const { dimension, count, steps, learningRate, through, ascentSpace } = config;
  const matricesOf = keptMatrices(config, config.kind);
  return {
    kind: config.kind,
    prepare: (context) => ({ arrays: { matrices: matricesOf(context) } }),
    compose(context) {
      const { backend, arrays, pair, dim } = context;
      type Handle = (typeof arrays)[string];
      const objective = {
        differentiate: (projected: Handle) => context.at(projected, ascentSpace ?? pair.space),
        product: (saved: unknown, vector: Handle) => ({ rows: backend.pairwiseProduct(saved, vector) }),
      };
      const inner = { steps, rate: learningRate, through };
      const { energy, gradient, matrices } = composeInnerSteps(context, arrays.matrices!, objective, inner);
      return { energy, gradient, keep: { matrices: { array: matrices, shape: [count, dimension, dim] } } };
    },
  };
}
