/**
 * A projection found by a few gradient steps on itself, P ← P + η·∂F/∂P, F depending on P through Y = W Pᵀ. Shared by
 * `angle-preserving` (F the mismatch of the angles, descended) and `adversarial` (F the energy, ascended).
 *
 * `stopped`: the outer gradient takes P as given (alternating optimization). `unrolled`: it flows back through the steps.
 * With Λ the gradient with respect to P_{m+1} = P_m + η DᵀW, the step's share is that of ⟨Λ, P_m + η DᵀW⟩; D is itself a
 * gradient, so its adjoint is its own Hessian product. Lin et al. 2020, "Angle-preserving projection" and "Adversarial
 * projection", take the steps; the authors' code unrolls one, by automatic differentiation.
 */
import type { Backend, Saved } from "../backend/backend.js";
import type { Through } from "../config/types.js";
import type { ComposeContext, Composed, ComposedEnergy } from "./projection.js";

/** F at the projected rows Y, `[C, N, k]`. */
export interface InnerObjective<A> {
  /** D = ∂F/∂Y, and what the product needs. */
  differentiate(projected: A): { readonly gradient: A; readonly saved: Saved };
  /** Hessian product with V: its share on Y, and on W directly where F compares Y with W. */
  product(saved: Saved, vector: A): { readonly rows: A; readonly reference?: A };
}

export interface InnerSteps {
  readonly steps: number;
  /** η: > 0 ascends, < 0 descends. */
  readonly rate: number;
  readonly through: Through;
}

interface Step<A> {
  /** P_m */
  readonly matrices: A;
  readonly gradient: A;
  readonly saved: Saved;
}

function products<A>(backend: Backend<A>, rows: A) {
  return {
    project: (matrices: A) => backend.matmul(rows, matrices, { transposeB: true }),
    /** Σ over neurons: `[C, N, k]` to `[C, k, d]`. */
    onMatrices: (onProjected: A) => backend.matmul(onProjected, rows, { transposeA: true }),
  };
}

/** P_0 to P_M, with what each step was made of. */
function takeSteps<A>(
  backend: Backend<A>,
  rows: A,
  initial: A,
  objective: InnerObjective<A>,
  { steps, rate }: Pick<InnerSteps, "steps" | "rate">,
): { readonly path: Step<A>[]; readonly matrices: A } {
  const { project, onMatrices } = products(backend, rows);
  const path: Step<A>[] = [];
  let matrices = initial;
  for (let m = 0; m < steps; m++) {
    const { gradient, saved } = objective.differentiate(project(matrices));
    path.push({ matrices, gradient, saved });
    matrices = backend.combine([
      [1, matrices],
      [rate, onMatrices(gradient)],
    ]);
  }
  return { path, matrices };
}

/** The energy at P_M alone: the steps need their gradients, the end needs none. */
export function composeInnerEnergy<A>(
  { backend, rows, energyAt }: ComposeContext<A>,
  initial: A,
  objective: InnerObjective<A>,
  inner: InnerSteps,
): ComposedEnergy<A> {
  const { matrices } = takeSteps(backend, rows, initial, objective, inner);
  return { energy: backend.reduce(energyAt(products(backend, rows).project(matrices)), "mean").energy };
}

/** @param initial P_0, `[C, k, d]`; the energy is the mean over C. */
export function composeInnerSteps<A>(
  { backend, rows, at }: ComposeContext<A>,
  initial: A,
  objective: InnerObjective<A>,
  { steps, rate, through }: InnerSteps,
): Composed<A> & { readonly matrices: A } {
  const { project, onMatrices } = products(backend, rows);
  /** Σ over projections: `[C, N, k]` and `[C, k, d]` to `[1, N, d]`. */
  const onRows = (onProjected: A, matrices: A) => backend.matmul(onProjected, matrices, { sumBatch: true });

  const { path, matrices } = takeSteps(backend, rows, initial, objective, { steps, rate });
  const outer = at(project(matrices));
  const { energy, weights } = backend.reduce(outer.energy, "mean");
  const onProjected = backend.scaleBatch(outer.gradient, weights);
  let gradient = onRows(onProjected, matrices);
  if (through === "unrolled" && steps > 0) {
    let lambda = onMatrices(onProjected);
    for (const step of path.reverse()) {
      const product = objective.product(step.saved, project(lambda));
      gradient = backend.combine([
        [1, gradient],
        [rate, onRows(step.gradient, lambda)],
        [rate, onRows(product.rows, step.matrices)],
        ...(product.reference === undefined ? [] : [[rate, product.reference] as const]),
      ]);
      lambda = backend.combine([
        [1, lambda],
        [rate, onMatrices(product.rows)],
      ]);
    }
  }
  return { energy, gradient, matrices };
}
