/** The common end of every strategy that projects the rows: energies of the rows of W·Pᵀ, and back. */
import type { Reduce } from "../config/types.js";
import { denseMatrices, type Sketch } from "../random/sketch.js";
import type { ComposeContext, Composed, ComposedEnergy } from "./projection.js";

/**
 * r = at(W Pᵀ); reduce(r.energy) → energy, weights; ∂W = Σ_c weights_c · r.gradient_c · P_c. Lin et al. 2020,
 * "Random projection" (the mean).
 *
 * @param matrices `[C, k, d]`
 */
export function finish<A>(context: ComposeContext<A>, matrices: A, how: Reduce): Composed<A> {
  const { backend, rows } = context;
  return finishWith(
    context,
    backend.matmul(rows, matrices, { transposeB: true }),
    (onProjected) => backend.matmul(onProjected, matrices, { sumBatch: true }),
    how,
  );
}

/** Does what {@link finish} does, under a structured projection; its matrices are made dense where the backend has no sketches. */
export function finishSketch<A>(context: ComposeContext<A>, sketch: Sketch, how: Reduce): Composed<A> {
  const { backend, rows } = context;
  if (!backend.sketch || !backend.sketchBack) {
    return finish(context, context.upload(denseMatrices(sketch), "matrices"), how);
  }
  const back = (onProjected: A) => backend.sketchBack!(onProjected, sketch);
  return finishWith(context, backend.sketch(rows, sketch), back, how);
}

function finishWith<A>(
  { backend, at }: ComposeContext<A>,
  projected: A,
  onRows: (onProjected: A) => A,
  how: Reduce,
): Composed<A> {
  const result = at(projected);
  const { energy, weights } = backend.reduce(result.energy, how);
  return { energy, gradient: onRows(backend.scaleBatch(result.gradient, weights)) };
}

/** {@link finish} without the way back. */
export function finishEnergy<A>(context: ComposeContext<A>, matrices: A, how: Reduce): ComposedEnergy<A> {
  const { backend, rows, energyAt } = context;
  return { energy: backend.reduce(energyAt(backend.matmul(rows, matrices, { transposeB: true })), how).energy };
}

/** {@link finishSketch} without the way back. */
export function finishSketchEnergy<A>(context: ComposeContext<A>, sketch: Sketch, how: Reduce): ComposedEnergy<A> {
  const { backend, rows, energyAt, upload } = context;
  if (!backend.sketch) return finishEnergy(context, upload(denseMatrices(sketch), "matrices"), how);
  return { energy: backend.reduce(energyAt(backend.sketch(rows, sketch)), how).energy };
}
