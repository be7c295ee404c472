/** The common end of every strategy that projects with matrices: energies of the rows of W·Pᵀ, and back. */
import type { Reduce } from "../config/types.js";
import type { ComposeContext, Composed } from "./projection.js";

/**
 * r = at(W Pᵀ); reduce(r.energy) → energy, weights; ∂W = Σ_c weights_c · r.gradient_c · P_c. Lin et al. 2020, eq. 4 (mean).
 *
 * @param matrices `[C, k, d]`
 */
export function finish<A>({ backend, rows, at }: ComposeContext<A>, matrices: A, how: Reduce): Composed<A> {
  const projected = at(backend.matmul(rows, matrices, { transposeB: true }));
  const { energy, weights } = backend.reduce(projected.energy, how);
  const onProjected = backend.scaleBatch(projected.gradient, weights);
  return { energy, gradient: backend.matmul(onProjected, matrices, { sumBatch: true }) };
}
