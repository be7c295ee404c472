/**
 * Adversarial projection: P is moved towards the projection under which the energy is largest, by a few ascent steps at
 * each evaluation. Lin et al. 2020, "Adversarial projection"; the authors' code: adversarial_projection/architecture.py,
 * `_add_thomson_project`.
 */
import type { AdversarialProjection } from "../config/types.js";
import { composeInnerEnergy, composeInnerSteps, type InnerObjective } from "./inner-steps.js";
import { keptMatrices } from "./kept-matrices.js";
import type { ComposeContext, Projection } from "./projection.js";

export function adversarialProjection(config: AdversarialProjection): Projection {
  const { dimension, count, steps, learningRate, through, ascentSpace } = config;
  const matricesOf = keptMatrices(config, config.kind);
  const inner = { steps, rate: learningRate, through };
  const ascent = <A>({ backend, pair, at }: ComposeContext<A>): InnerObjective<A> => ({
    differentiate: (projected) => at(projected, ascentSpace ?? pair.space),
    product: (saved, vector) => ({ rows: backend.pairwiseProduct(saved, vector) }),
  });
  return {
    kind: config.kind,
    prepare: (context) => ({ arrays: { matrices: matricesOf(context) } }),
    compose(context) {
      const { arrays, dim } = context;
      const { energy, gradient, matrices } = composeInnerSteps(context, arrays.matrices!, ascent(context), inner);
      return { energy, gradient, keep: { matrices: { array: matrices, shape: [count, dimension, dim] } } };
    },
    composeEnergy: (context) => composeInnerEnergy(context, context.arrays.matrices!, ascent(context), inner),
  };
}
