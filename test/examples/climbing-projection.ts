import type { Projection } from "@comhe/core";

/** One projection that climbs the energy, with momentum, while training descends it: one pass over the pairs a step. */
export function climbingProjection(dimension: number, learningRate = 0.01, momentum = 0.9): Projection {
  return {
    kind: "climbing",
    prepare({ dim, kept, random }) {
      if (kept) return { arrays: kept };
      const shape = [1, dimension, dim];
      const matrices = { data: random(0).fillNormal(new Float32Array(dimension * dim)), shape };
      const velocity = { data: new Float32Array(dimension * dim), shape };
      return { arrays: { matrices, velocity } };
    },
    compose({ backend, rows, arrays, dim, at }) {
      const { matrices, velocity } = arrays;
      // Y = W·Pᵀ, the energy of its rows, and D = ∂E/∂Y.
      const { energy, gradient } = at(backend.matmul(rows, matrices, { transposeB: true }));
      // ∂E/∂P = DᵀW
      const climb = backend.matmul(gradient, rows, { transposeA: true });
      const faster = backend.combine([
        [momentum, velocity],
        [learningRate, climb],
      ]);
      const higher = backend.combine([
        [1, matrices],
        [1, faster],
      ]);
      const shape = [1, dimension, dim];
      return {
        energy,
        // ∂E/∂W = D·P, P taken as given.
        gradient: backend.matmul(gradient, matrices),
        keep: { matrices: { array: higher, shape }, velocity: { array: faster, shape } },
      };
    },
  };
}
