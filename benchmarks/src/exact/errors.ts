import type { StepResult } from "../candidates/candidate.js";
import type { TaskLayer } from "../task/task.js";
import type { LayerTruth } from "./truth.js";

export interface Errors {
  /** Of the worst layer: |E − E*|/|E*|. */
  readonly energy: number;
  /** Of the worst layer: largest error of an entry over the largest entry. */
  readonly gradient: number;
}

/** A candidate that is further off than this computes something else: it is reported as wrong, and not timed. */
export const wrong: Errors = { energy: 1e-4, gradient: 1e-3 };

export function errorsOf(layers: readonly TaskLayer[], result: StepResult, truth: readonly LayerTruth[]): Errors {
  const each = layers.map(({ dim }, n) => {
    const { energy, rows, gradient } = truth[n]!;
    const got = result.gradients[n]!;
    let [largest, error] = [0, 0];
    rows.forEach((row, at) => {
      for (let k = 0; k < dim; k++) {
        const expected = gradient[at * dim + k]!;
        largest = Math.max(largest, Math.abs(expected));
        const off = Math.abs(got[row * dim + k]! - expected);
        // A NaN is kept: nothing is larger.
        if (off > error || Number.isNaN(off)) error = off;
      }
    });
    return { energy: Math.abs(result.energies[n]! - energy) / Math.abs(energy), gradient: error / largest };
  });
  const worst = (values: number[]) => (values.some(Number.isNaN) ? Number.NaN : Math.max(...values));
  return { energy: worst(each.map(({ energy }) => energy)), gradient: worst(each.map(({ gradient }) => gradient)) };
}

export function isWrong({ energy, gradient }: Errors): boolean {
  return !(energy <= wrong.energy && gradient <= wrong.gradient);
}
